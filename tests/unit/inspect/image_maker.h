/* SPDX-License-Identifier: Apache-2.0 */
/* Images made by common tools from a tree of files, and what is found in them. */
#pragma once

#include "inspect/details.h"

/* For cmocka_run_group_tests: a directory of this program's own. */
int maker_begin(void **state);
int maker_end(void **state);

/* Skips the test when a program is not there. */
void maker_require(const char *tool);
/* An empty tree again. */
void maker_clear(void);
/* A file of the tree ("sources/cversion.ini"); directories are made. */
void maker_put(const char *path, const void *bytes, size_t length);
void maker_write(const char *path, const char *text);
/* A program for UEFI in the tree ("EFI/BOOT/BOOTX64.EFI"), for such a processor. */
void maker_program(const char *path, uint16_t machine);
/* A boot image for UEFI in the tree, FAT12, with one program in its EFI/BOOT. */
void maker_boot_image(const char *path, const char *program, uint16_t machine);
/* A shell command in which $I is the image, $T the tree and $D the directory of both. */
void maker_run(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The image's path; whatever it is now. */
const char *maker_image(void);

/* What looking at a file costs. */
struct maker_cost {
	unsigned reads;
	uint64_t bytes;
};

/* Details of the image; must succeed. `database`, `file_name` and `ret_cost` may be NULL. */
struct image_details maker_details(
	const char *file_name, struct os_database *database, struct maker_cost *ret_cost);
/* The same, of the image that xorriso makes with this label. */
struct image_details maker_labelled(const char *volume_id);
