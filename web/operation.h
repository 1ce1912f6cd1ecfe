/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meeting of a waiting request and the library operation it waits for. Either side may leave
 * first: the client, because its connection or the server ends, or the library, because it is done.
 *
 * A lot is the set of operations that are waited for. It lives until the server and every operation
 * have let go of it, so that a completion may arrive after the server is gone.
 */
#pragma once

#include <stdbool.h>

#include "daemon/library.h"

struct lot;
struct operation;

enum operation_outcome {
	OPERATION_RUNNING,
	OPERATION_DONE,      /* the result is there */
	OPERATION_ABANDONED, /* the server stops; the library goes on */
};

struct lot *lot_create(void);

/* One more request, and one less. False: the server stops, turn it away. Leave in either case. */
bool lot_enter(struct lot *lot);
void lot_leave(struct lot *lot);

/* Wakes every waiting request as ABANDONED and lets none wait any more. */
void lot_close(struct lot *lot);

/* Waits until no request is inside, at most `seconds`. */
void lot_drain(struct lot *lot, unsigned seconds);

/* Gives up the server's reference. */
void lot_release(struct lot *lot);

/*
 * Makes the caller wait: suspend(waiter) is called before this returns, and resume(waiter) once,
 * from any thread, when there is an outcome. Both are called with the lot locked. NULL when the
 * lot is closed or without memory.
 *
 * The caller holds the new operation until operation_release, and passes it to the library as the
 * context of operation_done.
 */
struct operation *operation_begin(
	struct lot *lot, void (*suspend)(void *waiter), void (*resume)(void *waiter), void *waiter);

/* A library_done. */
void operation_done(void *operation, const struct library_result *result);

enum operation_outcome operation_outcome(struct operation *operation);

/* Valid once the outcome is DONE, until operation_release. */
const struct library_result *operation_result(const struct operation *operation);

void operation_release(struct operation *operation);
