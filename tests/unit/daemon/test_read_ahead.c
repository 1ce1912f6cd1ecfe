/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "read_ahead.h"

/* A file of so many bytes, each of which tells where it is; it can hang, and fail. */
struct file {
	struct file_io io;
	uint64_t size, fails_at; /* UINT64_MAX: nowhere */
	ssize_t at_most;         /* bytes of one read */
	atomic_uint reads;
};

static uint8_t byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 20));
}

static ssize_t read_file(const struct file_io *io, int fd, const struct iovec *iov, int count,
	uint64_t offset, unsigned flags)
{
	struct file *file = (struct file *)(uintptr_t)io;
	uint8_t *to = iov[0].iov_base;
	atomic_fetch_add(&file->reads, 1);
	if (offset >= file->fails_at)
		return -EIO;
	uint64_t length = file->size - offset;
	if (length > (uint64_t)file->at_most)
		length = (uint64_t)file->at_most;
	for (uint64_t i = 0; i < length; i++)
		to[i] = byte_at(offset + i);
	return (ssize_t)length;
}

static struct file file_of(uint64_t size)
{
	return (struct file){.io = {.preadv = read_file},
		.size = size,
		.fails_at = UINT64_MAX,
		.at_most = READ_AHEAD_PIECE};
}

static uint64_t check_pieces(struct read_ahead *ahead, ssize_t *ret_last)
{
	const uint8_t *piece;
	uint64_t offset = 0;
	while ((*ret_last = read_ahead_next(ahead, &piece)) > 0) {
		for (ssize_t i = 0; i < *ret_last; i++)
			if (piece[i] != byte_at(offset + (uint64_t)i))
				fail_msg("byte %llu", (unsigned long long)offset + (unsigned)i);
		offset += (uint64_t)*ret_last;
	}
	return offset;
}

static void check_whole(uint64_t size, ssize_t at_most)
{
	struct file file = file_of(size);
	struct read_ahead ahead;
	const uint8_t *piece;
	ssize_t last;
	file.at_most = at_most;
	assert_true(read_ahead_start(&ahead, &file.io, 3));
	assert_int_equal(check_pieces(&ahead, &last), size);
	assert_int_equal(last, 0);
	assert_int_equal(read_ahead_next(&ahead, &piece), 0);
	read_ahead_stop(&ahead);
}

static void every_byte_comes_once_and_in_order(void **state)
{
	check_whole(0, READ_AHEAD_PIECE);
	check_whole(1, READ_AHEAD_PIECE);
	check_whole(READ_AHEAD_PIECE, READ_AHEAD_PIECE);
	check_whole(9 * READ_AHEAD_PIECE + 5, READ_AHEAD_PIECE);
	check_whole(70001, 7000); /* short reads are no end */
}

static void an_error_comes_in_its_place_and_stays(void **state)
{
	struct file file = file_of(8 * READ_AHEAD_PIECE);
	struct read_ahead ahead;
	const uint8_t *piece;
	ssize_t last;
	file.fails_at = 3 * READ_AHEAD_PIECE;
	assert_true(read_ahead_start(&ahead, &file.io, 3));
	assert_int_equal(check_pieces(&ahead, &last), 3 * READ_AHEAD_PIECE);
	assert_int_equal(last, -EIO);
	assert_int_equal(read_ahead_next(&ahead, &piece), -EIO);
	read_ahead_stop(&ahead);
}

static void one_may_stop_anywhere(void **state)
{
	for (unsigned taken = 0; taken < 6; taken++) {
		struct file file = file_of(64 * READ_AHEAD_PIECE);
		struct read_ahead ahead;
		const uint8_t *piece;
		assert_true(read_ahead_start(&ahead, &file.io, 3));
		for (unsigned i = 0; i < taken; i++)
			assert_int_equal(read_ahead_next(&ahead, &piece), READ_AHEAD_PIECE);
		read_ahead_stop(&ahead);
		assert_in_range(atomic_load(&file.reads), taken, taken + READ_AHEAD_PIECES);
	}
}

/* While the caller works on the first piece, the second one comes. */
static void the_next_is_read_meanwhile(void **state)
{
	struct file file = file_of(64 * READ_AHEAD_PIECE);
	struct read_ahead ahead;
	const uint8_t *piece;
	assert_true(read_ahead_start(&ahead, &file.io, 3));
	assert_int_equal(read_ahead_next(&ahead, &piece), READ_AHEAD_PIECE);
	for (unsigned i = 0; atomic_load(&file.reads) < READ_AHEAD_PIECES; i++) {
		assert_in_range(i, 0, 60000);
		usleep(1000);
	}
	usleep(20000);
	assert_int_equal(atomic_load(&file.reads), READ_AHEAD_PIECES); /* and no more */
	assert_int_equal(piece[12345], byte_at(12345));
	read_ahead_stop(&ahead);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_comes_once_and_in_order),
		cmocka_unit_test(an_error_comes_in_its_place_and_stays),
		cmocka_unit_test(one_may_stop_anywhere),
		cmocka_unit_test(the_next_is_read_meanwhile),
	};
	return cmocka_run_group_tests_name("daemon/read_ahead", tests, NULL, NULL);
}
