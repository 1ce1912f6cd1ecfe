/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "directory.h"
#include "scsi/told.h"
#include "told_file.h"
#include "util/error.h"

enum { SLOT = 68 * 1024, BOOT_AT = 20, RECORD_AT = 60 };

static uint8_t record[SCSI_TOLD_MAX + 1], found[SCSI_TOLD_MAX];

static struct told_file *open_file(void **state)
{
	struct told_file *file = told_file_open(*state, "dvd0", NULL);
	assert_non_null(file);
	return file;
}

static struct told_file *reopen(struct told_file *file, void **state)
{
	told_file_close(file);
	return open_file(state);
}

static void assert_holds(struct told_file *file, const char *text)
{
	memset(found, 0xee, sizeof found);
	assert_int_equal(told_file_read(file, found, sizeof found), strlen(text));
	assert_memory_equal(found, text, strlen(text));
}

static void put(struct told_file *file, const char *text)
{
	assert_true(told_file_write(file, text, strlen(text)));
}

static void a_new_file_has_no_record(void **state)
{
	struct told_file *file = open_file(state);
	assert_int_equal(told_file_read(file, found, sizeof found), 0);
	told_file_close(file);
}

static void the_latest_record_comes_back(void **state)
{
	struct told_file *file = open_file(state);
	static const char *const texts[] = {"one", "two", "three", "four", "five"};
	for (unsigned i = 0; i < 5; i++) {
		put(file, texts[i]);
		assert_holds(file, texts[i]);
		file = reopen(file, state);
		assert_holds(file, texts[i]);
	}
	told_file_close(file);
}

static void the_largest_record_fits_and_no_larger(void **state)
{
	struct told_file *file = open_file(state);
	memset(record, 0x5a, sizeof record);
	assert_true(told_file_write(file, record, SCSI_TOLD_MAX));
	assert_false(told_file_write(file, record, SCSI_TOLD_MAX + 1));
	assert_false(told_file_write(file, record, 0));
	assert_int_equal(told_file_read(file, found, sizeof found), SCSI_TOLD_MAX);
	assert_memory_equal(found, record, SCSI_TOLD_MAX);
	assert_int_equal(told_file_read(file, found, SCSI_TOLD_MAX - 1), 0);
	told_file_close(file);
}

static void a_removed_record_is_gone(void **state)
{
	struct told_file *file = open_file(state);
	put(file, "one");
	told_file_close(file);
	told_file_remove(*state, "dvd0");
	a_new_file_has_no_record(state);
}

/* Changes one byte of the file, as a bad disk or a bad program would. */
static void flip(void **state, off_t offset)
{
	uint8_t byte;
	int fd = open(in_directory(state, "dvd0"), O_RDWR);
	assert_int_equal(pread(fd, &byte, 1, offset), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
	close(fd);
}

static void any_changed_byte_of_the_latest_slot_brings_back_the_one_before(void **state)
{
	for (off_t offset = 0; offset < RECORD_AT + 8; offset++) {
		struct told_file *file = open_file(state);
		put(file, "before");
		put(file, "latest");
		told_file_close(file);
		/* The first write went to the first slot. */
		flip(state, SLOT + offset);
		file = open_file(state);
		if (offset < RECORD_AT + 6)
			assert_holds(file, "before");
		else
			assert_holds(file, "latest");
		told_file_close(file);
		told_file_remove(*state, "dvd0");
	}
}

static void a_record_that_changes_under_us_is_not_believed(void **state)
{
	struct told_file *file = open_file(state);
	put(file, "one");
	flip(state, RECORD_AT);
	assert_int_equal(told_file_read(file, found, sizeof found), 0);
	told_file_close(file);
}

static void garbage_of_any_size_is_no_record(void **state)
{
	for (int size = 0; size < 200000; size += 33333) {
		int fd = open(in_directory(state, "dvd0"), O_RDWR | O_CREAT | O_TRUNC, 0600);
		for (int i = 0; i < size; i += 4) {
			int value = rand();
			assert_int_equal(write(fd, &value, 4), 4);
		}
		close(fd);
		struct told_file *file = open_file(state);
		assert_int_equal(told_file_read(file, found, sizeof found), 0);
		put(file, "works");
		file = reopen(file, state);
		assert_holds(file, "works");
		told_file_close(file);
	}
}

static void sequence_numbers_wrap_around(void **state)
{
	struct told_file *file = open_file(state);
	put(file, "one");
	told_file_close(file);
	/* A record numbered UINT64_MAX, which only somebody who means it can have made. */
	struct {
		uint32_t magic, version;
		uint64_t sequence;
		uint32_t length;
		char boot[36];
		uint32_t checksum;
		char text[4];
	} slot = {0x444c4f54, 3, UINT64_MAX, 4, {0}, 0, "last"};
	int fd = open(in_directory(state, "dvd0"), O_RDWR);
	assert_int_equal(pread(fd, slot.boot, sizeof slot.boot, BOOT_AT), sizeof slot.boot);
	uLong sum = crc32(0, (const Bytef *)&slot.sequence, 12 + sizeof slot.boot);
	slot.checksum = (uint32_t)crc32(sum, (const Bytef *)slot.text, sizeof slot.text);
	assert_int_equal(pwrite(fd, &slot, sizeof slot, SLOT), sizeof slot);
	assert_int_equal(ftruncate(fd, 2 * SLOT), 0);
	assert_int_equal(pwrite(fd, "", 1, 8), 1); /* the other slot is not whole */
	close(fd);
	file = open_file(state);
	assert_holds(file, "last");
	put(file, "next");
	file = reopen(file, state);
	assert_holds(file, "next");
	told_file_close(file);
}

/* On a file system that keeps its files: whoever was told is gone. */
static void a_record_of_another_boot_is_none(void **state)
{
	static const char other[36] = "01234567-89ab-cdef-0123-456789abcdef";
	struct told_file *file = open_file(state);
	put(file, "one");
	told_file_close(file);
	struct {
		uint64_t sequence;
		uint32_t length;
		char boot[36];
	} slot;
	int fd = open(in_directory(state, "dvd0"), O_RDWR);
	assert_int_equal(pread(fd, &slot, 12 + sizeof slot.boot, 8), 12 + sizeof slot.boot);
	assert_memory_not_equal(slot.boot, other, sizeof other);
	memcpy(slot.boot, other, sizeof other);
	uLong sum = crc32(0, (const Bytef *)&slot, 12 + sizeof slot.boot);
	uint32_t checksum = (uint32_t)crc32(sum, (const Bytef *)"one", 3);
	assert_int_equal(pwrite(fd, other, sizeof other, BOOT_AT), sizeof other);
	assert_int_equal(pwrite(fd, &checksum, sizeof checksum, RECORD_AT - 4), sizeof checksum);
	close(fd);
	file = open_file(state);
	assert_int_equal(told_file_read(file, found, sizeof found), 0);
	put(file, "two");
	file = reopen(file, state);
	assert_holds(file, "two");
	told_file_close(file);
}

static void what_is_no_regular_file_is_refused(void **state)
{
	struct error error;
	assert_int_equal(symlink("/etc/passwd", in_directory(state, "dvd0")), 0);
	assert_null(told_file_open(*state, "dvd0", &error));
	assert_int_equal(error.code, ERROR_PERMISSION);
	assert_int_equal(mkfifo(in_directory(state, "dvd1"), 0600), 0);
	assert_null(told_file_open(*state, "dvd1", &error));
	assert_null(told_file_open(*state, "../dvd2", &error));
	assert_int_equal(error.code, ERROR_INVALID);
}

/* A record of which every part says its number; its length differs from its neighbours'. */
static size_t make_record(uint32_t number)
{
	uint32_t *words = (uint32_t *)(void *)record;
	size_t count = 1000 + number % 7000;
	for (size_t i = 0; i < count; i++)
		words[i] = number;
	return count * sizeof *words;
}

static void write_until_killed(void **state, volatile uint32_t *written)
{
	struct told_file *file = told_file_open(*state, "dvd0", NULL);
	for (uint32_t number = *written + 1;; number++) {
		told_file_write(file, record, make_record(number));
		*written = number;
	}
}

static void assert_whole(void **state, uint32_t at_least)
{
	struct told_file *file = open_file(state);
	size_t length = told_file_read(file, found, sizeof found);
	told_file_close(file);
	assert_true(length > 0 || at_least == 0);
	if (length == 0)
		return;
	uint32_t number;
	memcpy(&number, found, sizeof number);
	assert_true(number >= at_least);
	assert_int_equal(length, make_record(number));
	assert_memory_equal(found, record, length);
}

static void a_whole_record_survives_kill_9_at_any_instant(void **state)
{
	volatile uint32_t *written =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	/* On a busy machine some are killed before they have written anything. */
	for (unsigned round = 0; round < 150 || *written <= 150; round++) {
		pid_t child = fork();
		if (child == 0)
			write_until_killed(state, written);
		usleep(500 + (useconds_t)rand() % 2500);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		assert_whole(state, *written);
	}
	assert_true(*written > 150);
	munmap((void *)(uintptr_t)written, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(a_new_file_has_no_record),
		IN_DIRECTORY(the_latest_record_comes_back),
		IN_DIRECTORY(the_largest_record_fits_and_no_larger),
		IN_DIRECTORY(a_removed_record_is_gone),
		IN_DIRECTORY(any_changed_byte_of_the_latest_slot_brings_back_the_one_before),
		IN_DIRECTORY(a_record_that_changes_under_us_is_not_believed),
		IN_DIRECTORY(garbage_of_any_size_is_no_record),
		IN_DIRECTORY(sequence_numbers_wrap_around),
		IN_DIRECTORY(a_record_of_another_boot_is_none),
		IN_DIRECTORY(what_is_no_regular_file_is_refused),
		IN_DIRECTORY(a_whole_record_survives_kill_9_at_any_instant),
	};
	return cmocka_run_group_tests_name("daemon/told_file", tests, NULL, NULL);
}
