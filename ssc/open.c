/* SPDX-License-Identifier: Apache-2.0 */
/* Making cartridges of the native format, and opening them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "native_private.h"
#include "util/error.h"

static void machine_random(void *context, void *ret, size_t length)
{
	if (getrandom(ret, length, 0) != (ssize_t)length)
		abort(); /* not for the few bytes that are asked for (getrandom(2)) */
}

static uint64_t machine_now(void *context)
{
	return (uint64_t)time(NULL);
}

const struct native_world native_world_machine = {.random = machine_random, .now_s = machine_now};

/* ---- making ---------------------------------------------------------------------------------- */

/* The largest power of two that gives a full cartridge some 2048 zones. */
static uint64_t zone_size_for(uint64_t capacity)
{
	uint64_t size = UINT64_C(1) << 25; /* four blocks of 8 MiB */
	while (size < ZONE_MAX && size * 2 <= capacity / 2048)
		size *= 2;
	return size;
}

static struct superblock describe(
	const struct native_create *create, const struct native_world *world)
{
	struct superblock s = {
		.version = 1,
		.made_s = world->now_s(world->context),
		.capacity = create->capacity,
		.zone_size =
			create->zone_size ? create->zone_size : zone_size_for(create->capacity),
		.block_max = create->block_max,
		.leaf_objects = create->leaf_objects ? create->leaf_objects : LEAF_MAX,
		.node_children = create->node_children ? create->node_children : NODE_MAX,
		.attributes_max = create->attributes_max ? create->attributes_max : 32768,
		.density = create->density,
		.medium_type = create->medium_type,
	};
	world->random(world->context, s.uuid, sizeof s.uuid);
	snprintf(s.barcode, sizeof s.barcode, "%s", create->barcode);
	snprintf(s.medium, sizeof s.medium, "%s", create->medium);
	return s;
}

static int write_superblocks(struct native *native)
{
	uint8_t slot[SLOT_LENGTH];
	superblock_encode(&native->superblock, slot);
	for (unsigned i = 0; i < 2; i++) {
		struct iovec iov = {slot, sizeof slot};
		int result =
			native->store->pwritev(native->store, native->fd, &iov, 1, i * SLOT_LENGTH);
		if (result < 0)
			return result;
	}
	return 0;
}

static int write_blank(struct native *native, const char *path)
{
	int result = write_superblocks(native);
	if (result == 0)
		result = log_begin(&native->log);
	if (result == 0)
		result = native_write_checkpoint(native, 0, true);
	return result < 0 ? result : native->store->sync_directory(native->store, path);
}

static bool cannot_make(const char *path, int result, struct error *error)
{
	if (result == -EEXIST)
		return error_set(error, ERROR_EXISTS, "Choose another name.",
			"there is a file %.200s already", path);
	if (result == -ENOSPC || result == -EDQUOT)
		return error_set(error, ERROR_HOST_FULL, "Make room on that file system.",
			"cannot make the cartridge %.200s: %s", path, strerror(-result));
	return error_set(error, ERROR_PERMISSION,
		"See that its directory exists, and may be written to.",
		"cannot make the cartridge %.200s: %s", path, strerror(-result));
}

bool native_create(const struct file_store *store, const char *path,
	const struct native_create *create, const struct native_world *world, struct error *error)
{
	const struct native_world *its = world ? world : &native_world_machine;
	struct superblock superblock = describe(create, its);
	if (!superblock_possible(&superblock))
		return error_set(error, ERROR_INVALID,
			"Choose another capacity, or a shorter longest block.",
			"a cartridge of %llu bytes with blocks of %u bytes cannot be made",
			(unsigned long long)create->capacity, create->block_max);
	int fd = store->create(store, path);
	if (fd < 0)
		return cannot_make(path, fd, error);
	struct native *native = native_make(store, fd, &superblock, its);
	if (!native)
		store->close(store, fd);
	int result = native ? write_blank(native, path) : -ENOMEM;
	native_free(native);
	return result == 0 || cannot_make(path, result, error);
}

/* ---- opening --------------------------------------------------------------------------------- */

static bool cannot_open(const char *path, int result, struct error *error)
{
	if (result == -EBUSY)
		return error_set(error, ERROR_STATE_IN_USE,
			"Unload it there, or stop the other program.",
			"another program uses the cartridge %.200s", path);
	if (result == -ELOOP)
		return error_set(error, ERROR_FILE_UNREADABLE,
			"See who may write to its directories, then try again.",
			"%.200s leads through a symbolic link that was put there just now", path);
	return error_set(error, result == -ENOENT ? ERROR_FILE_MISSING : ERROR_FILE_UNREADABLE,
		"Bring the file back, or see who may read it.",
		"cannot open the cartridge %.200s: %s", path, strerror(-result));
}

static bool refuse(enum superblock_state state, const char *path, struct error *error)
{
	switch (state) {
	case SUPERBLOCK_UNKNOWN:
		return error_set(error, ERROR_CATALOG_NEWER, "Use a newer Carousel.",
			"the cartridge %.200s has features that this version does not know", path);
	case SUPERBLOCK_DAMAGED:
	case SUPERBLOCK_IMPOSSIBLE:
		return error_set(error, ERROR_FILE_UNREADABLE,
			"Restore the file from a backup; carousel tape verify says more.",
			"both superblocks of the cartridge %.200s are damaged", path);
	default:
		return error_set(error, ERROR_IMAGE_UNRECOGNISED, "Name the file of a cartridge.",
			"%.200s is no cartridge", path);
	}
}

static bool is_readable(enum superblock_state state)
{
	return state == SUPERBLOCK_GOOD || state == SUPERBLOCK_NEWER;
}

/* The first copy that will do. */
static int read_superblock(const struct file_store *store, int fd, struct superblock *ret,
	enum superblock_state *ret_state)
{
	*ret_state = SUPERBLOCK_FOREIGN;
	for (unsigned i = 0; i < 2; i++) {
		uint8_t slot[SLOT_LENGTH] = {0};
		struct iovec iov = {slot, sizeof slot};
		ssize_t n = store->preadv(store, fd, &iov, 1, i * SLOT_LENGTH, 0);
		if (n < 0)
			return (int)n;
		enum superblock_state state = superblock_decode(slot, ret);
		if (state != SUPERBLOCK_FOREIGN)
			*ret_state = state;
		if (is_readable(state))
			break;
	}
	return 0;
}

/* For both if it can be, else for reading, and ret_reason says why. */
static int open_file(const struct file_store *store, const char *path, bool *writable)
{
	int fd = store->open(store, path, *writable);
	if (*writable && (fd == -EACCES || fd == -EROFS || fd == -EPERM)) {
		*writable = false;
		fd = store->open(store, path, false);
	}
	return fd;
}

static struct cartridge *recovered(struct native *native, const char *path, struct error *error)
{
	int result = native ? native_recover(native) : -ENOMEM;
	if (result == 0)
		return &native->cartridge;
	if (result == -EIO)
		error_set(error, ERROR_FILE_UNREADABLE,
			"Restore the file from a backup; carousel tape verify says more.",
			"the cartridge %.200s is damaged where it begins", path);
	else
		cannot_open(path, result, error);
	native_free(native);
	return NULL;
}

struct cartridge *native_open(const struct file_store *store, const char *path, bool writable,
	const struct native_world *world, struct error *error)
{
	struct superblock superblock;
	enum superblock_state state;
	bool may_write = writable;
	int fd = open_file(store, path, &may_write);
	if (fd < 0) {
		cannot_open(path, fd, error);
		return NULL;
	}
	int result = read_superblock(store, fd, &superblock, &state);
	if (result < 0 || !is_readable(state)) {
		if (result < 0)
			cannot_open(path, result, error);
		else
			refuse(state, path, error);
		store->close(store, fd);
		return NULL;
	}
	struct native *native = native_make(store, fd, &superblock, world);
	if (!native) {
		store->close(store, fd);
		return recovered(NULL, path, error);
	}
	native->writable = may_write && state == SUPERBLOCK_GOOD;
	if (writable && !may_write)
		native_say(native, "its file may not be written to");
	else if (writable && !native->writable)
		native_say(native, "it was made by a newer version");
	return recovered(native, path, error);
}
