/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

struct catalog;
struct error;

/*
 * A transaction ends with its scope: committed when transaction_commit said so, else rolled back.
 * Inside another one it is a step that is rolled back alone.
 *
 *	_cleanup_(transaction_finish) struct transaction t = {0};
 *	return transaction_begin(&t, catalog, error) && … && transaction_commit(&t, error);
 */
struct transaction {
	struct catalog *catalog; /* NULL: not begun, or over */
	bool nested;
};

bool transaction_begin(struct transaction *t, struct catalog *catalog, struct error *error);
bool transaction_commit(struct transaction *t, struct error *error);
void transaction_finish(struct transaction *t);
