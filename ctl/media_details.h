/* SPDX-License-Identifier: Apache-2.0 */
/* What was found inside an image, for people. */
#pragma once

#include <jansson.h>

/*
 * A field a line, as print_field, of the "details" of GET /api/v1/media/MEDIUM/details: how it
 * boots, its partitions, what its volumes are called and when they were made. Nothing for null.
 */
void media_details_print(const json_t *details);
