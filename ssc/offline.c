/* SPDX-License-Identifier: Apache-2.0 */
#include "ssc/offline.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "native_private.h"

struct verifier {
	bool data;
	const struct cartridge_watcher *watcher;
	struct cartridge_report *report;
};

static void tell(struct verifier *v, uint64_t offset, uint64_t object, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void tell(struct verifier *v, uint64_t offset, uint64_t object, const char *format, ...)
{
	struct cartridge_problem problem = {.offset = offset, .object = object};
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(problem.what, sizeof problem.what, format, arguments);
	va_end(arguments);
	v->report->problems++;
	v->watcher->problem(v->watcher->context, &problem);
}

/* ---- the slots ------------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

static void verify_superblocks(struct verifier *v, struct native *native)
{
	uint8_t slot[SLOT_LENGTH], expected[SLOT_LENGTH];
	superblock_encode(&native->superblock, expected);
	for (unsigned i = 0; i < 2; i++)
		if (log_read_at(&native->log, i * SLOT_LENGTH, slot, sizeof slot) < 0 ||
			memcmp(slot, expected, sizeof slot) != 0)
			tell(v, i * SLOT_LENGTH, UINT64_MAX, "copy %u of the superblock is damaged",
				i + 1);
}

/* A slot that was never written is zero; a torn write leaves one that is not valid. */
static void verify_roots(struct verifier *v, struct native *native)
{
	uint8_t slot[SLOT_LENGTH];
	struct root root;
	for (unsigned i = 0; i < 2; i++) {
		uint64_t offset = ROOT_AT + i * SLOT_LENGTH;
		if (log_read_at(&native->log, offset, slot, sizeof slot) < 0 ||
			(!root_decode(slot, native->log.seed, &root) &&
				!is_zero(slot, sizeof slot)))
			tell(v, offset, UINT64_MAX,
				"root slot %u is not valid; the other one is used", i + 1);
	}
}

/* ---- the objects ----------------------------------------------------------------------------- */

int native_locate(struct cartridge *cartridge, uint64_t object, struct native_place *ret)
{
	struct native *native = (struct native *)(void *)cartridge;
	uint8_t header[FRAME_HEADER];
	struct frame frame;
	struct found found;
	int result = index_find(&native->index, object, &found);
	if (result < 0)
		return result;
	*ret = (struct native_place){.address = found.address};
	if (!log_offset(&native->log, found.address, &ret->offset))
		return -EIO;
	result = log_read(&native->log, found.address, header, sizeof header);
	if (result < 0)
		return result;
	if (!frame_decode(header, native->log.seed, &frame) || frame.address != found.address ||
		frame.object != object)
		return -EIO;
	ret->stored_length = frame.stored_length;
	ret->compression = frame.flags & FRAME_COMPRESSION;
	return 0;
}

void native_salvage(struct cartridge *cartridge, uint64_t object, void *buffer, uint32_t capacity,
	struct cartridge_object *ret)
{
	struct native *native = (struct native *)(void *)cartridge;
	struct native_place place;
	struct found found;
	*ret = (struct cartridge_object){0};
	if (index_find(&native->index, object, &found) < 0)
		return;
	ret->filemark = found.filemark;
	if (found.filemark || native_locate(cartridge, object, &place) < 0 ||
		place.compression != COMPRESSION_NONE || place.stored_length > capacity)
		return;
	uint64_t room = native->log.zone_size - place.address % native->log.zone_size;
	if (FRAME_HEADER + (uint64_t)place.stored_length > room)
		return;
	if (log_read(&native->log, place.address + FRAME_HEADER, buffer, place.stored_length) == 0)
		ret->length = place.stored_length;
}

static void bad_object(struct verifier *v, struct cartridge *cartridge, uint64_t object)
{
	struct native_place place = {0};
	int result = native_locate(cartridge, object, &place);
	if (result < 0 && place.offset == 0)
		tell(v, 0, object, "object %llu cannot be found: the index is damaged",
			(unsigned long long)object);
	else
		tell(v, place.offset, object, "object %llu is damaged", (unsigned long long)object);
}

/* Its frame is where the index says. */
static void verify_place(struct verifier *v, struct cartridge *cartridge, uint64_t object)
{
	struct native_place place;
	if (native_locate(cartridge, object, &place) < 0)
		bad_object(v, cartridge, object);
	else
		v->report->blocks++;
}

static void verify_object(
	struct verifier *v, struct cartridge *cartridge, uint64_t object, uint8_t *buffer)
{
	struct cartridge_object about;
	int result = cart_read(cartridge, object, buffer, v->report->status.block_max, &about);
	if (result < 0) {
		bad_object(v, cartridge, object);
		return;
	}
	v->report->filemarks += about.filemark;
	v->report->blocks += !about.filemark;
	v->report->bytes += about.filemark ? 0 : about.length;
}

static void verify_sums(struct verifier *v)
{
	const struct cartridge_status *status = &v->report->status;
	if (v->report->problems > 0)
		return;
	if (v->report->filemarks != status->filemarks || v->report->bytes != status->bytes)
		tell(v, 0, UINT64_MAX,
			"the commit says %llu filemarks and %llu bytes, and there are %llu and "
			"%llu",
			(unsigned long long)status->filemarks, (unsigned long long)status->bytes,
			(unsigned long long)v->report->filemarks,
			(unsigned long long)v->report->bytes);
}

static void verify_objects(struct verifier *v, struct cartridge *cartridge, uint8_t *buffer)
{
	uint64_t eod = v->report->status.eod;
	for (uint64_t object = 0; object < eod; object++) {
		if (object % 64 == 0 && v->watcher->progress &&
			!v->watcher->progress(v->watcher->context, object, eod))
			return;
		if (v->data)
			verify_object(v, cartridge, object, buffer);
		else
			verify_place(v, cartridge, object);
	}
	if (v->data)
		verify_sums(v);
	if (v->watcher->progress)
		v->watcher->progress(v->watcher->context, eod, eod);
}

static bool no_memory(struct error *error)
{
	return error_set(
		error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
}

static bool verify(struct verifier *v, struct cartridge *cartridge, struct error *error)
{
	struct native *native = (struct native *)(void *)cartridge;
	struct cartridge_report *report = v->report;
	cart_status(cartridge, &report->status);
	uint8_t *buffer = malloc(report->status.block_max);
	if (!buffer)
		return no_memory(error);
	verify_superblocks(v, native);
	verify_roots(v, native);
	if (report->status.damaged)
		tell(v, 0, report->status.damaged_object, "%s", report->status.reason);
	verify_objects(v, cartridge, buffer);
	free(buffer);
	return true;
}

bool native_verify(const struct file_store *store, const char *path, bool data,
	const struct cartridge_watcher *watcher, struct cartridge_report *ret, struct error *error)
{
	struct verifier v = {data, watcher, ret};
	*ret = (struct cartridge_report){0};
	struct cartridge *cartridge = native_open(store, path, false, NULL, error);
	if (!cartridge)
		return false;
	((struct native *)(void *)cartridge)->index.strict = true;
	bool ok = verify(&v, cartridge, error);
	cart_close(cartridge);
	return ok;
}

/* ---- repair ---------------------------------------------------------------------------------- */

static int mend_superblocks(struct native *native, bool *ret_changed)
{
	uint8_t slot[SLOT_LENGTH], expected[SLOT_LENGTH];
	superblock_encode(&native->superblock, expected);
	for (unsigned i = 0; i < 2; i++) {
		struct iovec iov = {expected, sizeof expected};
		int result = log_read_at(&native->log, i * SLOT_LENGTH, slot, sizeof slot);
		if (result == 0 && memcmp(slot, expected, sizeof slot) != 0) {
			*ret_changed = true;
			result = native->store->pwritev(
				native->store, native->fd, &iov, 1, i * SLOT_LENGTH);
		}
		if (result < 0)
			return result;
	}
	return 0;
}

static bool index_is_good(struct native *native)
{
	for (uint64_t object = 0; object < native->index.end.object; object++) {
		struct found found;
		if (index_find(&native->index, object, &found) < 0)
			return false;
	}
	return true;
}

static int mend(struct native *native, bool *ret_changed)
{
	int result = mend_superblocks(native, ret_changed);
	if (result == 0 && native->writable && !index_is_good(native)) {
		*ret_changed = true;
		result = native_rebuild_index(native);
	}
	if (result == 0 && *ret_changed)
		result = native->store->sync(native->store, native->fd);
	return result;
}

static bool mend_file(
	const struct file_store *store, const char *path, bool *ret_changed, struct error *error)
{
	struct cartridge *cartridge = native_open(store, path, true, NULL, error);
	if (!cartridge)
		return false;
	struct native *native = (struct native *)(void *)cartridge;
	native->index.strict = true;
	int result = mend(native, ret_changed);
	int closed = cart_close(cartridge);
	result = result < 0 ? result : closed;
	if (result == 0)
		return true;
	return error_set(error, ERROR_FILE_UNREADABLE,
		"See that the file may be written to and that its disk has room and is well.",
		"cannot mend the cartridge %.200s: %s", path, strerror(-result));
}

bool native_repair(const struct file_store *store, const char *path,
	const struct cartridge_watcher *watcher, struct cartridge_report *ret, struct error *error)
{
	bool changed = false;
	if (!mend_file(store, path, &changed, error) ||
		!native_verify(store, path, false, watcher, ret, error))
		return false;
	ret->repaired = changed;
	return true;
}

/* ---- throwing away --------------------------------------------------------------------------- */

void native_abandon(struct cartridge *cartridge)
{
	native_free((struct native *)(void *)cartridge);
}
