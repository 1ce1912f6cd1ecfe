/* SPDX-License-Identifier: Apache-2.0 */
/* The members of the JSON of details that are a field each: one row of a table. */
#pragma once

#include <jansson.h>

#include "inspect/details.h"

/* Into the objects of `json` that are there; "partitions" is made when it has something. */
void json_fields_add(json_t *json, const struct image_details *details);
/* Out of them. Fields without a member become what says that there is none. */
void json_fields_take(const json_t *json, struct image_details *ret);
