/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "util/residency.h"

enum { PAGES = 600 };

static uint64_t page;

/* A hole in the page cache of a file in memory is a page that was never written to. */
static int file_without(uint64_t hole)
{
	uint8_t *bytes = calloc(1, page);
	int fd = memfd_create("residency", MFD_CLOEXEC);
	assert_true(fd >= 0 && bytes && ftruncate(fd, (off_t)(PAGES * page)) == 0);
	for (uint64_t i = 0; i < PAGES; i++)
		if (i != hole)
			assert_int_equal(pwrite(fd, bytes, page, (off_t)(i * page)), page);
	free(bytes);
	return fd;
}

static void what_is_missing_is_noticed(void **state)
{
	static const uint64_t holes[] = {0, 1, 2, 7, 255, 256, 257, PAGES - 1};
	for (size_t i = 0; i < sizeof holes / sizeof holes[0]; i++) {
		struct residency residency;
		uint64_t hole = holes[i];
		int fd = file_without(hole);
		residency_open(&residency, fd, PAGES * page);
		assert_non_null(residency.map);
		assert_false(residency_of(&residency, 0, PAGES * page));
		assert_false(residency_of(&residency, hole * page, 1));
		assert_false(residency_of(&residency, hole * page + page - 1, 1));
		assert_true(hole == 0 || residency_of(&residency, 0, hole * page));
		assert_true(hole == 0 || residency_of(&residency, hole * page - 1, 1));
		assert_true(hole == PAGES - 1 ||
			    residency_of(&residency, (hole + 1) * page, (PAGES - hole - 1) * page));
		residency_close(&residency);
		close(fd);
	}
}

static void beyond_the_end_nothing_is_there(void **state)
{
	struct residency residency;
	int fd = file_without(PAGES);
	residency_open(&residency, fd, PAGES * page);
	assert_true(residency_of(&residency, 0, PAGES * page));
	assert_false(residency_of(&residency, 0, PAGES * page + 1));
	assert_false(residency_of(&residency, PAGES * page + 1, 0));
	assert_false(residency_of(&residency, UINT64_MAX, 2));
	/* And what was cut off is not, either. */
	assert_int_equal(ftruncate(fd, (off_t)page), 0);
	assert_true(residency_of(&residency, 0, page));
	assert_false(residency_of(&residency, 0, 2 * page));
	residency_close(&residency);
	close(fd);
}

/* The slower way, on a file that the page cache holds; a file system may not have it at all. */
static void without_a_mapping_bytes_are_read(void **state)
{
	char path[] = "/var/tmp/residency-XXXXXX";
	uint8_t *bytes = calloc(PAGES, page);
	int fd = mkstemp(path);
	assert_true(fd >= 0 && bytes);
	unlink(path);
	assert_int_equal(write(fd, bytes, PAGES * page - 100), PAGES * page - 100);
	struct residency residency = {.fd = fd, .size = PAGES * page};
	struct iovec iov = {bytes, 1};
	bool known = preadv2(fd, &iov, 1, 0, RWF_NOWAIT) == 1;
	static const uint64_t offsets[] = {0, 1, 4095, 4096, 5000, 8191, 100000};
	static const uint64_t lengths[] = {1, 2, 4095, 4096, 4097, 8192, 65536, 1 << 20};
	for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++)
		for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++)
			assert_int_equal(residency_of(&residency, offsets[i], lengths[k]), known);
	assert_int_equal(residency_of(&residency, 0, PAGES * page - 100), known);
	/* The file is shorter than it was said to be. */
	assert_int_equal(ftruncate(fd, (off_t)(PAGES - 2) * (off_t)page), 0);
	assert_false(residency_of(&residency, 0, PAGES * page));
	assert_false(residency_of(&residency, 0, (PAGES - 1) * page));
	assert_int_equal(residency_of(&residency, 0, (PAGES - 2) * page), known);
	free(bytes);
	close(fd);
}

int main(void)
{
	page = (uint64_t)sysconf(_SC_PAGESIZE);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_noticed),
		cmocka_unit_test(beyond_the_end_nothing_is_there),
		cmocka_unit_test(without_a_mapping_bytes_are_read),
	};
	return cmocka_run_group_tests_name("util/residency", tests, NULL, NULL);
}
