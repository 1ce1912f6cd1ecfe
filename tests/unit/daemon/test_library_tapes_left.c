/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes are made where files are already: a daemon that was killed left them, or `media rm`. */
#include "support.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_lab.h"
#include "ssc/native.h"

#define CAPACITY (UINT64_C(4) << 30)

struct left {
	struct lab *lab;
	char first[PATH_MAX], second[PATH_MAX];
};

/* The catalog does not know them. */
static void leave_two(void **state, struct left *ret)
{
	ret->lab = *state;
	assert_ok(tape_create(ret->lab, "ARC", 2, CAPACITY));
	snprintf(ret->first, PATH_MAX, "%s", see_medium(ret->lab, "arc001l8").path);
	snprintf(ret->second, PATH_MAX, "%s", see_medium(ret->lab, "arc002l8").path);
	assert_ok(forget(ret->lab, "arc001l8"));
	assert_ok(forget(ret->lab, "arc002l8"));
}

static struct cartridge *write_block(const char *path)
{
	struct error error = {0};
	struct cartridge *cartridge = native_open(&file_store_posix, path, true, NULL, &error);
	assert_non_null(cartridge);
	assert_int_equal(cart_append(cartridge, 0, "data", 4, COMPRESSION_NONE), 0);
	return cartridge;
}

static ino_t inode_of(const char *path)
{
	struct stat st;
	assert_int_equal(lstat(path, &st), 0);
	return st.st_ino;
}

/* Three are asked for; what was made before the file that is in the way is taken back. */
static void assert_left_alone(struct left *left, const char *path, uint64_t capacity)
{
	ino_t before = inode_of(path);
	unsigned files = lab_count_tape_files(left->lab);
	const struct library_result *result = tape_create(left->lab, "ARC", 3, capacity);
	assert_error(result, ERROR_EXISTS);
	assert_non_null(strstr(result->error.sentence, path));
	assert_non_null(strstr(result->error.remedy, "media add"));
	assert_int_equal(inode_of(path), before);
	assert_int_equal(lab_count_tape_files(left->lab), files);
}

/* ---- taken over -------------------------------------------------------------------------------*/

static void blank_tapes_are_taken_over(void **state)
{
	struct left left;
	leave_two(state, &left);
	ino_t second = inode_of(left.second);
	const struct library_result *result = tape_create(left.lab, "ARC", 3, CAPACITY);
	assert_ok(result);
	assert_int_equal(result->added, 3);
	assert_int_not_equal(see_medium(left.lab, "arc001l8").size, 0);
	assert_int_equal(inode_of(left.second), second);
	assert_int_not_equal(see_medium(left.lab, "arc002l8").size, 0);
	assert_int_equal(lab_count_tape_files(left.lab), 3);
}

static void what_is_taken_over_is_not_taken_back(void **state)
{
	struct left left;
	leave_two(state, &left);
	cart_close(write_block(left.second));
	assert_left_alone(&left, left.second, CAPACITY);
	assert_int_equal(access(left.first, F_OK), 0);
}

/* The daemon was killed while it made that very file. */
static void a_torn_file_is_made_again(void **state)
{
	struct left left;
	char path[PATH_MAX];
	leave_two(state, &left);
	snprintf(path, sizeof path, "%.200s/.ARC003L8.tape.new", left.lab->tape_dir);
	FILE *file = fopen(path, "wx");
	assert_non_null(file);
	fputs("torn", file);
	fclose(file);
	assert_ok(tape_create(left.lab, "ARC", 3, CAPACITY));
	assert_int_equal(lab_count_tape_files(left.lab), 3);
}

/* Somebody finds the files before the catalog has them, which it then never does. */
static int use_meanwhile(const struct file_store *store, const char *path)
{
	if (strstr(path, ".new"))
		return file_store_posix.sync_directory(store, path);
	cart_close(write_block(path));
	return -EIO;
}

static void one_that_was_written_to_is_not_taken_back(void **state)
{
	struct lab *lab = *state;
	char path[PATH_MAX];
	struct file_store store = file_store_posix;
	store.sync_directory = use_meanwhile;
	lab->config.store = &store;
	lab_restart(lab);
	assert_error(tape_create(lab, "ARC", 2, CAPACITY), ERROR_PERMISSION);
	assert_int_equal(lab_count_tape_files(lab), 1);
	lab->config.store = &file_store_posix;
	lab_restart(lab);
	snprintf(path, sizeof path, "%.200s/ARC001L8.tape", lab->tape_dir);
	assert_ok(add(lab, path, ""));
}

/* ---- left alone -------------------------------------------------------------------------------*/

static void one_with_data_can_be_added(void **state)
{
	struct left left;
	leave_two(state, &left);
	cart_close(write_block(left.first));
	assert_left_alone(&left, left.first, CAPACITY);
	assert_ok(add(left.lab, left.first, ""));
	assert_ok(tape_create(left.lab, "ARC", 1, CAPACITY));
}

static void one_that_was_erased_is_left_alone(void **state)
{
	struct left left;
	leave_two(state, &left);
	struct cartridge *cartridge = write_block(left.second);
	assert_int_equal(cart_commit(cartridge, true), 0);
	assert_int_equal(cart_erase(cartridge, 0), 0);
	cart_close(cartridge);
	assert_left_alone(&left, left.second, CAPACITY);
}

static void one_of_another_size_is_left_alone(void **state)
{
	struct left left;
	leave_two(state, &left);
	assert_int_equal(unlink(left.first), 0);
	assert_left_alone(&left, left.second, 2 * CAPACITY);
}

static void one_of_another_barcode_is_left_alone(void **state)
{
	struct left left;
	leave_two(state, &left);
	assert_int_equal(rename(left.first, left.second), 0);
	assert_left_alone(&left, left.second, CAPACITY);
}

static void one_behind_a_link_is_left_alone(void **state)
{
	struct left left;
	char elsewhere[PATH_MAX];
	leave_two(state, &left);
	snprintf(elsewhere, sizeof elsewhere, "%.200s/elsewhere", left.lab->tape_dir);
	assert_int_equal(rename(left.second, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, left.second), 0);
	assert_left_alone(&left, left.second, CAPACITY);
}

static void one_that_somebody_has_is_left_alone(void **state)
{
	struct left left;
	leave_two(state, &left);
	int fd = file_store_posix.open(&file_store_posix, left.second, true);
	assert_in_range(fd, 0, INT_MAX);
	assert_left_alone(&left, left.second, CAPACITY);
	file_store_posix.close(&file_store_posix, fd);
}

static void what_is_no_tape_is_left_alone(void **state)
{
	struct left left;
	leave_two(state, &left);
	assert_int_equal(truncate(left.second, 0), 0);
	assert_left_alone(&left, left.second, CAPACITY);
}

#define LEFT(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEFT(blank_tapes_are_taken_over),
		LEFT(what_is_taken_over_is_not_taken_back),
		LEFT(a_torn_file_is_made_again),
		LEFT(one_that_was_written_to_is_not_taken_back),
		LEFT(one_with_data_can_be_added),
		LEFT(one_that_was_erased_is_left_alone),
		LEFT(one_of_another_size_is_left_alone),
		LEFT(one_of_another_barcode_is_left_alone),
		LEFT(one_behind_a_link_is_left_alone),
		LEFT(one_that_somebody_has_is_left_alone),
		LEFT(what_is_no_tape_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
