/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "power_cut.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tape.h"

enum { OBJECTS_MAX = 90, SUBSETS = 24, CONTINUE_EVERY = 64, SECTOR = 512, SET_SIZE = 1 << 17 };

struct life {
	struct power_cut *run;
	uint64_t chance;
	struct crash_store store;
	struct cartridge *cartridge;

	struct tape now;  /* as the program sees it */
	bool uncommitted; /* something was replaced or erased since the last commit */
	/* What may be found after a power cut, the oldest first; [0] is durable. */
	struct tape *states;
	unsigned state_count, state_room;
	bool in_data;     /* a checkpoint may come by itself, in the middle of an operation */
	struct tape next; /* what the operation under way will make of it */

	struct crash_store image; /* as the disk may be */
	unsigned epoch, lies;
	uint64_t *seen; /* hashes of images */
};

static void violated(struct life *life, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void violated(struct life *life, const char *format, ...)
{
	va_list arguments;
	if (life->run->violations++ > 0)
		return;
	va_start(arguments, format);
	vsnprintf(life->run->first, sizeof life->run->first, format, arguments);
	va_end(arguments);
}

/* ---- what may be found ----------------------------------------------------------------------- */

static void add_state(struct life *life)
{
	if (life->state_count == life->state_room) {
		life->state_room = life->state_room ? 2 * life->state_room : 64;
		life->states = reallocarray(life->states, life->state_room, sizeof *life->states);
		if (!life->states)
			abort();
	}
	life->states[life->state_count++] = tape_copy(&life->now);
}

static void forget_states(struct life *life)
{
	for (unsigned i = 0; i < life->state_count; i++)
		tape_free(&life->states[i]);
	life->state_count = 0;
}

static bool may_be_found(const struct life *life, const struct tape *found)
{
	for (unsigned i = 0; i < life->state_count; i++)
		if (tape_equal(&life->states[i], found))
			return true;
	return life->in_data && (tape_equal(&life->now, found) || tape_equal(&life->next, found));
}

/* After kill -9 nothing that was answered is lost. */
static bool is_the_latest(const struct life *life, const struct tape *found)
{
	return tape_equal(&life->states[life->state_count - 1], found) ||
	       (life->in_data && (tape_equal(&life->now, found) || tape_equal(&life->next, found)));
}

/* ---- images ---------------------------------------------------------------------------------- */

static void apply(struct life *life, const struct crash_write *write, size_t length)
{
	memcpy(life->image.now + write->offset, write->bytes, length);
}

/* Back to what was durable. */
static void undo(struct life *life)
{
	for (unsigned i = 0; i < life->store.write_count; i++) {
		const struct crash_write *write = &life->store.writes[i];
		memcpy(life->image.now + write->offset, life->image.durable + write->offset,
			write->length);
	}
}

/* Counts images that differ, by what the writes could have changed. */
static void count_image(struct life *life)
{
	uint64_t hash = 14695981039346656037u + life->epoch;
	for (unsigned i = 0; i < life->store.write_count; i++) {
		const struct crash_write *write = &life->store.writes[i];
		for (size_t j = 0; j < write->length; j++)
			hash = (hash ^ life->image.now[write->offset + j]) * 1099511628211u;
	}
	life->run->images++;
	for (unsigned at = (unsigned)(hash >> 40) % SET_SIZE;; at = (at + 1) % SET_SIZE) {
		if (life->seen[at] == hash)
			return;
		if (life->seen[at] == 0) {
			life->seen[at] = hash;
			life->run->distinct++;
			return;
		}
	}
}

/* Writing goes on behind what was found, and is all there afterwards. */
static void go_on(struct life *life, const struct tape *found)
{
	struct crash_store copy;
	struct tape tape = tape_copy(found), again;
	uint8_t block[100];
	crash_store_init(&copy);
	crash_store_set(&copy, life->image.now, life->image.size);
	struct cartridge *cartridge = open_small(&copy, true);
	block_fill(block, sizeof block, 77);
	assert_int_equal(
		cart_append(cartridge, tape.count, block, sizeof block, COMPRESSION_NONE), 0);
	tape_put(&tape, tape.count, (struct tape_object){sizeof block, 77});
	assert_int_equal(cart_commit(cartridge, true), 0);
	crash_store_cut_power(&copy);
	copy.open = false;
	struct cartridge *second = open_small(&copy, true);
	if (!tape_read(second, &again) || !tape_equal(&again, &tape))
		violated(life, "writing on behind a cut did not last (epoch %u)", life->epoch);
	tape_free(&again);
	tape_free(&tape);
	cart_close(second);
	cart_close(cartridge);
	crash_store_finish(&copy);
	life->run->continued++;
}

/* Opens the image, and holds it against the promise. */
static void look(struct life *life, bool all, const char *what, unsigned which)
{
	struct error error = {0};
	struct cartridge_status status;
	struct tape found = {0};
	count_image(life);
	struct cartridge *cartridge =
		native_open(&life->image.store, "/tape", false, &test_world, &error);
	if (!cartridge) {
		violated(life, "epoch %u, %s %u: %s", life->epoch, what, which, error.sentence);
		return;
	}
	cart_status(cartridge, &status);
	if (status.damaged)
		violated(life, "epoch %u, %s %u: %s", life->epoch, what, which, status.reason);
	else if (!tape_read(cartridge, &found))
		violated(life, "epoch %u, %s %u: data is wrong", life->epoch, what, which);
	else if (all ? !is_the_latest(life, &found) : !may_be_found(life, &found))
		violated(life, "epoch %u, %s %u: %u objects, never so", life->epoch, what, which,
			found.count);
	else if (life->run->images % CONTINUE_EVERY == 0 && life->run->violations == 0)
		go_on(life, &found);
	tape_free(&found);
	cart_close(cartridge);
}

/* ---- an epoch -------------------------------------------------------------------------------- */

static void prefixes(struct life *life)
{
	unsigned count = life->store.write_count;
	for (unsigned n = 0; n <= count; n++) {
		if (n > 0)
			apply(life, &life->store.writes[n - 1], life->store.writes[n - 1].length);
		look(life, n == count, "prefix", n);
	}
	undo(life);
}

static void apply_but(struct life *life, unsigned but, size_t length_of_it)
{
	for (unsigned i = 0; i < life->store.write_count; i++) {
		const struct crash_write *write = &life->store.writes[i];
		apply(life, write, i == but ? length_of_it : write->length);
	}
}

static void dropped_and_torn(struct life *life)
{
	for (unsigned i = 0; i < life->store.write_count; i++) {
		size_t length = life->store.writes[i].length;
		apply_but(life, i, 0);
		look(life, false, "without", i);
		undo(life);
		apply_but(life, i, length / 2);
		look(life, false, "torn", i);
		undo(life);
		if (length <= SECTOR)
			continue;
		apply_but(life, i, 1 + chance(&life->chance, (uint32_t)(length / SECTOR)) * SECTOR);
		look(life, false, "torn at a sector", i);
		undo(life);
	}
}

static void subsets(struct life *life)
{
	for (unsigned n = 0; n < SUBSETS; n++) {
		for (unsigned i = 0; i < life->store.write_count; i++)
			if (chance(&life->chance, 2))
				apply(life, &life->store.writes[i], life->store.writes[i].length);
		look(life, false, "subset", n);
		undo(life);
	}
}

static void on_sync(struct crash_store *store, void *context)
{
	struct life *life = context;
	life->epoch++;
	if (life->run->lying_syncs)
		store->forgets_writes_at_sync = ++life->lies % life->run->lying_syncs == 0;
	if (life->run->violations > 0 && life->run->lying_syncs)
		return;
	crash_store_set(&life->image, store->durable, store->size); /* zeros behind its end */
	prefixes(life);
	dropped_and_torn(life);
	subsets(life);
}

/* ---- a life ---------------------------------------------------------------------------------- */

/* What an operation leaves when it is done. */
static void settle(struct life *life, unsigned syncs_before, bool counts)
{
	bool synced = life->store.syncs != syncs_before;
	if (synced) { /* a checkpoint by itself: at least what was before the operation lasts */
		forget_states(life);
		add_state(life);
		life->uncommitted = false;
	}
	tape_free(&life->now);
	life->now = life->next;
	life->next = (struct tape){0};
	life->in_data = false;
	if (counts && !life->uncommitted)
		add_state(life);
}

static void do_block(struct life *life, unsigned at)
{
	uint8_t block[SMALL_BLOCK];
	uint32_t length = chance(&life->chance, 4) ? 1 + chance(&life->chance, 600)
						   : 1 + chance(&life->chance, SMALL_BLOCK);
	uint32_t seed = (uint32_t)life->chance >> 8;
	if (length < 4)
		seed &= (1u << 8 * length) - 1;
	unsigned syncs = life->store.syncs;
	bool replaces = at < life->now.count;
	block_fill(block, length, seed);
	life->next = tape_copy(&life->now);
	tape_put(&life->next, at, (struct tape_object){length, seed});
	life->in_data = true;
	assert_int_equal(
		cart_append(life->cartridge, at, block, length, chance(&life->chance, 3)), 0);
	bool synced = life->store.syncs != syncs;
	settle(life, syncs, !replaces);
	if (replaces) {
		life->uncommitted = true;
		if (synced) /* whether the checkpoint came before or after it */
			add_state(life);
	}
}

static void do_filemark(struct life *life)
{
	unsigned syncs = life->store.syncs;
	life->next = tape_copy(&life->now);
	tape_put(&life->next, life->now.count, (struct tape_object){0});
	life->in_data = true;
	assert_int_equal(cart_append_filemarks(life->cartridge, life->now.count, 1), 0);
	settle(life, syncs, true);
}

static void do_commit(struct life *life, bool synchronous)
{
	if (life->uncommitted) {
		life->uncommitted = false;
		add_state(life);
	}
	assert_int_equal(cart_commit(life->cartridge, synchronous), 0);
	if (!synchronous)
		return;
	forget_states(life);
	add_state(life);
}

static void do_erase(struct life *life, unsigned at)
{
	assert_int_equal(cart_erase(life->cartridge, at), 0);
	if (at < life->now.count)
		life->uncommitted = true;
	tape_cut(&life->now, at);
}

static void do_again(struct life *life)
{
	if (life->uncommitted) {
		life->uncommitted = false;
		add_state(life);
	}
	assert_int_equal(cart_close(life->cartridge), 0);
	forget_states(life);
	add_state(life);
	life->cartridge = open_small(&life->store, true);
}

static void do_something(struct life *life)
{
	uint32_t what = chance(&life->chance, 100);
	unsigned count = life->now.count;
	if (count >= OBJECTS_MAX || what < 6)
		do_block(life, chance(&life->chance, count + 1));
	else if (what < 55)
		do_block(life, count);
	else if (what < 75)
		do_filemark(life);
	else if (what < 82)
		do_commit(life, false);
	else if (what < 94)
		do_commit(life, true);
	else if (what < 96)
		do_erase(life, chance(&life->chance, count + 1));
	else
		do_again(life);
}

void power_cut_run(struct power_cut *run)
{
	struct life life = {.run = run, .chance = run->seed};
	life.seen = calloc(SET_SIZE, sizeof *life.seen);
	assert_non_null(life.seen);
	crash_store_init(&life.image);
	make_small(&life.store);
	life.cartridge = open_small(&life.store, true);
	add_state(&life);
	life.store.on_sync = on_sync;
	life.store.context = &life;
	for (unsigned i = 0; i < run->operations && run->violations == 0; i++)
		do_something(&life);
	life.store.on_sync = NULL;
	if (run->violations == 0)
		assert_tape(life.cartridge, &life.now);
	cart_close(life.cartridge);
	forget_states(&life);
	free(life.states);
	tape_free(&life.now);
	tape_free(&life.next);
	free(life.seen);
	crash_store_finish(&life.image);
	crash_store_finish(&life.store);
}
