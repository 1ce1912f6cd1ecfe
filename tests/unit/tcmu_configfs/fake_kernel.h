/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel target for tests: a tree in a temporary directory that behaves as configfs does where it
 * matters. Making a directory brings its attributes, removing takes them along but refuses (EBUSY,
 * ENOTEMPTY) what is linked or holds something made; enabling a backstore makes its uio device.
 *
 * Every change is noted as "make PATH", "remove PATH", "write PATH VALUE", "link PATH", "unlink
 * PATH", with PATH below "target", and any of them can be made to fail.
 */
#pragma once

#include "configfs.h"

extern struct configfs fake; /* what the code under test is given */

/* For cmocka_unit_test_setup_teardown. */
int fake_setup(void **state);
int fake_teardown(void **state);

/* From now on every change whose note begins with `note` fails; NULL: none does. */
void fake_fail(const char *note, int failure);

/* `count` changes from that one on, counted as fake_note does, fail; 0: none does. */
void fake_fail_at(int index, int count, int failure);

int fake_count(void);   /* changes noted, failed ones too */
void fake_forget(void); /* the notes so far */
const char *fake_note(int index);
int fake_when(const char *note); /* the index of the first note that begins so; -1 */

/* A file of the tree, made or overwritten, and read. `path` is below the root. */
void fake_put(const char *path, const char *value);
bool fake_has(const char *path);
void fake_assert_file(const char *path, const char *value);
/* A backstore of whoever, as the kernel shows it. */
void fake_put_backstore(const char *hba, const char *name, const char *config, bool enabled);
/* … with our mark: one that an earlier daemon left. */
void fake_put_ours(const char *hba, const char *name, const char *config, bool enabled);

#define FAKE_TARGET "sys/kernel/config/target"
