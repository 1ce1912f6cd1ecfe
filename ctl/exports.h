/* SPDX-License-Identifier: Apache-2.0 */
/* What commands about exports share. */
#pragma once

#include <jansson.h>

#include "client.h"

/* Reads one export: a new reference. */
enum exit_code export_read(const struct cli *cli, const char *name, json_t **ret);

/* The table of sessions, on stdout; without the export where all are of one. */
void session_print_all(const struct cli *cli, const json_t *sessions, bool of_one);

enum { SESSIONS_TEXT_MAX = 32 };

/* "2 sessions", those that a change closes; "" for none. Returns ret. */
const char *closed_sessions(const json_t *export, char ret[SESSIONS_TEXT_MAX]);
