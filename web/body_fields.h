/* SPDX-License-Identifier: Apache-2.0 */
/* The members of every JSON body the API takes. */
#pragma once

#include "daemon/jobs.h"
#include "daemon/library.h"
#include "daemon/tokens.h"
#include "json_body.h"

struct media_profile {
	char profile[sizeof((struct library_media_add *)0)->profile];
};

struct tape_protect {
	bool write_protected;
};

struct scan {
	char pool[LIBRARY_PATH_MAX];
};

struct media_words {
	const char *id, *notes; /* borrowed from the body; NULL: not said */
	unsigned tag_count;
	char tags[32][33];
};

extern const struct json_field import_fields[];        /* into struct library_import */
extern const struct json_field scan_fields[];          /* into struct scan */
extern const struct json_field verify_fields[];        /* into struct library_verify */
extern const struct json_field media_words_fields[];   /* into struct media_words */
extern const struct json_field load_fields[];          /* into struct library_load */
extern const struct json_field media_add_fields[];     /* into struct library_media_add */
extern const struct json_field media_profile_fields[]; /* into struct media_profile */
extern const struct json_field drive_add_fields[];     /* into struct library_drive_add */
extern const struct json_field tape_create_fields[];   /* into struct library_tape_create */
extern const struct json_field token_fields[];         /* into struct library_token_create */
extern const struct json_field tape_protect_fields[];  /* into struct tape_protect */
extern const struct json_field
	export_add_fields[]; /* into struct library_export_put, as the next */
extern const struct json_field export_put_fields[]; /* without a name, which is in the path */
