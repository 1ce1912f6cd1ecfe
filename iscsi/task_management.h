/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Task management (RFC 7143 11.5, 11.6, SAM-5 7): the answer goes out after the effect, when every
 * task that was aborted is over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/list.h"

struct session;

enum management_function {
	MANAGEMENT_ABORT_TASK = 1,
	MANAGEMENT_ABORT_TASK_SET = 2,
	MANAGEMENT_CLEAR_ACA = 3,
	MANAGEMENT_CLEAR_TASK_SET = 4,
	MANAGEMENT_LUN_RESET = 5,
	MANAGEMENT_TARGET_WARM_RESET = 6,
	MANAGEMENT_TARGET_COLD_RESET = 7,
	MANAGEMENT_TASK_REASSIGN = 8,
};

enum management_response {
	MANAGEMENT_COMPLETE = 0,
	MANAGEMENT_NO_TASK = 1,
	MANAGEMENT_NO_LUN = 2,
	MANAGEMENT_NO_REASSIGN = 4,
	MANAGEMENT_NOT_SUPPORTED = 5,
};

/* A function whose effect is not complete. */
struct management {
	struct list link; /* session->managements */
	uint32_t tag;
	enum management_response response;
	unsigned waiting; /* tasks of this session that are not over */
	int lun_index;    /* tasks of other sessions here, too; -1: no */
	bool all_luns;
	bool closes; /* all sessions of the target, afterwards */
};

void management_pdu(struct session *session);
/* A task is over, or it is time to look again. */
void management_progress(struct session *session);
void management_drop_all(struct session *session);
