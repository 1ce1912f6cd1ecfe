/* SPDX-License-Identifier: Apache-2.0 */
#include "tape_model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "power_store.h"

static uint64_t hash_bytes(const uint8_t *data, size_t length)
{
	uint64_t hash = UINT64_C(0x243f6a8885a308d3) ^ length;
	for (; length >= 8; data += 8, length -= 8) {
		uint64_t word;
		memcpy(&word, data, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	for (; length > 0; data++, length--)
		hash = (hash ^ *data) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

/* Of a tape with one object more. */
static uint64_t hash_on(uint64_t before, bool filemark, uint64_t object)
{
	uint64_t hash =
		(before << 7 | before >> 57) ^ (filemark ? UINT64_C(0x5851f42d4c957f2d) : object);
	return hash * UINT64_C(0xda942042e4dd58b5);
}

void model_fill(uint64_t seed, uint32_t length, uint8_t *ret)
{
	uint64_t state = seed, kind = power_random(&state) % 4;
	if (kind == 0) { /* does not compress */
		for (uint32_t i = 0; i < length; i++)
			ret[i] = (uint8_t)power_random(&state);
		return;
	}
	uint64_t period = 1 + power_random(&state) % 97;
	for (uint32_t i = 0; i < length; i++)
		ret[i] = (uint8_t)(i % period + seed + (kind == 2 ? i / 512 : 0));
	for (uint32_t i = 0; kind == 3 && i < length; i += 64)
		ret[i] = (uint8_t)power_random(&state);
}

size_t model_attributes(unsigned number, uint8_t ret[512])
{
	size_t length = number == 0 ? 0 : 4 + number * 37 % 400;
	for (size_t i = 0; i < length; i++)
		ret[i] = (uint8_t)(i < 4 ? number >> (24 - 8 * i) : number + i);
	return length;
}

/* ---- history --------------------------------------------------------------------------------- */

static struct model_state *new_state(struct model *m)
{
	if (m->state_count == m->state_room) {
		m->state_room = m->state_room * 2 + 256;
		m->states = realloc(m->states, m->state_room * sizeof *m->states);
		if (!m->states)
			abort();
	}
	return &m->states[m->state_count++];
}

static void set_at(struct model *m, uint64_t eod, size_t state)
{
	if (eod >= m->at_room) {
		m->at_room = eod * 2 + 256;
		m->at = realloc(m->at, m->at_room * sizeof *m->at);
		if (!m->at)
			abort();
	}
	m->at[eod] = state;
}

void model_init(struct model *m, uint64_t seed)
{
	*m = (struct model){.random = seed};
	*new_state(m) = (struct model_state){.hash = 1, .counts = true};
	set_at(m, 0, 0);
}

void model_finish(struct model *m)
{
	free(m->states);
	free(m->at);
}

static uint64_t eod_of(const struct model *m)
{
	return m->states[model_present(m)].eod;
}

static void push(struct model *m, uint64_t object, const struct model_object *what, uint64_t hash)
{
	size_t before = m->at[object];
	m->pending |= object < eod_of(m);
	struct model_state *state = new_state(m);
	*state = m->states[before];
	state->before = before;
	state->object = *what;
	state->eod++;
	state->filemarks += what->filemark;
	state->bytes += what->length;
	state->hash = hash_on(state->hash, what->filemark, hash);
	state->counts = !m->pending;
	set_at(m, state->eod, model_present(m));
}

static void push_again(struct model *m, size_t which)
{
	struct model_state *state = new_state(m);
	*state = m->states[which];
	state->counts = !m->pending;
	set_at(m, state->eod, model_present(m));
}

static void list_objects(struct model *m, size_t state)
{
	m->at[0] = 0;
	for (; m->states[state].eod > 0; state = m->states[state].before)
		set_at(m, m->states[state].eod, state);
}

void model_rewind(struct model *m, size_t state)
{
	m->pending = false;
	list_objects(m, state);
	push_again(m, state);
}

void model_forget(struct model *m, size_t state_count)
{
	m->state_count = state_count;
	list_objects(m, model_present(m));
}

void model_committed(struct model *m, size_t from_state)
{
	for (size_t i = from_state; i < m->state_count; i++)
		m->states[i].counts = true;
	m->pending = false;
}

/* ---- what is done ---------------------------------------------------------------------------- */

int model_append(struct model *m, struct cartridge *cartridge, uint64_t object, uint32_t length,
	enum cartridge_compression compression)
{
	static _Thread_local uint8_t block[MODEL_BLOCK_MAX];
	struct model_object what = {.seed = power_random(&m->random), .length = length};
	model_fill(what.seed, length, block);
	push(m, object, &what, hash_bytes(block, length));
	return cart_append(cartridge, object, block, length, compression);
}

int model_append_filemarks(
	struct model *m, struct cartridge *cartridge, uint64_t object, uint32_t count)
{
	struct model_object what = {.filemark = true};
	for (uint32_t i = 0; i < count; i++)
		push(m, object + i, &what, 0);
	return cart_append_filemarks(cartridge, object, count);
}

int model_erase(struct model *m, struct cartridge *cartridge, uint64_t object)
{
	m->pending |= object < eod_of(m);
	push_again(m, m->at[object]);
	return cart_erase(cartridge, object);
}

int model_commit(struct model *m, struct cartridge *cartridge, bool synchronous)
{
	model_committed(m, model_present(m));
	return cart_commit(cartridge, synchronous);
}

int model_set_attributes(struct model *m, struct cartridge *cartridge)
{
	uint8_t data[512];
	size_t length = model_attributes(++m->attributes, data);
	return cart_set_attributes(cartridge, data, length);
}

static uint32_t some_length(struct model *m)
{
	uint64_t r = power_random(&m->random);
	uint32_t most = r % 16 < 11 ? 200 : r % 16 < 15 ? 3000 : MODEL_BLOCK_MAX;
	return 1 + (uint32_t)(r / 16 % most);
}

/* Close to the end mostly, a leaf or two before it, anywhere at times. */
static uint64_t some_object(struct model *m)
{
	uint64_t r = power_random(&m->random), eod = eod_of(m);
	uint64_t most = r % 32 == 0 ? eod : r % 8 == 1 ? 40 : 3;
	return eod - r / 32 % ((most < eod ? most : eod) + 1);
}

int model_step(struct model *m, struct cartridge *cartridge, bool *ret_synchronous)
{
	uint64_t r = power_random(&m->random);
	unsigned what = (unsigned)(r % 100);
	enum cartridge_compression compression = (r >> 20) % 3;
	*ret_synchronous = false;
	m->steps++;
	if (what < 58)
		return model_append(m, cartridge, eod_of(m), some_length(m), compression);
	if (what < 68)
		return model_append_filemarks(m, cartridge, eod_of(m), 1 + (uint32_t)(r >> 30) % 3);
	if (what < 75)
		return model_commit(m, cartridge, false);
	if (what < 83) {
		*ret_synchronous = true;
		return model_commit(m, cartridge, true);
	}
	if (what < 91) { /* one after the other: compilers do not agree on the order of arguments */
		uint64_t object = some_object(m);
		return model_append(m, cartridge, object, some_length(m), compression);
	}
	if (what < 93)
		return model_append_filemarks(m, cartridge, some_object(m), 1);
	if (what < 95)
		return model_erase(m, cartridge, some_object(m));
	return model_set_attributes(m, cartridge);
}

/* ---- comparing ------------------------------------------------------------------------------- */

struct held {
	uint64_t hash, filemarks, bytes;
	uint64_t last_filemark;
};

static bool say(char *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool say(char *reason, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, MODEL_REASON_MAX, format, arguments);
	va_end(arguments);
	return false;
}

static bool read_one(struct cartridge *cartridge, uint64_t object, struct held *held, char *reason)
{
	static _Thread_local uint8_t block[MODEL_BLOCK_MAX];
	struct cartridge_object found;
	int result = cart_read(cartridge, object, block, sizeof block, &found);
	if (result < 0)
		return say(reason, "object %" PRIu64 " cannot be read: %d", object, result);
	if (!found.filemark) {
		held->hash = hash_on(held->hash, false, hash_bytes(block, found.length));
		held->bytes += found.length;
		return true;
	}
	uint64_t where = UINT64_MAX;
	result = cart_find_filemark(cartridge, held->filemarks, &where);
	if (result < 0 || where != object)
		return say(reason,
			"filemark %" PRIu64 " is said to be at %" PRIu64 ", %d, and is at %" PRIu64,
			held->filemarks, where, result, object);
	held->hash = hash_on(held->hash, true, 0);
	held->filemarks++;
	held->last_filemark = object;
	return true;
}

static bool find_state(const struct model *m, const struct model_stretch *stretch, uint64_t eod,
	const struct held *held, size_t *ret)
{
	for (size_t i = stretch->state_max + 1; i-- > stretch->state_min;) {
		const struct model_state *state = &m->states[i];
		if (state->counts && state->eod == eod && state->hash == held->hash) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool check_attributes(
	const struct model_stretch *stretch, struct cartridge *cartridge, char *reason)
{
	uint8_t wanted[512];
	const uint8_t *data;
	size_t length;
	int result = cart_get_attributes(cartridge, &data, &length);
	if (result < 0)
		return say(reason, "no attributes: %d", result);
	for (unsigned i = stretch->attributes_min; i <= stretch->attributes_max; i++)
		if (model_attributes(i, wanted) == length &&
			(length == 0 || memcmp(wanted, data, length) == 0))
			return true;
	return say(reason, "attributes of %zu bytes that are none of the %u to %u", length,
		stretch->attributes_min, stretch->attributes_max);
}

static bool check_totals(
	const struct cartridge_status *status, const struct held *held, char *reason)
{
	if (status->filemarks != held->filemarks || status->bytes != held->bytes)
		return say(reason,
			"it counts %" PRIu64 " filemarks and %" PRIu64 " bytes, there are %" PRIu64
			" and %" PRIu64,
			status->filemarks, status->bytes, held->filemarks, held->bytes);
	return true;
}

bool model_holds(const struct model *m, const struct model_stretch *stretch,
	struct cartridge *cartridge, size_t *ret_state, char reason[MODEL_REASON_MAX])
{
	struct cartridge_status status;
	struct held held = {.hash = 1};
	struct cartridge_object found;
	uint64_t before = 0;
	uint8_t byte;
	cart_status(cartridge, &status);
	if (status.damaged)
		return say(reason, "it is said to be damaged: %s", status.reason);
	for (uint64_t object = 0; object < status.eod; object++)
		if (!read_one(cartridge, object, &held, reason))
			return false;
	if (cart_read(cartridge, status.eod, &byte, 1, &found) != -ERANGE)
		return say(reason, "there is something at the end of data");
	if (cart_filemarks_before(cartridge, status.eod, &before) < 0 || before != held.filemarks)
		return say(reason, "%" PRIu64 " filemarks before the end of data, %" PRIu64 " read",
			before, held.filemarks);
	if (!check_totals(&status, &held, reason) || !check_attributes(stretch, cartridge, reason))
		return false;
	if (!find_state(m, stretch, status.eod, &held, ret_state))
		return say(reason,
			"its %" PRIu64 " objects are no state of %zu (EOD %" PRIu64
			") to %zu (EOD %" PRIu64 ")",
			status.eod, stretch->state_min, m->states[stretch->state_min].eod,
			stretch->state_max, m->states[stretch->state_max].eod);
	return true;
}

bool model_agrees(const struct model *m, struct cartridge *cartridge, char reason[MODEL_REASON_MAX])
{
	size_t present = model_present(m), state;
	bool counts = m->states[present].counts;
	struct model_stretch stretch = {present, present, m->attributes, m->attributes};
	m->states[present].counts = true;
	bool agrees = model_holds(m, &stretch, cartridge, &state, reason);
	m->states[present].counts = counts;
	return agrees;
}
