/* SPDX-License-Identifier: Apache-2.0 */
/* From connection to session: the login phase on the wire. */
#pragma once

#include <stdbool.h>

struct connection;

bool enter_header(struct connection *connection);
void enter_pdu(struct connection *connection);
/* The former session has ended. */
void enter_resume(struct connection *connection);
