/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon has no memory for a block: the command fails, and nothing else. */
#include <stdlib.h>

#include "tape_bench.h"

enum { LENGTH = 150000, BUFFER = 256 * 1024 /* that the drive takes for it */ };

static size_t refused; /* allocations of so many bytes; 0: none */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

/* The linker has all calls come here. */
void *__wrap_malloc(size_t size)
{
	return size > 0 && size == refused ? NULL : __real_malloc(size);
}

static void a_write_fails_and_can_be_sent_again(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	refused = BUFFER;
	EXPECT_SENSE(write_block(host, LENGTH, 1), SENSE_INTERNAL_TARGET_FAILURE);
	refused = 0;
	EXPECT_POSITION(host, 0);
	EXPECT_GOOD(write_block(host, LENGTH, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(read_block(host, LENGTH, 0), LENGTH, 1);
}

static void a_read_fails_and_can_be_sent_again(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	refused = BUFFER;
	EXPECT_SENSE(read_block(host, LENGTH, 0), SENSE_INTERNAL_TARGET_FAILURE);
	refused = 0;
	EXPECT_POSITION(host, 0);
	EXPECT_BLOCK(read_block(host, LENGTH, SILI), FILES_BLOCK, 0);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(a_write_fails_and_can_be_sent_again),
	ON_BLANK(a_read_fails_and_can_be_sent_again),
};
CONFORMANCE_SUITE("memory", tests)
