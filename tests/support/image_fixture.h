/* SPDX-License-Identifier: Apache-2.0 */
/* Small images for tests, made in memory. The caller frees them. */
#pragma once

#include <stdint.h>

/* A primary volume descriptor and a terminator; every other block begins with its address. */
uint8_t *image_iso(uint32_t blocks, const char *name);
/* Adds a Joliet descriptor with this name (ASCII) to an image of image_iso. */
void image_add_joliet(uint8_t *image, const char *name);
/* Adds a UDF recognition sequence behind the ISO 9660 one, an anchor, and a volume. */
void image_add_udf(uint8_t *image, uint32_t blocks, const char *name);
/* The root directory of an image of image_iso, in its block 30: one directory in it, of that name.
 */
void image_add_directory(uint8_t *image, const char *name);
/* What revision of UDF the volume of image_add_udf says it is: 0x0250. */
void image_set_revision(uint8_t *image, uint16_t revision);
/* UDF alone. */
uint8_t *image_udf(uint32_t blocks, const char *name);
