/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes cartridges for the second reader (reader.py --compare) and says what is on them, from the
 * model and not from the library. Without arguments it lists what it can write.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "tape_model.h"
#include "util/crc32c.h"

struct scenario {
	const char *name;
	uint64_t seed;
	unsigned steps, reopen_every; /* 0: never */
	bool killed;                  /* at the end, instead of closed */
};

static const struct scenario scenarios[] = {
	{"blank", 1, 0, 0, false},
	{"one-mount", 2, 150, 0, false},
	{"many-mounts", 3, 400, 16, false},
	{"killed", 4, 150, 0, true},
	{"killed-later", 5, 300, 50, true},
	{"killed-again", 6, 333, 111, true},
	{"long", 7, 900, 100, false},
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "make: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The present state's objects are those of a chain that begins with the last one. */
static void list_objects(const struct model *model)
{
	static uint8_t block[MODEL_BLOCK_MAX];
	const struct model_state *last = &model->states[model_present(model)];
	for (uint64_t i = 0; i < last->eod; i++) {
		const struct model_object *object = &model->states[model->at[i + 1]].object;
		if (object->filemark) {
			printf("%llu filemark\n", (unsigned long long)i);
			continue;
		}
		model_fill(object->seed, object->length, block);
		printf("%llu block %u %08x\n", (unsigned long long)i, object->length,
			crc32c(0, block, object->length));
	}
	printf("eod %llu filemarks %llu bytes %llu\n", (unsigned long long)last->eod,
		(unsigned long long)last->filemarks, (unsigned long long)last->bytes);
}

static void list_attributes(const struct model *model)
{
	uint8_t data[512];
	size_t length = model_attributes(model->attributes, data);
	printf("attributes %s", length ? "" : "-");
	for (size_t i = 0; i < length; i++)
		printf("%02x", data[i]);
	printf("\n");
}

static struct cartridge *open_again(
	struct power_store *store, struct fixture_world *world, struct cartridge *cartridge)
{
	must(!cartridge || cart_close(cartridge) == 0, "close");
	cartridge = native_open(&store->store, "x", true, &world->world, NULL);
	must(cartridge, "open");
	return cartridge;
}

/* Ends with a light commit, so that everything counts even though it is not closed. */
static void live(const struct scenario *scenario, struct power_store *store, struct model *model)
{
	struct fixture_world world;
	bool synchronous;
	fixture_world_init(&world, scenario->seed);
	must(native_create(&store->store, "x", &fixture_small, &world.world, NULL), "create");
	struct cartridge *cartridge = open_again(store, &world, NULL);
	for (unsigned i = 1; i <= scenario->steps; i++) {
		must(model_step(model, cartridge, &synchronous) == 0, "a step");
		if (scenario->reopen_every && i % scenario->reopen_every == 0)
			cartridge = open_again(store, &world, cartridge);
	}
	must(model_commit(model, cartridge, false) == 0, "commit");
	if (scenario->killed)
		fixture_kill(store, cartridge);
	else
		must(cart_close(cartridge) == 0, "close");
}

static void save(const struct power_store *store, const char *path)
{
	FILE *file = fopen(path, "wb");
	must(file && fwrite(store->bytes, 1, store->size, file) == store->size && fclose(file) == 0,
		path);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
		const struct scenario *scenario = &scenarios[i];
		if (argc < 3) {
			printf("%s\n", scenario->name);
			continue;
		}
		if (strcmp(argv[1], scenario->name) != 0)
			continue;
		struct power_store store;
		struct model model;
		power_store_init(&store);
		model_init(&model, scenario->seed);
		live(scenario, &store, &model);
		save(&store, argv[2]);
		list_objects(&model);
		list_attributes(&model);
		printf("barcode %s medium %s\nwhole\n", fixture_small.barcode,
			fixture_small.medium);
		power_store_finish(&store);
		model_finish(&model);
		return 0;
	}
	return argc < 3 ? 0 : 2;
}
