/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where objects are: full leaves and nodes lie in the log, the open ones in memory (FORMAT.md,
 * "Index"). Finding an object or a filemark reads one frame a level, and the last ones are kept.
 */
#pragma once

#include "log.h"

/* What lies before an object. */
struct mark {
	uint64_t object, filemarks, bytes, used;
};

struct child {
	struct mark first;
	uint64_t address;
};

struct leaf {
	struct mark first;
	uint32_t count;
	uint64_t address;  /* of the frame it was read from; 0: the open one */
	uint64_t *entries; /* address / 64 << 1 | filemark */
};

struct node {
	uint32_t count;
	uint64_t address;
	struct child *children;
};

struct index {
	struct log *log;
	uint32_t leaf_objects, node_children;
	struct leaf open, cached_leaf;
	struct node nodes[LEVELS], cached_nodes[LEVELS]; /* [0] is level 1 */
	struct mark end;
	uint8_t *scratch; /* a leaf or node frame */
	bool strict;      /* what is damaged is not made anew from other frames */
};

bool index_init(struct index *index, struct log *log, const struct superblock *superblock);
void index_finish(struct index *index);

/* Before an object is added: writes what is full into the log. On failure all is as it was. */
int index_make_room(struct index *index);
/* What the frames of the index that index_make_room may write take at most. */
size_t index_frames_length(const struct index *index);
/* The object at `address` is now the last one. There is room. */
void index_add(struct index *index, uint64_t address, bool filemark, uint32_t bytes, uint64_t used);

/* Replay: a frame of the index was found in the log. -EIO: it does not belong there. */
int index_take_leaf(struct index *index, uint64_t object, uint64_t address);
int index_take_node(struct index *index, uint32_t level, uint64_t object, uint64_t address);

/*
 * Objects from `object` on are gone. Reads headers of at most a leaf's objects. On failure all is
 * as it was.
 */
int index_cut(struct index *index, uint64_t object);
/* The use of the last zone that anything of it is in. */
uint64_t index_last_use(const struct index *index);

struct found {
	uint64_t address;
	bool filemark;
	uint64_t room; /* bytes from there to the next object, 0: not known */
};

int index_find(struct index *index, uint64_t object, struct found *ret);
/* The same without reading anything; -EAGAIN: something would have to be. */
int index_find_at_hand(struct index *index, uint64_t object, struct found *ret);
int index_find_filemark(struct index *index, uint64_t ordinal, uint64_t *ret_object);
int index_filemarks_before(struct index *index, uint64_t object, uint64_t *ret);

/*
 * A full leaf or node (level 1 and up) whose frame is damaged, from the frames of what it lists;
 * -EIO: some are missing. Reads headers: from `low` on where it can be guessed, else of all the log
 * before it.
 */
int index_heal_leaf(struct index *index, const struct child *child, uint64_t low, struct leaf *ret);
int index_heal_node(
	struct index *index, unsigned level, const struct child *child, struct node *ret);
/* Bytes of the longest frame of the index. */
size_t index_longest(const struct index *index);

/* Objects below a child of a node of this level. */
uint64_t index_span(const struct index *index, unsigned level);
/* A mark as it stands in leaves and children: 32 bytes. */
struct mark index_get_mark(const uint8_t *from);

/* Whether the open leaf and nodes go together, and what was read with the child that led there. */
bool index_joins(const struct index *index);
bool index_node_fits(const struct index *index, unsigned level, const struct child *child,
	const struct node *node);
bool index_leaf_fits(const struct child *child, const struct leaf *leaf);

/* The part of a checkpoint that is the index's; see checkpoint.c. */
unsigned index_levels(const struct index *index);
