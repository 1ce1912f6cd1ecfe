/* SPDX-License-Identifier: Apache-2.0 */
#include "power_cut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, SECTOR = 512 };

struct range {
	uint64_t from, to;
};

/*
 * The disk of one epoch. `base` has everything of the epochs before; `disk` is made of it for each
 * image and put right again afterwards, so that an image costs what it changes and not what it is.
 */
struct disk {
	struct power_cut *cut;
	struct recording *recording;
	unsigned epoch;
	const struct power_write *writes; /* of this epoch */
	size_t write_count;

	struct power_store base, disk;
	struct range *touched;
	size_t touched_count, touched_room;
	uint64_t *page_hashes; /* of base */
	size_t page_count;
	uint64_t base_hash;
	uint64_t random;
};

/* ---- one image ------------------------------------------------------------------------------- */

static void touch(struct disk *d, const struct power_write *write)
{
	if (d->touched_count == d->touched_room) {
		d->touched_room = d->touched_room * 2 + 64;
		d->touched = realloc(d->touched, d->touched_room * sizeof *d->touched);
		if (!d->touched)
			abort();
	}
	d->touched[d->touched_count++] =
		(struct range){write->offset, write->offset + write->length};
}

static void apply(struct disk *d, size_t which, size_t from, size_t to)
{
	touch(d, &d->writes[which]);
	power_store_apply(&d->disk, &d->writes[which], from, to);
}

static void apply_all(struct disk *d, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		apply(d, i, 0, d->writes[i].length);
}

/* Also of what the library wrote while it looked at the image. */
static void restore(struct disk *d)
{
	for (size_t i = 0; i < d->disk.write_count; i++)
		touch(d, &d->disk.writes[i]);
	power_store_forget(&d->disk);
	power_store_resize(&d->disk, d->base.size);
	for (size_t i = 0; i < d->touched_count; i++) {
		uint64_t from = d->touched[i].from, to = d->touched[i].to;
		to = to < d->base.size ? to : d->base.size;
		if (from < to)
			memcpy(d->disk.bytes + from, d->base.bytes + from, to - from);
	}
	d->touched_count = 0;
}

/* ---- is it a new one? ------------------------------------------------------------------------ */

static uint64_t hash_page(const struct power_store *store, size_t page)
{
	uint64_t hash = UINT64_C(0x9e3779b97f4a7c15) * (page + 1), any = 0;
	uint64_t at = (uint64_t)page * PAGE,
		 end = at + PAGE < store->size ? at + PAGE : store->size;
	for (; at + 8 <= end; at += 8) {
		uint64_t word;
		memcpy(&word, store->bytes + at, sizeof word);
		any |= word;
		hash = (hash ^ word) * UINT64_C(0xd6e8feb86659fd93);
		hash ^= hash >> 31;
	}
	return any ? hash : 0;
}

static void hash_base(struct disk *d)
{
	d->page_count = (d->base.size + PAGE - 1) / PAGE;
	d->page_hashes = calloc(d->page_count + 1, sizeof *d->page_hashes);
	d->base_hash = 0;
	for (size_t i = 0; i < d->page_count; i++)
		d->base_hash ^= d->page_hashes[i] = hash_page(&d->base, i);
}

static int by_from(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

static uint64_t hash_image(struct disk *d)
{
	uint64_t hash = d->base_hash;
	size_t next = 0;
	if (d->touched_count)
		qsort(d->touched, d->touched_count, sizeof *d->touched, by_from);
	for (size_t i = 0; i < d->touched_count; i++) {
		size_t page = d->touched[i].from / PAGE, last = (d->touched[i].to - 1) / PAGE;
		for (page = page > next ? page : next; page <= last; page++) {
			hash ^= page < d->page_count ? d->page_hashes[page] : 0;
			hash ^= hash_page(&d->disk, page);
		}
		next = next > last + 1 ? next : last + 1;
	}
	return hash;
}

/* ---- does it keep the promise? --------------------------------------------------------------- */

static struct cartridge *mount(
	struct disk *d, struct power_store *store, bool writable, char *reason)
{
	struct error error = {0};
	struct cartridge *cartridge =
		native_open(&store->store, "x", writable, &d->recording->world.world, &error);
	if (!cartridge)
		snprintf(reason, MODEL_REASON_MAX, "it cannot be opened: %.200s", error.sentence);
	return cartridge;
}

static bool check_again(struct disk *d, struct power_store *store,
	const struct model_stretch *stretch, char *reason)
{
	size_t state;
	struct cartridge *cartridge = mount(d, store, false, reason);
	bool ok =
		cartridge && model_holds(&d->recording->model, stretch, cartridge, &state, reason);
	cart_close(cartridge);
	return ok;
}

/* A few steps; `later` becomes what a power cut behind the last must and may leave. */
static bool go_on(struct disk *d, struct power_store *store, struct cartridge *cartridge,
	size_t state, struct model_stretch *later, char *reason)
{
	struct model *model = &d->recording->model;
	bool synchronous;
	unsigned set_before = model->attributes = later->attributes_max;
	model_rewind(model, state);
	later->state_min = model_present(model);
	for (unsigned i = 0; i < 8; i++) {
		size_t states = model->state_count;
		uint64_t syncs = store->syncs;
		int result = model_step(model, cartridge, &synchronous);
		if (result < 0) {
			snprintf(reason, MODEL_REASON_MAX, "step %u of its second life: %d", i,
				result);
			return false;
		}
		if (store->syncs != syncs)
			model_committed(model, states - 1);
		if (synchronous) {
			later->state_min = model_present(model);
			if (model->attributes > set_before)
				later->attributes_min = model->attributes;
		}
	}
	later->state_max = model_present(model);
	later->attributes_max = model->attributes;
	return true;
}

/* It is opened and written to, and the power is cut again: a random part of its last epoch remains.
 */
static bool lives_again(
	struct disk *d, const struct model_stretch *stretch, size_t state, char *reason)
{
	struct power_store second, third;
	struct model_stretch later = *stretch;
	power_store_copy(&second, &d->disk);
	power_store_copy(&third, &d->disk);
	second.recording = true;
	struct cartridge *cartridge = mount(d, &second, true, reason);
	bool ok = cartridge && go_on(d, &second, cartridge, state, &later, reason);
	fixture_kill(&second, cartridge);
	for (size_t i = 0; i < second.write_count; i++)
		if (second.writes[i].epoch < second.epoch || power_random(&d->random) % 2)
			power_store_apply(&third, &second.writes[i], 0, second.writes[i].length);
	ok = ok && check_again(d, &third, &later, reason);
	power_store_finish(&second);
	power_store_finish(&third);
	return ok;
}

static bool check_made(struct disk *d, const struct model_stretch *stretch, char *reason)
{
	struct model *model = &d->recording->model;
	size_t state, states = model->state_count;
	unsigned attributes = model->attributes;
	uint64_t kind = d->cut->checked % 8;
	struct cartridge *cartridge = mount(d, &d->disk, kind == 1, reason);
	bool ok = cartridge && model_holds(model, stretch, cartridge, &state, reason);
	struct cartridge_status status = {.writable = true};
	if (cartridge && kind == 1)
		cart_status(cartridge, &status);
	if (ok && !status.writable) {
		snprintf(reason, MODEL_REASON_MAX, "it may not be written to: %s", status.reason);
		ok = false;
	}
	cart_close(cartridge);
	if (!ok)
		return false;
	struct model_stretch same = {
		state, state, stretch->attributes_min, stretch->attributes_max};
	if (kind == 1)
		return check_again(d, &d->disk, &same, reason);
	if (kind != 0)
		return true;
	d->cut->second_lives++;
	ok = lives_again(d, stretch, state, reason);
	model_forget(model, states);
	model->attributes = attributes;
	return ok;
}

/* The power went while it was made: it is blank, or nothing that anybody has seen. */
static bool check_unmade(struct disk *d, char *reason)
{
	struct error error;
	struct cartridge_status status;
	struct cartridge *cartridge =
		native_open(&d->disk.store, "x", true, &d->recording->world.world, &error);
	if (!cartridge)
		return true;
	cart_status(cartridge, &status);
	cart_close(cartridge);
	if (status.eod == 0)
		return true;
	snprintf(reason, MODEL_REASON_MAX, "it was never made and has objects");
	return false;
}

static void check(struct disk *d, const char *how, size_t which)
{
	struct power_cut *cut = d->cut;
	struct recording *recording = d->recording;
	char reason[MODEL_REASON_MAX] = "";
	if (cut->violations < cut->violations_max && image_set_add(&cut->images, hash_image(d))) {
		d->disk.recording = true;
		bool ok = recording->made[d->epoch]
				  ? check_made(d, &recording->stretches[d->epoch], reason)
				  : check_unmade(d, reason);
		cut->checked++;
		if (!ok && cut->violations++ == 0)
			snprintf(cut->first_violation, sizeof cut->first_violation,
				"epoch %u of %u, %s %zu of %zu writes: %s", d->epoch,
				recording->epochs, how, which, d->write_count, reason);
	}
	restore(d);
}

/* ---- all of an epoch ------------------------------------------------------------------------- */

static void prefixes(struct disk *d)
{
	for (size_t n = 0; n <= d->write_count; n++) {
		apply_all(d, 0, n);
		check(d, "prefix", n);
	}
}

static void dropped(struct disk *d)
{
	for (size_t n = 0; n < d->write_count; n++) {
		apply_all(d, 0, n);
		apply_all(d, n + 1, d->write_count);
		check(d, "dropped", n);
	}
}

/* Where a sector begins in a write, at or behind a place in it. */
static size_t sector_from(const struct power_write *write, size_t at)
{
	uint64_t offset = write->offset + at;
	uint64_t next = (offset + SECTOR - 1) / SECTOR * SECTOR - write->offset;
	return next < write->length ? next : write->length;
}

static void torn(struct disk *d)
{
	for (size_t n = 0; n < d->write_count; n++) {
		const struct power_write *write = &d->writes[n];
		size_t at = 1 + power_random(&d->random) % write->length;
		apply_all(d, 0, n);
		apply(d, n, 0, at);
		check(d, "torn, its beginning,", n);
		apply_all(d, 0, n);
		apply(d, n, sector_from(write, at), write->length);
		apply_all(d, n + 1, d->write_count);
		check(d, "torn, its end,", n);
	}
}

static void subsets(struct disk *d)
{
	for (unsigned i = 0; i < d->cut->subsets && d->write_count > 1; i++) {
		uint64_t odds = 1 + power_random(&d->random) % 7;
		for (size_t n = 0; n < d->write_count; n++) {
			uint64_t r = power_random(&d->random);
			if (r % 8 < odds)
				apply(d, n, 0, d->writes[n].length);
			else if (r % 8 == 7)
				apply(d, n, 0, r / 8 % (d->writes[n].length + 1));
		}
		check(d, "subset", i);
	}
}

static void cut_epoch(struct disk *d)
{
	hash_base(d);
	power_store_finish(&d->disk);
	power_store_copy(&d->disk, &d->base);
	prefixes(d);
	dropped(d);
	torn(d);
	subsets(d);
	for (size_t i = 0; i < d->write_count; i++)
		power_store_apply(&d->base, &d->writes[i], 0, d->writes[i].length);
	free(d->page_hashes);
}

void power_cut_everywhere(struct power_cut *cut, struct recording *recording)
{
	const struct power_store *store = &recording->store;
	struct disk d = {.cut = cut, .recording = recording, .random = recording->model.random};
	power_store_init(&d.base);
	power_store_init(&d.disk);
	d.base.exists = true;
	for (size_t from = 0, to; from < store->write_count; from = to, d.epoch++) {
		d.writes = store->writes + from;
		for (to = from; to < store->write_count && store->writes[to].epoch == d.epoch;)
			to++;
		d.write_count = to - from;
		if (cut->violations < cut->violations_max)
			cut_epoch(&d);
	}
	power_store_finish(&d.base);
	power_store_finish(&d.disk);
	free(d.touched);
}

void power_cut_finish(struct power_cut *cut)
{
	image_set_finish(&cut->images);
}
