/* SPDX-License-Identifier: Apache-2.0 */
/* Names that fit a URL, a file name and a shell without quoting, and checks of foreign text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "catalog/catalog.h"

enum { CATALOG_DRIVE_NAME_MAX = 32 }; /* characters */

/* [a-z0-9][a-z0-9._-]*, at most `max` characters. */
bool name_is_valid(const char *name, size_t max);

/* "/srv/Debian 12.iso" is "debian-12". Always a valid name, at most 48 characters. */
void name_from_path(const char *path, char ret[CATALOG_ID_MAX]);

/* The name with a number behind it: "debian-12-2", the name cut where the number needs room. */
void name_numbered(const char *name, unsigned number, char ret[CATALOG_ID_MAX]);

/* The barcode in lower case. */
void name_from_barcode(const char *barcode, char ret[CATALOG_ID_MAX]);

/* No stray bytes, surrogates or overlong forms: what is not UTF-8 cannot be shown as JSON. */
bool text_is_utf8(const char *text);
