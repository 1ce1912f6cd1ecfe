/* SPDX-License-Identifier: Apache-2.0 */
/* Cartridges of the native format (ssc/FORMAT.md). */
#pragma once

#include "ssc/cartridge.h"
#include "util/file_store.h"

struct native_create {
	const char *barcode; /* at most 32 ASCII characters */
	const char *medium;  /* "LTO-8" */
	uint8_t density, medium_type;
	uint64_t capacity;  /* bytes */
	uint32_t block_max; /* bytes */
	/* 0: made of the capacity. For tests, which want many zones and deep indices. */
	uint64_t zone_size;
	uint32_t leaf_objects, node_children, attributes_max;
};

/* What makes a file that does not depend on chance and time; NULL: those of the machine. */
struct native_world {
	void (*random)(void *context, void *ret, size_t length);
	uint64_t (*now_s)(void *context);
	void *context;
};

/*
 * Makes a blank cartridge; durable when it returns true. EXISTS, PERMISSION, INVALID (parameters
 * that do not go together).
 */
bool native_create(const struct file_store *store, const char *path,
	const struct native_create *create, const struct native_world *world, struct error *error);

/*
 * Opens one, for writing if it can be written (else the status says why not). FILE_MISSING,
 * FILE_UNREADABLE, STATE_IN_USE (another process has it), IMAGE_UNRECOGNISED (no cartridge),
 * CATALOG_NEWER (of a later version).
 */
struct cartridge *native_open(const struct file_store *store, const char *path, bool writable,
	const struct native_world *world, struct error *error);
