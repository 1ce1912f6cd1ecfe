/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal in front of drives, in this process: the backend that the daemon has, as a test double.
 * No header of scsi/ is included here, so that a test may include libiscsi's, whose names clash.
 *
 * Target iqn.2026-01.test:one has a DVD on LUN 0 and a CD on LUN 5; every block of a disc begins
 * with its address. Target iqn.2026-01.test:two has the same DVD on LUN 0. Target
 * iqn.2026-01.test:tape, which is there when it is asked for, has a tape drive on LUN 0 and the DVD
 * on LUN 1.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "iscsi/portal.h"

#define TARGET_ONE    "iqn.2026-01.test:one"
#define TARGET_TWO    "iqn.2026-01.test:two"
#define TARGET_TAPE   "iqn.2026-01.test:tape"
#define INITIATOR     "iqn.2026-01.test:initiator"
#define CHAP_USER     "someone"
#define CHAP_SECRET   "a secret of the host"
#define TARGET_USER   "the library"
#define TARGET_SECRET "a secret of the library"

enum { LIBRARY_FILL = 0x5a, LIBRARY_BLOCK = 2048, DVD_BLOCKS = 8192, CD_BLOCKS = 500 };

struct fake_portal {
	struct portal *portal;
	const char *address; /* of the first listener */
	struct library *library;
};

struct fake_portal_setup {
	bool chap, mutual;
	unsigned threads; /* 0: two */
	struct portal_limits limits;
	const char *second;    /* one more address to listen on */
	unsigned more_targets; /* only for discovery */
	bool files;            /* discs in LUN 0 are files of a local file system */
	bool tape;             /* there is a tape drive */
	bool by_hand;          /* no listener, and one thread, which is not started */
};

/* All aborts on failure. NULL: all defaults. */
struct fake_portal *fake_portal_create(const struct fake_portal_setup *setup);
void fake_portal_destroy(struct fake_portal *fake);

/* NULL: none was asked for. */
struct tape_unit *fake_portal_tape(struct fake_portal *fake);
/* Reads of LUN 0 wait until this is taken back: what is read is not in the page cache, so to speak.
 */
void fake_portal_hold(struct fake_portal *fake, bool hold);
/* Reads are left to the workers. */
void fake_portal_slow(struct fake_portal *fake, bool slow);
/* Another DVD, whose blocks are filled with the next byte. One thread at a time. */
void fake_portal_swap(struct fake_portal *fake);
/* The disc in LUN 0 ends here from now on: its file was truncated, or so to speak. */
void fake_portal_cut(struct fake_portal *fake, uint32_t blocks);
/* With `files`: the one of the disc in LUN 0 was written to, with what it held before. */
void fake_portal_touch(struct fake_portal *fake);
/* Reads of LUN 0 that were left in the file, to be sent from there. */
uint64_t fake_portal_sent_from_file(struct fake_portal *fake);
/* Works that wait. */
unsigned fake_portal_held(struct fake_portal *fake);
/* So far. */
unsigned fake_portal_opened(struct fake_portal *fake);
unsigned fake_portal_closed(struct fake_portal *fake);
/* Of those, the ones whose initiator had missed nothing. */
unsigned fake_portal_quiet(struct fake_portal *fake);
/* How many nexuses the DVD drive has. */
unsigned fake_portal_nexuses(struct fake_portal *fake);
/* Somebody forbids to take out the DVD. */
bool fake_portal_prevented(struct fake_portal *fake);
bool fake_portal_logged(struct fake_portal *fake, const char *part);
/* Waits, for a minute; false: it did not happen. */
bool wait_until(bool (*happened)(struct fake_portal *), struct fake_portal *fake);
