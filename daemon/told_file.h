/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file that keeps what hosts were told (scsi/told.h) while carouseld is not running: mapped,
 * never synced, so a write costs a copy and a checksum. It survives kill -9 and an upgrade, and is
 * gone at reboot with the devices whose hosts were told.
 *
 * Two slots are written in turn: at any instant one of them is whole. A slot counts when magic,
 * version, length and checksum are right; the one with the later sequence number is the record.
 * One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct error;
struct told_file;

/*
 * Opens or creates DIRECTORY/NAME. Whatever is in the file, or is not, is no error: it has a record
 * or it has none. PERMISSION: cannot be opened, is no regular file, or there is no room for it.
 */
struct told_file *told_file_open(const char *directory, const char *name, struct error *error);
void told_file_close(struct told_file *file); /* NULL is allowed */
/* Forgets the record of a drive that is gone. */
void told_file_remove(const char *directory, const char *name);

/* False: longer than SCSI_TOLD_MAX, or empty; the record before stays. */
bool told_file_write(struct told_file *file, const void *record, size_t length);
/* Copies the latest record. 0: there is none, or it does not fit. */
size_t told_file_read(struct told_file *file, void *buffer, size_t capacity);
