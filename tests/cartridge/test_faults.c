/* SPDX-License-Identifier: Apache-2.0 */
/* A host's file system that is full, that fails, or that fails only when asked whether it is done.
 */
#include "support.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "fixture.h"
#include "tape_model.h"

struct bench {
	struct power_store store;
	struct model model;
	struct fixture_world world;
	struct cartridge *cartridge;
	char reason[MODEL_REASON_MAX];
};

static void open_it(struct bench *b)
{
	struct error error;
	b->cartridge = native_open(&b->store.store, "x", true, &b->world.world, &error);
	if (!b->cartridge)
		fail_msg("%s", error.sentence);
}

static void begin(struct bench *b, uint64_t seed)
{
	memset(b, 0, sizeof *b);
	power_store_init(&b->store);
	model_init(&b->model, seed);
	fixture_world_init(&b->world, seed);
	assert_true(native_create(&b->store.store, "x", &fixture_small, &b->world.world, NULL));
	open_it(b);
}

static void end(struct bench *b)
{
	power_store_finish(&b->store);
	model_finish(&b->model);
}

static void live(struct bench *b, unsigned steps)
{
	bool synchronous;
	for (unsigned i = 0; i < steps; i++)
		assert_int_equal(model_step(&b->model, b->cartridge, &synchronous), 0);
}

/* Appends until one fails: the model is then as if that one had not been tried. */
static int live_until_it_fails(struct bench *b, unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		size_t states = b->model.state_count;
		bool pending = b->model.pending, synchronous;
		unsigned attributes = b->model.attributes;
		int result = model_step(&b->model, b->cartridge, &synchronous);
		if (result == 0)
			continue;
		/* Of several filemarks the first ones may be there. */
		struct cartridge_status status;
		cart_status(b->cartridge, &status);
		size_t keep = states;
		while (keep < b->model.state_count && b->model.states[keep - 1].eod != status.eod)
			keep++;
		model_forget(&b->model, keep);
		b->model.pending = pending;
		b->model.attributes = attributes;
		return result;
	}
	return 0;
}

static void must_agree(struct bench *b, unsigned n, const char *when)
{
	if (!model_agrees(&b->model, b->cartridge, b->reason))
		fail_msg("write %u failed, %s: %s", n, when, b->reason);
}

enum { FIRST_STEPS = 20, STEPS = 400 };

/* The n-th write of a life finds the disk full. Returns whether it got that far. */
static bool full_at(uint64_t seed, unsigned n)
{
	struct bench b;
	begin(&b, seed);
	live(&b, FIRST_STEPS);
	b.store.write_error = -ENOSPC;
	b.store.write_countdown = n;
	b.store.partial = n * 37 % 700;
	int result = live_until_it_fails(&b, STEPS);
	b.store.write_error = 0;
	if (result) {
		assert_int_equal(result, -ENOSPC);
		must_agree(&b, n, "at once");
	}
	live(&b, 12);
	must_agree(&b, n, "later");
	assert_int_equal(model_commit(&b.model, b.cartridge, true), 0);
	fixture_kill(&b.store, b.cartridge);
	open_it(&b);
	must_agree(&b, n, "after a crash");
	live(&b, 12);
	assert_int_equal(cart_close(b.cartridge), 0);
	open_it(&b);
	must_agree(&b, n, "after closing");
	assert_int_equal(cart_close(b.cartridge), 0);
	end(&b);
	return result != 0;
}

static void test_a_full_disk_takes_nothing_away(void **state)
{
	unsigned refused = 0;
	for (unsigned n = 0; n < 120; n++)
		refused += full_at(100 + n % 4, n);
	printf("%u refusals\n", refused);
	assert_true(refused > 100);
}

/* Checkpoints come of their own accord, behind a block that is on the tape already. */
static void test_a_full_disk_at_a_checkpoint_takes_nothing_away(void **state)
{
	enum { ZONES_AT = 65536, CHECKPOINT = 6, NEXT = 2 };
	struct bench b;
	unsigned refused = 0;
	begin(&b, 104);
	live(&b, FIRST_STEPS);
	b.store.recording = true;
	live(&b, STEPS);
	fixture_kill(&b.store, b.cartridge);
	for (unsigned n = 0; n < b.store.write_count; n++) {
		const struct power_write *write = &b.store.writes[n];
		if (write->data && (write->offset < ZONES_AT || write->data[4] == CHECKPOINT ||
					   write->data[4] <= NEXT))
			refused += full_at(104, n);
	}
	printf("%u refusals\n", refused);
	assert_true(refused > 4);
	end(&b);
}

/* What it was at the last promise, or later; and never written to again until it is opened anew. */
static void test_a_failing_disk_stops_it(void **state)
{
	for (unsigned n = 0; n < 60; n++) {
		struct bench b;
		size_t found;
		begin(&b, 200 + n % 4);
		live(&b, 30);
		assert_int_equal(model_commit(&b.model, b.cartridge, true), 0);
		struct model_stretch stretch = {
			.state_min = model_present(&b.model), .attributes_min = b.model.attributes};
		b.store.write_error = -EIO;
		b.store.write_countdown = n;
		b.store.partial = n * 41 % 500;
		bool synchronous;
		int result = 0;
		for (unsigned i = 0; i < 200 && result == 0; i++)
			result = model_step(&b.model, b.cartridge, &synchronous);
		assert_int_equal(result, -EIO);
		stretch.state_max = model_present(&b.model);
		stretch.attributes_max = b.model.attributes;
		b.store.write_error = 0;
		uint8_t byte = 0;
		assert_int_equal(cart_append(b.cartridge, 0, &byte, 1, COMPRESSION_NONE), -EIO);
		assert_int_equal(cart_commit(b.cartridge, true), -EIO);
		struct cartridge_status status;
		cart_status(b.cartridge, &status);
		assert_false(status.writable);
		assert_true(status.reason[0]);
		assert_int_equal(cart_close(b.cartridge), -EIO);
		open_it(&b);
		model_committed(&b.model, stretch.state_min);
		if (!model_holds(&b.model, &stretch, b.cartridge, &found, b.reason))
			fail_msg("write %u failed: %s", n, b.reason);
		assert_int_equal(cart_close(b.cartridge), 0);
		end(&b);
	}
}

/*
 * After an fdatasync that failed Linux shows what was written and never writes it. Opened again in
 * that state, the next synchronous commit promises all that it shows.
 */
static void test_what_a_failed_fdatasync_left_is_written_again(void **state)
{
	for (unsigned n = 0; n < 40; n++) {
		struct bench b;
		struct power_store disk;
		bool synchronous;
		begin(&b, 300 + n);
		power_store_copy(&disk, &b.store);
		b.store.recording = true;
		live(&b, n % 8);
		assert_int_equal(model_commit(&b.model, b.cartridge, true), 0);
		for (unsigned i = 0; i < 8; i++)
			assert_int_equal(model_append(&b.model, b.cartridge,
						 b.model.states[model_present(&b.model)].eod,
						 50 + 40 * i, COMPRESSION_NONE),
				0);
		b.store.sync_error = -EIO;
		assert_int_equal(model_commit(&b.model, b.cartridge, true), -EIO);
		assert_int_equal(cart_close(b.cartridge), -EIO);
		open_it(&b);
		struct model_stretch stretch = {
			.state_max = model_present(&b.model), .attributes_max = b.model.attributes};
		size_t found;
		if (!model_holds(&b.model, &stretch, b.cartridge, &found, b.reason))
			fail_msg("seed %u, opened again: %s", 300 + n, b.reason);
		model_rewind(&b.model, found);
		assert_int_equal(
			model_append(&b.model, b.cartridge,
				b.model.states[model_present(&b.model)].eod, 100, COMPRESSION_NONE),
			0);
		assert_int_equal(model_commit(&b.model, b.cartridge, true), 0);
		size_t promised = model_present(&b.model);
		(void)model_step(&b.model, b.cartridge, &synchronous);
		model_forget(&b.model, promised + 1);
		b.model.pending = false;
		fixture_kill(&b.store, b.cartridge);
		/* The power goes: what the failed fdatasync was to write was never written. */
		for (size_t i = 0; i < b.store.write_count; i++)
			if (b.store.writes[i].epoch < b.store.epoch)
				power_store_apply(
					&disk, &b.store.writes[i], 0, b.store.writes[i].length);
		b.cartridge = native_open(&disk.store, "x", true, &b.world.world, NULL);
		if (!b.cartridge)
			fail_msg("seed %u: it cannot be opened after the power cut", 300 + n);
		stretch = (struct model_stretch){promised, promised, 0, b.model.attributes};
		if (!model_holds(&b.model, &stretch, b.cartridge, &found, b.reason))
			fail_msg("seed %u, after the power cut: %s", 300 + n, b.reason);
		assert_int_equal(cart_close(b.cartridge), 0);
		power_store_finish(&disk);
		end(&b);
	}
}

static void test_an_unreadable_place_costs_what_lies_there(void **state)
{
	struct bench b;
	unsigned long lost = 0;
	begin(&b, 400);
	live(&b, 300);
	assert_int_equal(cart_close(b.cartridge), 0);
	for (uint64_t at = 65536; at < b.store.size; at += 4096) {
		uint8_t block[MODEL_BLOCK_MAX];
		struct cartridge_object object;
		struct cartridge_status status;
		b.store.read_error = 0;
		open_it(&b);
		cart_status(b.cartridge, &status);
		b.store.bad_offset = at;
		b.store.read_error = -EIO;
		for (uint64_t i = 0; i < status.eod; i++) {
			int result = cart_read(b.cartridge, i, block, sizeof block, &object);
			if (result != 0)
				assert_int_equal(result, -EIO);
			lost += result != 0;
		}
		b.store.read_error = 0;
		must_agree(&b, (unsigned)(at >> 12), "and can be read again");
		fixture_kill(&b.store, b.cartridge);
	}
	assert_true(lost > 0);
	end(&b);
}

/* A small cartridge is loaded and unloaded for years, and each time something is noted on it. */
static void test_openings_do_not_use_it_up(void **state)
{
	struct bench b;
	uint64_t size = 0;
	begin(&b, 500);
	live(&b, 100);
	for (unsigned i = 0; i < 4000; i++) {
		assert_int_equal(model_set_attributes(&b.model, b.cartridge), 0);
		assert_int_equal(cart_close(b.cartridge), 0);
		open_it(&b);
		if (i == 1000)
			size = b.store.size;
	}
	must_agree(&b, 0, "and was not");
	assert_in_range(b.store.size, 1, size + fixture_small.zone_size);
	assert_int_equal(cart_close(b.cartridge), 0);
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_full_disk_takes_nothing_away),
		cmocka_unit_test(test_a_full_disk_at_a_checkpoint_takes_nothing_away),
		cmocka_unit_test(test_a_failing_disk_stops_it),
		cmocka_unit_test(test_what_a_failed_fdatasync_left_is_written_again),
		cmocka_unit_test(test_an_unreadable_place_costs_what_lies_there),
		cmocka_unit_test(test_openings_do_not_use_it_up),
	};
	setvbuf(stdout, NULL, _IOLBF, 0);
	return cmocka_run_group_tests_name("cartridge/faults", tests, NULL, NULL);
}
