/* SPDX-License-Identifier: Apache-2.0 */
/* A tape drive in faked surroundings, and one cartridge, whose file is in memory. */
#pragma once

#include "crash_store.h"
#include "fake_transport.h"
#include "ssc/drive.h"

struct fake_tape_setup {
	uint64_t capacity;  /* bytes */
	uint32_t block_max; /* of the cartridge */
	uint32_t path_max;  /* the longest block of the hosts' paths; 0: no limit */
	bool empty;         /* the cartridge is not in the drive */
};

struct fake_tape {
	struct ssc_drive *drive;
	struct crash_store
		store; /* the cartridge's file: damage it, fill its disk, count its syncs */
	bool loaded;
};

struct fake_drive *fake_tape_create(const struct fake_tape_setup *setup);

/*
 * A daemon that starts: its drive holds a copy of the cartridge of `before`, which is out of the
 * drive now. Nobody is told; no host is there yet.
 */
struct fake_drive *fake_tape_restarted(struct fake_drive *before);

/* What the library does with the cartridge; done when they return. */
void fake_tape_load(struct fake_drive *fake, bool write_protected);
void fake_tape_unload(struct fake_drive *fake);
