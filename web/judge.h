/* SPDX-License-Identifier: Apache-2.0 */
/* What the head of a request says, before anything is done about it. */
#pragma once

#include <stdbool.h>

struct error;
struct exchange;

/*
 * May this caller ask this, in this form? Sets the route and the parameters of the request. False:
 * with the reason, and with what the answer is to say besides (Allow, Retry-After, Connection).
 */
bool judge(struct exchange *exchange, const char *method, struct error *error);
