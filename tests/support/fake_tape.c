/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tape.h"

#include <stdlib.h>
#include <string.h>

#include "fake_drive.h"
#include "ssc/native.h"
#include "thread_check.h"

enum { ZONE = 1 << 20 };

/* ---- a world without chance ------------------------------------------------------------------ */

static void count_up(void *context, void *ret, size_t length)
{
	static uint8_t number;
	for (size_t i = 0; i < length; i++)
		((uint8_t *)ret)[i] = ++number;
}

static uint64_t always_the_same(void *context)
{
	return 1767225600;
}

static const struct native_world world = {.random = count_up, .now_s = always_the_same};

/* ---- the cartridge --------------------------------------------------------------------------- */

static void make_cartridge(struct fake_tape *tape, const struct fake_tape_setup *setup)
{
	const struct native_create create = {
		.barcode = "ARC001L8",
		.medium = "LTO-8",
		.density = 0x5e,
		.medium_type = 0x88,
		.capacity = setup->capacity,
		.block_max = setup->block_max,
		.zone_size = ZONE,
		.leaf_objects = 16,
		.node_children = 4,
		.attributes_max = 1024,
	};
	struct error error = {0};
	crash_store_init(&tape->store);
	CHECK(native_create(&tape->store.store, "/tape", &create, &world, &error));
	tape->store.open = false;
}

static struct cartridge *open_cartridge(struct fake_tape *tape)
{
	struct error error = {0};
	struct cartridge *cartridge =
		native_open(&tape->store.store, "/tape", true, &world, &error);
	CHECK(cartridge && !tape->loaded);
	return cartridge;
}

static void loaded(void *context)
{
	((struct fake_tape *)context)->loaded = true;
}

void fake_tape_load(struct fake_drive *fake, bool write_protected)
{
	struct fake_tape *tape = fake->tape;
	ssc_drive_load(tape->drive, open_cartridge(tape), write_protected, loaded, tape);
	fake_run_works(fake);
	CHECK(tape->loaded);
}

/* What went wrong with the last commit was told to the host, or is told by the next one. */
static void unloaded(void *context, struct cartridge *cartridge, int result)
{
	cart_close(cartridge);
	((struct fake_tape *)context)->loaded = false;
}

void fake_tape_unload(struct fake_drive *fake)
{
	ssc_drive_unload(fake->tape->drive, unloaded, fake->tape);
	fake_run_works(fake);
	CHECK(!fake->tape->loaded);
}

/* ---- the drive ------------------------------------------------------------------------------- */

/* What hosts ask of the library is to save mode pages: done. */
static void request(struct fake_drive *fake, enum library_request request)
{
}

static void unload(struct fake_drive *fake)
{
	if (fake->tape->loaded)
		fake_tape_unload(fake);
}

static void destroy(struct fake_drive *fake)
{
	ssc_drive_destroy(fake->tape->drive);
	crash_store_finish(&fake->tape->store);
	free(fake->tape);
}

static const struct fake_device tape_drive = {
	.request = request, .unload = unload, .destroy = destroy};

/* Without a cartridge, and without its file. */
static struct fake_drive *create_drive(uint32_t path_max)
{
	struct ssc_drive_config config = {.personality = ssc_personality_find("lto-8")};
	struct fake_drive *fake = fake_drive_create(&tape_drive, &config.lu);
	config.lu.name = "tape0";
	config.lu.serial = "CRSL00000001";
	fake->transfer_max = path_max;
	fake->tape = calloc(1, sizeof *fake->tape);
	fake->tape->drive = ssc_drive_create(&config);
	fake_drive_begin(fake, ssc_drive_lu(fake->tape->drive));
	return fake;
}

struct fake_drive *fake_tape_create(const struct fake_tape_setup *setup)
{
	struct fake_drive *fake = create_drive(setup->path_max);
	make_cartridge(fake->tape, setup);
	if (!setup->empty)
		fake_tape_load(fake, false);
	return fake;
}

struct fake_drive *fake_tape_restarted(struct fake_drive *before)
{
	struct fake_drive *fake = create_drive(before->transfer_max);
	struct fake_tape *tape = fake->tape;
	if (before->tape->loaded)
		fake_tape_unload(before);
	crash_store_init(&tape->store);
	crash_store_set(&tape->store, before->tape->store.now, before->tape->store.size);
	ssc_drive_restore(tape->drive, open_cartridge(tape), false);
	tape->loaded = true;
	return fake;
}
