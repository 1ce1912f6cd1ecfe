/* SPDX-License-Identifier: Apache-2.0 */
/* The index made anew from the frames of the objects, in the order of the log. */
#include <errno.h>
#include <stdlib.h>

#include "util/bytes.h"
#include "walker.h"

struct rebuild {
	struct native *native;
	struct index fresh;
	uint64_t stop; /* what the rebuilding itself appends is not looked at */
};

static int take_object(struct rebuild *r, const struct frame *frame)
{
	struct index *fresh = &r->fresh;
	int result = 0;
	/* Replaced long ago: the zones of those before it are gone, and it is replaced further on.
	 */
	if (frame->object > fresh->end.object)
		return 0;
	if (frame->object < fresh->end.object)
		result = index_cut(fresh, frame->object);
	if (result == 0)
		result = index_make_room(fresh);
	if (result < 0)
		return result;
	bool filemark = frame->type == FRAME_FILEMARK;
	index_add(fresh, frame->address, filemark, filemark ? 0 : frame->parameter,
		frame_length(frame));
	return 0;
}

/* An erase is a commit with a lower EOD. */
static int take_commit(struct rebuild *r, const struct frame *frame)
{
	uint8_t eod[8];
	int result = log_read(&r->native->log, frame->address + FRAME_HEADER, eod, sizeof eod);
	if (result < 0 || get_be64(eod) >= r->fresh.end.object)
		return result;
	return index_cut(&r->fresh, get_be64(eod));
}

/* False: the zone ends here. */
static bool take_frame(struct rebuild *r, uint64_t address, struct frame *ret, int *ret_result)
{
	uint8_t header[FRAME_HEADER];
	*ret_result = log_read(&r->native->log, address, header, sizeof header);
	if (*ret_result < 0 || !frame_decode(header, r->native->log.seed, ret) ||
		ret->address != address || ret->type == FRAME_NEXT)
		return false;
	if (ret->type == FRAME_DATA || ret->type == FRAME_FILEMARK)
		*ret_result = take_object(r, ret);
	else if (walker_is_commit(ret->type))
		*ret_result = take_commit(r, ret);
	return *ret_result == 0;
}

static int walk_zone(struct rebuild *r, uint64_t use)
{
	uint64_t zone_size = r->native->log.zone_size, address = use * zone_size;
	uint64_t end = address + zone_size;
	int result = 0;
	struct frame frame;
	while (address + FRAME_HEADER <= end && address < r->stop &&
		take_frame(r, address, &frame, &result))
		address += frame_length(&frame);
	return result;
}

/* The zones of now: appending adds more. */
static uint64_t *list_uses(const struct log *log, uint32_t *ret_count)
{
	uint64_t *uses = calloc(log->zone_count, sizeof *uses);
	*ret_count = 0;
	for (uint32_t i = 0; uses && i < log->zone_count; i++)
		if (!log->zones[i].dead)
			uses[(*ret_count)++] = log->zones[i].use;
	return uses;
}

static int walk_all(struct rebuild *r)
{
	uint32_t count;
	uint64_t *uses = list_uses(&r->native->log, &count);
	int result = uses ? 0 : -ENOMEM;
	for (uint32_t i = 0; i < count && result == 0; i++)
		result = walk_zone(r, uses[i]);
	free(uses);
	return result;
}

int native_rebuild_index(struct native *native)
{
	struct rebuild r = {.native = native};
	int result = native_begin(native);
	if (result < 0)
		return result;
	r.stop = native->log.place.address;
	if (!index_init(&r.fresh, &native->log, &native->superblock))
		result = -ENOMEM;
	if (result == 0)
		result = walk_all(&r);
	if (result == 0 && r.fresh.end.object > native->index.end.object)
		result = index_cut(&r.fresh, native->index.end.object);
	if (result == 0 && r.fresh.end.object < native->index.end.object)
		result = -EIO;
	if (result < 0) {
		index_finish(&r.fresh);
		return result;
	}
	index_finish(&native->index);
	native->index = r.fresh;
	native->uncommitted = true;
	native->counted = true;
	return 0;
}
