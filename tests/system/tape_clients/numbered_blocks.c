/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks that say which they are, to find out what a tape has after accidents:
 *
 *	numbered_blocks make FIRST COUNT LENGTH     writes them to standard output, one a write(2)
 *	numbered_blocks check FIRST LENGTH          reads standard input, and says what it was
 *
 * A block is its number, then a pattern that the number makes, all through: a block that is made of
 * parts of two, or of old data, is found. "check" prints how many blocks there were; it fails at
 *the first that is not the next, and says what it is.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LENGTH_MAX = 16 << 20 };

/* xorshift64* (Vigna): cheap, and a bit that is wrong in the seed is seen in every word. */
static uint64_t next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

static void fill(uint64_t *words, size_t length, uint64_t number)
{
	uint64_t state = number + 1;
	words[0] = number;
	for (size_t i = 1; i < length / sizeof *words; i++)
		words[i] = next(&state);
}

/* Whole, or it ends. False: nobody reads any more. */
static bool write_all(const void *from, size_t length)
{
	const char *next_byte = from;
	while (length > 0) {
		ssize_t count = write(STDOUT_FILENO, next_byte, length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		next_byte += count;
		length -= (size_t)count;
	}
	return true;
}

static size_t read_all(void *to, size_t length)
{
	size_t done = 0;
	while (done < length) {
		ssize_t count = read(STDIN_FILENO, (char *)to + done, length - done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			perror("numbered_blocks");
			exit(1);
		}
		if (count == 0)
			break;
		done += (size_t)count;
	}
	return done;
}

static int make(uint64_t first, uint64_t count, size_t length, uint64_t *block)
{
	for (uint64_t i = 0; i < count; i++) {
		fill(block, length, first + i);
		if (!write_all(block, length))
			return 1;
	}
	return 0;
}

static int check(uint64_t first, size_t length, uint64_t *block, uint64_t *expected)
{
	for (uint64_t number = first;; number++) {
		size_t got = read_all(block, length);
		if (got == 0) {
			printf("%" PRIu64 "\n", number - first);
			return 0;
		}
		fill(expected, length, number);
		if (got == length && memcmp(block, expected, length) == 0)
			continue;
		printf("instead of block %" PRIu64
		       " there are %zu bytes that begin as block %" PRIu64 "\n",
			number, got, block[0]);
		return 1;
	}
}

static uint64_t number_of(const char *text)
{
	char *end;
	errno = 0;
	uint64_t number = strtoull(text, &end, 10);
	if (errno || end == text || *end) {
		fprintf(stderr, "numbered_blocks: \"%s\" is no number\n", text);
		exit(2);
	}
	return number;
}

int main(int argc, char **argv)
{
	bool making = argc == 5 && strcmp(argv[1], "make") == 0;
	bool checking = argc == 4 && strcmp(argv[1], "check") == 0;
	uint64_t length = making || checking ? number_of(argv[argc - 1]) : 0;
	if (length < sizeof(uint64_t) || length > LENGTH_MAX || length % sizeof(uint64_t)) {
		fprintf(stderr, "usage: numbered_blocks make FIRST COUNT LENGTH | check FIRST "
				"LENGTH\nLENGTH is a multiple of 8, up to 16 MiB.\n");
		return 2;
	}
	uint64_t *block = malloc(length), *expected = malloc(length);
	if (!block || !expected)
		return 1;
	int status = making ? make(number_of(argv[2]), number_of(argv[3]), length, block)
			    : check(number_of(argv[2]), length, block, expected);
	free(block);
	free(expected);
	return status;
}
