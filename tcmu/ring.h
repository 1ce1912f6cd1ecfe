/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring: what is in the shared memory, and nothing else. No descriptor, no thread, no command.
 *
 * Entries are taken in the order they came. Answers go, in any order, into the oldest taken entry
 * that has none yet; the kernel tells them apart by their id. So an entry is gone as soon as any
 * answer was written: all of it is copied before, and a taken entry is never looked at again. Where
 * the taken commands lie is remembered on our side.
 *
 * Everything in the memory is hostile until checked. A ring found broken stays broken: nothing
 * of it is read or written again, and ring_broken says why.
 *
 * The caller serialises all calls.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "abi.h"
#include "scsi/command.h"
#include "util/error.h"

struct ring {
	uint8_t *map; /* borrowed */
	size_t map_size;
	bool read_length; /* the kernel takes the length of Data-In */

	uint32_t offset, size; /* of the ring in the map */
	/* Positions are bytes from the start of the ring. Cyclically: tail <= taken <= head. */
	uint32_t taken; /* behind the last entry taken */
	uint32_t tail;  /* what we published last */

	/* Positions of taken commands without an answer, oldest first; a circular queue. */
	uint32_t *slots;
	uint32_t slot_capacity, slot_first, slot_count;

	const char *broken; /* NULL, or why */
};

enum ring_result {
	RING_EMPTY,
	RING_ENTRY,
	RING_RESET,  /* somebody has reset the ring under us: what was taken needs no answer */
	RING_BROKEN, /* see ring->broken */
};

enum ring_kind {
	RING_COMMAND,
	RING_TASK_MANAGEMENT,
	RING_UNKNOWN, /* an op of a newer kernel: answer with unknown_op set */
};

/* The entry at hand: copied and checked, but for the iovecs and ids, which ring_iov and ring_ids
 * copy. */
struct ring_entry {
	enum ring_kind kind;
	uint32_t position, length;
	uint16_t id;
	/* RING_COMMAND */
	uint8_t cdb[SCSI_CDB_MAX]; /* zero beyond cdb_length */
	uint8_t cdb_length;        /* by operation code; one that is longer than cdb is cut */
	uint32_t iov_count;
	bool bidirectional; /* has Data-In beside these iovecs */
	/* RING_TASK_MANAGEMENT */
	uint8_t function; /* enum abi_function, or something else */
	uint32_t id_count;
};

struct ring_answer {
	uint16_t id;
	uint8_t status;
	bool unknown_op;
	uint32_t read_length;          /* bytes of Data-In that are valid; 0: do not say */
	uint8_t sense[ABI_SENSE_SIZE]; /* zero-padded; for CHECK CONDITION */
};

/* Checks the mailbox; begins at its tail. ERROR_KERNEL_TARGET or NO_MEMORY. */
bool ring_init(struct ring *ring, void *map, size_t map_size, struct error *error);
void ring_finish(struct ring *ring);

/* The next entry, without taking it. Padding is stepped over. */
enum ring_result ring_peek(struct ring *ring, struct ring_entry *ret);
/*
 * The first `count` iovecs of the entry at hand, as pointers into the data area, and the sum of
 * their lengths. False: the ring is broken.
 */
bool ring_iov(struct ring *ring, const struct ring_entry *entry, struct iovec *ret, uint32_t count,
	uint64_t *ret_length);
/* The id at `index` of the task management entry at hand. */
uint16_t ring_id(const struct ring *ring, const struct ring_entry *entry, uint32_t index);
/* Takes the entry at hand. Commands and unknown ones need an answer, task management does not. */
void ring_take(struct ring *ring, const struct ring_entry *entry);

/* Somebody else has moved the tail: RING_RESET must have happened. */
bool ring_was_reset(const struct ring *ring);
/* Writes an answer, for ring_publish to show. There is a taken entry without one. */
void ring_answer(struct ring *ring, const struct ring_answer *answer);
/* There is something to publish. */
bool ring_lags(const struct ring *ring);
/*
 * Moves the tail over all that is answered. The kernel looks at it when it is called. False: the
 * ring was reset meanwhile, and the tail is where the reset has put it.
 */
bool ring_publish(struct ring *ring);
/* After a reset, when nothing taken is left: begins again at the tail. False: the ring is broken.
 */
bool ring_restart(struct ring *ring);

/* Marks it broken; `reason` is static. */
void ring_break(struct ring *ring, const char *reason);
