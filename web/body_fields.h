/* SPDX-License-Identifier: Apache-2.0 */
/* The members of every JSON body the API takes. */
#pragma once

#include "json_body.h"

extern const struct json_field load_fields[];      /* into struct library_load */
extern const struct json_field media_add_fields[]; /* into struct library_media_add */
extern const struct json_field drive_add_fields[]; /* into struct library_drive_add */
