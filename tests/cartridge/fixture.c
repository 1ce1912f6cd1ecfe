/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <errno.h>

const struct native_create fixture_small = {
	.barcode = "TST001L8",
	.medium = "LTO-8",
	.density = 0x5e,
	.capacity = 256 << 10,
	.block_max = 16384,
	.zone_size = 65536,
	.leaf_objects = 16,
	.node_children = 4,
	.attributes_max = 512,
};

static void some(void *context, void *ret, size_t length)
{
	struct fixture_world *world = context;
	for (size_t i = 0; i < length; i++)
		((uint8_t *)ret)[i] = (uint8_t)power_random(&world->random);
}

static uint64_t now(void *context)
{
	struct fixture_world *world = context;
	return world->now_s++;
}

void fixture_world_init(struct fixture_world *world, uint64_t seed)
{
	*world = (struct fixture_world){
		.world = {.random = some, .now_s = now, .context = world},
		.random = seed,
		.now_s = 1700000000,
	};
}

void fixture_kill(struct power_store *store, struct cartridge *cartridge)
{
	bool recording = store->recording;
	store->recording = false;
	store->write_error = -EIO;
	store->write_countdown = 0;
	store->partial = 0;
	store->error_lasts = true;
	cart_close(cartridge);
	store->write_error = 0;
	store->error_lasts = false;
	store->recording = recording;
}
