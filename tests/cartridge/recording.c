/* SPDX-License-Identifier: Apache-2.0 */
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOTS_FROM = 8192, ROOTS_TO = 16384 };

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "recording: %s failed\n", what);
	abort();
}

/* Epochs up to the present one exist; each new one begins with what the one before ended with. */
static void reach_epoch(struct recording *r, size_t state_before, unsigned attributes_before)
{
	while (r->epochs <= r->store.epoch) {
		if (r->epochs == r->room) {
			r->room = r->room * 2 + 64;
			r->stretches = realloc(r->stretches, r->room * sizeof *r->stretches);
			r->made = realloc(r->made, r->room * sizeof *r->made);
			must(r->stretches && r->made, "memory");
		}
		struct model_stretch stretch = {
			.state_max = state_before, .attributes_max = attributes_before};
		r->made[r->epochs] = false;
		if (r->epochs > 0) {
			stretch.state_min = r->stretches[r->epochs - 1].state_min;
			stretch.attributes_min = r->stretches[r->epochs - 1].attributes_min;
			r->made[r->epochs] = r->made[r->epochs - 1];
		}
		r->stretches[r->epochs++] = stretch;
	}
}

/* An operation is over that began in `epoch` and with so many states. */
static void note(struct recording *r, unsigned epoch, size_t states, bool promised)
{
	size_t state = model_present(&r->model);
	unsigned attributes = r->model.attributes;
	/* A checkpoint that nobody asked for, before the operation or behind it. */
	if (r->store.epoch != epoch)
		model_committed(&r->model, states - 1);
	reach_epoch(r, state, attributes);
	for (unsigned e = epoch; e < r->epochs; e++) {
		r->stretches[e].state_max = state;
		r->stretches[e].attributes_max = attributes;
	}
	if (promised) {
		r->stretches[r->epochs - 1].state_min = state;
		r->stretches[r->epochs - 1].attributes_min = attributes;
		r->made[r->epochs - 1] = true;
	}
}

static struct cartridge *reopen(struct recording *r, struct cartridge *cartridge)
{
	unsigned epoch = r->store.epoch;
	if (cartridge) {
		model_committed(&r->model, model_present(&r->model));
		must(cart_close(cartridge) == 0, "close");
		note(r, epoch, r->model.state_count, true);
	}
	cartridge = native_open(&r->store.store, "x", true, &r->world.world, NULL);
	must(cartridge, "open");
	return cartridge;
}

/*
 * The process is killed and the machine goes on: what was written is read, whether it is durable or
 * not. A replacement that no commit followed is gone, and maybe attributes with it: they are set
 * anew.
 */
static struct cartridge *kill_and_open(struct recording *r, struct cartridge *cartridge)
{
	char reason[MODEL_REASON_MAX];
	size_t state;
	unsigned epoch = r->store.epoch;
	struct model_stretch stretch = r->stretches[r->epochs - 1];
	fixture_kill(&r->store, cartridge);
	cartridge = native_open(&r->store.store, "x", true, &r->world.world, NULL);
	must(cartridge, "open");
	bool holds = model_holds(&r->model, &stretch, cartridge, &state, reason);
	if (!holds)
		fprintf(stderr, "recording: %s\n", reason);
	must(holds, "what a killed process wrote");
	model_rewind(&r->model, state);
	size_t states = r->model.state_count;
	must(model_set_attributes(&r->model, cartridge) == 0, "attributes");
	note(r, epoch, states, false);
	return cartridge;
}

/* Overwrites from anywhere when it is full, so that zones come free and are used again. */
static int step(struct recording *r, struct cartridge *cartridge, bool *ret_synchronous)
{
	struct cartridge_status status;
	cart_status(cartridge, &status);
	if (status.used < status.capacity * 3 / 4)
		return model_step(&r->model, cartridge, ret_synchronous);
	*ret_synchronous = false;
	return model_append(&r->model, cartridge, power_random(&r->model.random) % status.eod, 100,
		COMPRESSION_NONE);
}

static void one_step(struct recording *r, struct cartridge *cartridge)
{
	bool synchronous;
	unsigned epoch = r->store.epoch;
	size_t states = r->model.state_count;
	int result = step(r, cartridge, &synchronous);
	if (result < 0)
		fprintf(stderr, "recording: %d\n", result);
	must(result == 0, "a step");
	note(r, epoch, states, synchronous);
}

void record_life(struct recording *r, const struct recording_plan *plan)
{
	memset(r, 0, sizeof *r);
	power_store_init(&r->store);
	r->store.recording = true;
	r->store.lie_at = plan->lie_at;
	if (plan->roots_too_early) {
		r->store.early_from = ROOTS_FROM;
		r->store.early_to = ROOTS_TO;
	}
	model_init(&r->model, plan->seed);
	fixture_world_init(&r->world, plan->seed);
	reach_epoch(r, 0, 0);
	must(native_create(&r->store.store, "x", &fixture_small, &r->world.world, NULL), "create");
	note(r, 0, 1, true);
	struct cartridge *cartridge = reopen(r, NULL);
	for (unsigned i = 1; i <= plan->steps; i++) {
		one_step(r, cartridge);
		if (i % 64 == 0)
			cartridge =
				i % 192 == 64 ? kill_and_open(r, cartridge) : reopen(r, cartridge);
	}
	fixture_kill(&r->store, cartridge);
}

void recording_finish(struct recording *r)
{
	power_store_finish(&r->store);
	model_finish(&r->model);
	free(r->stretches);
	free(r->made);
}
