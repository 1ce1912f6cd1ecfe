/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a cartridge, written down: every write, and what was promised when. */
#pragma once

#include "fixture.h"
#include "tape_model.h"

struct recording {
	struct power_store store;
	struct model model;
	struct fixture_world world;
	/* For each epoch: what a power cut in it must leave, and what it may. */
	struct model_stretch *stretches;
	bool *made; /* the cartridge had been made before */
	unsigned epochs, room;
};

struct recording_plan {
	uint64_t seed;
	unsigned steps;
	uint64_t lie_at;      /* this fdatasync is not done; 0: all are */
	bool roots_too_early; /* written before what they name is durable */
};

/* Aborts when the cartridge refuses something, which it has no reason to. */
void record_life(struct recording *recording, const struct recording_plan *plan);
void recording_finish(struct recording *recording);
