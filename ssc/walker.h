/* SPDX-License-Identifier: Apache-2.0 */
/* Going along the log of a cartridge that is opened, frame by frame (FORMAT.md, "Frames"). */
#pragma once

#include "native_private.h"

struct walker {
	struct native *native;
	struct log_place place; /* where the next frame should be, and what it follows */
	uint64_t zone_offset;   /* of the zone that the address is in */
	bool expect_zone;       /* a NEXT frame came */

	uint8_t *window; /* bytes of the file */
	uint64_t window_offset;
	size_t window_length, window_room;
	int error; /* of reading the file */
};

int walker_init(struct walker *w, struct native *native);
void walker_finish(struct walker *w);

/*
 * The stored bytes of the frame that is there, valid but for what it follows. NULL: it is not, or
 * (w->error) the file cannot be read. They stay until the next call.
 */
const uint8_t *walker_frame_at(
	struct walker *w, uint64_t offset, uint64_t address, struct frame *ret);
/* The frame that follows, or NULL where the log ends. Moves the walker on. */
const uint8_t *walker_next(struct walker *w, struct frame *ret);

/* COMMIT and CHECKPOINT. */
bool walker_is_commit(enum frame_type type);

/* Where the first walk came to. */
struct end {
	struct log_place good; /* behind the last frame that counts */
	uint64_t stopped;      /* where no valid frame was */
	uint64_t stopped_zone_offset;
	uint64_t sequence; /* of the last valid frame */
	uint64_t lowest;   /* object of a replacement that does not count */
	uint64_t durable;  /* the highest durable address that a commit said */
	uint64_t dropped;  /* bytes of frames that do not count */
};

/*
 * damage.c: was something lost that had been durable, to this address or to what frames behind the
 * end say? Then the cartridge is damaged, and from which object on nothing is certain.
 */
void native_judge(struct walker *w, const struct end *end, uint64_t durable);
