/* SPDX-License-Identifier: Apache-2.0 */
/* PERSISTENT RESERVE OUT as tests send it. */
#pragma once

#include "support.h"

#include "drive.h"
#include "util/bytes.h"

enum { REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT, REGISTER_AND_IGNORE, MOVE };
enum { READ_KEYS, READ_RESERVATION, REPORT_CAPABILITIES, READ_FULL_STATUS };
enum { WE = 1, EA = 3, WE_RO = 5, EA_RO = 6, WE_AR = 7, EA_AR = 8 };
enum { APTPL = 1, ALL_TG_PT = 4, SPEC_I_PT = 8 };

static inline struct request *pr_out_list(struct scsi_nexus *nexus, unsigned action, unsigned type,
	const uint8_t *list, uint32_t length, size_t sent)
{
	uint8_t cdb[16] = {0x5f, (uint8_t)action, (uint8_t)type};
	put_be32(cdb + 5, length);
	return send_out(nexus, cdb, list, sent);
}

static inline struct request *pr_out_flags(struct scsi_nexus *nexus, unsigned action, unsigned type,
	uint64_t key, uint64_t action_key, unsigned flags)
{
	uint8_t list[24] = {0};
	put_be64(list, key);
	put_be64(list + 8, action_key);
	list[20] = (uint8_t)flags;
	return pr_out_list(nexus, action, type, list, sizeof list, sizeof list);
}

static inline struct request *pr_out(
	struct scsi_nexus *nexus, unsigned action, unsigned type, uint64_t key, uint64_t action_key)
{
	return pr_out_flags(nexus, action, type, key, action_key, 0);
}

static inline struct request *pr_in(struct scsi_nexus *nexus, unsigned action, uint16_t length)
{
	uint8_t cdb[16] = {0x5e, (uint8_t)action};
	put_be16(cdb + 7, length);
	return send_in(nexus, cdb, length);
}

static inline void assert_conflict(const struct request *request)
{
	assert_int_equal(request->completed, 1);
	assert_int_equal(request->cmd.status, SCSI_STATUS_RESERVATION_CONFLICT);
}

static inline void register_key(struct scsi_nexus *nexus, uint64_t key)
{
	assert_good(pr_out(nexus, REGISTER_AND_IGNORE, 0, 0, key));
}
