/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tape in SIMH's format that somebody made up. The first byte says how it is imported; the rest
 * is the file. What was imported comes back the same through export and another import.
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "power_store.h"
#include "ssc/simh.h"

enum { FLAG_KEEP_DAMAGED = 1, OBJECTS_MAX = 400 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fixture_world world;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static struct cartridge *blank(struct power_store *medium)
{
	power_store_init(medium);
	must(native_create(&medium->store, "x", &fixture_small, &world.world, NULL));
	struct cartridge *cartridge = native_open(&medium->store, "x", true, &world.world, NULL);
	must(cartridge);
	return cartridge;
}

static void set_file(struct power_store *file, const uint8_t *data, size_t size)
{
	power_store_init(file);
	power_store_resize(file, size);
	if (size > 0)
		memcpy(file->bytes, data, size);
	file->exists = true;
}

/* Stops files that are nothing but filemarks. */
static bool few(void *context, uint64_t done, uint64_t total)
{
	const struct simh_transfer *transfer = context;
	must(done <= total);
	return transfer->blocks + transfer->filemarks < OBJECTS_MAX;
}

static bool import(struct power_store *file, struct cartridge *cartridge, bool keep_damaged,
	struct simh_transfer *ret)
{
	struct error error = {0};
	struct simh_reader *reader =
		simh_reader_open(&file->store, "x", fixture_small.block_max, &error);
	must(reader);
	*ret = (struct simh_transfer){
		.keep_damaged = keep_damaged, .progress = few, .context = ret};
	bool ok = simh_import(reader, cartridge, ret, &error);
	must(ok || (error.sentence[0] && error.remedy[0]));
	must(simh_reader_offset(reader) <= file->size);
	simh_reader_close(reader);
	return ok;
}

static void export(struct cartridge *cartridge, struct power_store *ret)
{
	struct error error = {0};
	struct simh_transfer transfer = {0};
	power_store_init(ret);
	struct simh_writer *writer = simh_writer_create(&ret->store, "x", &error);
	must(writer && simh_export(cartridge, writer, &transfer, &error));
	simh_writer_close(writer);
}

static void compare(struct power_store *exported)
{
	struct power_store medium, again;
	struct simh_transfer transfer;
	struct cartridge *cartridge = blank(&medium);
	must(import(exported, cartridge, false, &transfer));
	export(cartridge, &again);
	must(again.size == exported->size);
	must(again.size == 0 || memcmp(again.bytes, exported->bytes, again.size) == 0);
	must(cart_close(cartridge) == 0);
	power_store_finish(&again);
	power_store_finish(&medium);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct power_store file, medium, exported;
	struct simh_transfer transfer;
	if (size == 0)
		return 0;
	fixture_world_init(&world, 7);
	struct cartridge *cartridge = blank(&medium);
	set_file(&file, data + 1, size - 1);
	if (import(&file, cartridge, data[0] & FLAG_KEEP_DAMAGED, &transfer)) {
		export(cartridge, &exported);
		compare(&exported);
		power_store_finish(&exported);
	}
	must(cart_close(cartridge) == 0);
	power_store_finish(&medium);
	power_store_finish(&file);
	return 0;
}
