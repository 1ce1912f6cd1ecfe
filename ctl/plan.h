/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be done so that a library is what a file says. Making a plan changes nothing. */
#pragma once

#include "declared.h"

struct plan {
	struct cli *cli;
	const struct declared *declared;
	json_t *drives, *exports; /* that there are now */
	json_t *staying;          /* those of them that the file does not name: "drive dvd3" */
	/*
	 * In the order in which they are done. Each has "action" (add, change, remove), "kind",
	 * "name" and "what", which people are shown; and "method", "path" and "body", which is
	 * sent; and "table", that of the file which wants it. One without "what" only sends again
	 * what cannot be compared.
	 */
	json_t *steps;
};

/* EXIT_OK, or it has complained. */
enum exit_code plan_make(struct cli *cli, const struct declared *declared, struct plan *ret);
void plan_finish(struct plan *plan);

/* The lines of it: "+ drive dvd0 (dvd-rom)". */
void plan_print(const struct plan *plan);

/* How many steps people are shown. */
size_t plan_size(const struct plan *plan);

/* ---- its parts -------------------------------------------------------------------------------
 */

enum exit_code plan_drives(struct plan *plan);
enum exit_code plan_exports(struct plan *plan);
enum exit_code plan_media(struct plan *plan);

/* The medium that a key of a table names; it has complained when there is none. */
enum exit_code plan_medium_find(
	const struct plan *plan, const json_t *table, const char *key, json_t **ret);

struct step {
	const char *action, *kind, *name;
	const char *what; /* "" is a step that nobody is shown */
	const char *method;
	const char *before, *after; /* of the name, in the path */
	json_t *body;               /* taken over; NULL: none */
	const json_t *table;        /* NULL: it is not in the file */
};

/* What the file does not name, and nobody takes away. */
void plan_keep(struct plan *plan, const char *kind, const char *name);

/* Appended to `steps`. */
void step_add(json_t *steps, const struct step *step);
