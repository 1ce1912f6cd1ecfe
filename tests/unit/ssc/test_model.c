/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tape drive against a tape that is too simple to be wrong: random commands, and after each of
 * them sense, INFORMATION, data and position compared. TAPE_SEED and TAPE_COMMANDS in the
 * environment ask for others and for more.
 */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "drive_bench.h"
#include "util/bytes.h"

struct model {
	struct drive_bench *b;
	struct tape tape;
	uint64_t position, chance;
	uint64_t lasting;           /* objects that no power cut takes: so many at least */
	unsigned long losses;       /* commands that were told of some */
	uint32_t block_length;      /* 0: variable */
	unsigned long seed, number; /* of the command under way */
};

/* What the simple tape says to a command. */
struct expected {
	enum scsi_sense_code code;
	bool has_information;
	int64_t information;
};

static const struct expected good;

static struct expected left(enum scsi_sense_code code, int64_t information)
{
	return (struct expected){code, true, information};
}

static bool is_mark(const struct model *m, uint64_t object)
{
	return m->tape.objects[object].length == 0;
}

static void compare(struct model *m, const struct sent *sent, struct expected expected)
{
	const struct scsi_sense *sense = &sent->cmd.sense;
	bool same = sense_of(sent) == expected.code &&
		    (!expected.has_information ||
			    (sense->information_valid &&
				    (int32_t)sense->information == (int32_t)expected.information));
	if (!same)
		fail_msg("seed %lu, command %lu (%02x): %s, INFORMATION %d; expected %s, %d",
			m->seed, m->number, sent->cmd.cdb[0], scsi_sense_text(sense_of(sent)),
			(int)(int32_t)sense->information, scsi_sense_text(expected.code),
			(int)expected.information);
	uint64_t position = position_of(m->b->a);
	if (position != m->position)
		fail_msg("seed %lu, command %lu (%02x): at %llu, expected %llu", m->seed, m->number,
			sent->cmd.cdb[0], (unsigned long long)position,
			(unsigned long long)m->position);
}

/* ---- writing -----------------------------------------------------------------------------------
 */

/* Replaced objects last no longer. */
static void put(struct model *m, struct tape_object object)
{
	m->lasting = m->position < m->lasting ? m->position : m->lasting;
	tape_put(&m->tape, (unsigned)m->position, object);
	m->position++;
}

static uint32_t short_seed(uint32_t seed, uint32_t length)
{
	return length >= 4 ? seed : seed & ((1u << 8 * length) - 1);
}

static void lasts(struct model *m)
{
	m->lasting = m->tape.count;
}

static void do_write(struct model *m)
{
	uint32_t seed = chance(&m->chance, 1 << 30);
	uint32_t length = 1 + chance(&m->chance, chance(&m->chance, 5) ? 700 : SMALL_BLOCK);
	put(m, (struct tape_object){length, short_seed(seed, length)});
	compare(m, write_block(m->b->a, length, seed), good);
}

static void do_write_fixed(struct model *m)
{
	uint8_t data[DATA_MAX], cdb[16] = {0x0a, 1};
	uint32_t count = 1 + chance(&m->chance, 5);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t seed = chance(&m->chance, 1 << 30);
		block_fill(data + i * m->block_length, m->block_length, seed);
		put(m, (struct tape_object){m->block_length, seed});
	}
	cdb[4] = (uint8_t)count;
	compare(m, send_out(m->b->a, cdb, data, (size_t)count * m->block_length), good);
}

static void do_marks(struct model *m)
{
	uint32_t count = chance(&m->chance, 4);
	bool immediate = chance(&m->chance, 2);
	for (uint32_t i = 0; i < count; i++)
		put(m, (struct tape_object){0});
	compare(m, write_marks(m->b->a, count, immediate), good);
	if (!immediate)
		lasts(m);
}

static void do_erase(struct model *m)
{
	tape_cut(&m->tape, (unsigned)m->position);
	compare(m, send_none(m->b->a, CDB(0x19)), good);
	lasts(m);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static void compare_data(struct model *m, const struct sent *sent, size_t at,
	struct tape_object object, uint32_t length)
{
	static uint8_t expected[DATA_MAX];
	block_fill(expected, object.length, object.seed);
	if (memcmp(sent->data + at, expected, length) != 0)
		fail_msg("seed %lu, command %lu: other data", m->seed, m->number);
}

static void do_read(struct model *m)
{
	uint32_t length = 1 + chance(&m->chance, 900);
	bool sili = chance(&m->chance, 2);
	struct tape_object object = {0};
	struct expected expected = good;
	uint32_t transferred = 0;
	if (m->position == m->tape.count) {
		expected = left(SENSE_END_OF_DATA, length);
	} else {
		object = m->tape.objects[m->position++];
		transferred = object.length < length ? object.length : length;
		bool told = !sili || (object.length > length && m->block_length != 0);
		if (object.length == 0)
			expected = left(SENSE_FILEMARK, length);
		else if (object.length != length && told)
			expected = left(
				SENSE_INCORRECT_LENGTH, (int64_t)length - (int64_t)object.length);
	}
	struct sent *sent = read_block(m->b->a, length, sili);
	assert_int_equal(sent->cmd.data_in_done, transferred);
	compare_data(m, sent, 0, object, transferred);
	compare(m, sent, expected);
}

static void do_read_fixed(struct model *m)
{
	uint8_t cdb[16] = {0x08, 1};
	uint32_t count = 1 + chance(&m->chance, 6), done = 0;
	uint64_t first = m->position;
	struct expected expected = good;
	for (; done < count && expected.code == SENSE_NONE; done++) {
		if (m->position == m->tape.count) {
			expected = left(SENSE_END_OF_DATA, count - done);
			break;
		}
		struct tape_object object = m->tape.objects[m->position++];
		if (object.length == 0)
			expected = left(SENSE_FILEMARK, count - done);
		else if (object.length != m->block_length)
			expected = left(SENSE_INCORRECT_LENGTH, count - done);
		if (expected.code != SENSE_NONE)
			break;
	}
	cdb[4] = (uint8_t)count;
	struct sent *sent = send_in(m->b->a, cdb, (size_t)count * m->block_length);
	assert_int_equal(sent->cmd.data_in_done, done * m->block_length);
	for (uint32_t i = 0; i < done; i++)
		compare_data(m, sent, (size_t)i * m->block_length, m->tape.objects[first + i],
			m->block_length);
	compare(m, sent, expected);
}

/* ---- moving: one object at a time ---------------------------------------------------------------
 */

static struct expected space_forward(struct model *m, bool marks, int64_t count)
{
	while (count > 0) {
		if (m->position == m->tape.count)
			return left(SENSE_END_OF_DATA, count);
		bool mark = is_mark(m, m->position++);
		if (marks)
			count -= mark;
		else if (mark)
			return left(SENSE_FILEMARK, count);
		else
			count--;
	}
	return good;
}

static struct expected space_backward(struct model *m, bool marks, int64_t count)
{
	while (count > 0) {
		if (m->position == 0)
			return left(SENSE_BEGINNING, count);
		bool mark = is_mark(m, --m->position);
		if (marks)
			count -= mark;
		else if (mark)
			return left(SENSE_FILEMARK, count);
		else
			count--;
	}
	return good;
}

static void do_space(struct model *m)
{
	bool marks = chance(&m->chance, 2);
	int32_t count = (int32_t)chance(&m->chance, marks ? 9 : 41) - (marks ? 4 : 20);
	struct expected expected = count >= 0 ? space_forward(m, marks, count)
					      : space_backward(m, marks, -(int64_t)count);
	compare(m, space(m->b->a, marks, count), expected);
	if (count != 0)
		lasts(m);
}

static void do_space_eod(struct model *m)
{
	m->position = m->tape.count;
	compare(m, space(m->b->a, 3, 0), good);
	lasts(m);
}

static void do_rewind(struct model *m)
{
	m->position = 0;
	compare(m, rewind_tape(m->b->a), good);
	lasts(m);
}

static void do_locate(struct model *m)
{
	uint8_t cdb[16] = {0x92};
	uint64_t to = chance(&m->chance, m->tape.count + 4);
	bool beyond = to > m->tape.count;
	put_be64(cdb + 4, to);
	m->position = beyond ? m->tape.count : to;
	compare(m, send_none(m->b->a, cdb),
		beyond ? (struct expected){.code = SENSE_END_OF_DATA} : good);
	lasts(m);
}

/* File n begins behind the n-th filemark. */
static void do_locate_file(struct model *m)
{
	uint8_t cdb[16] = {0x92, 0x08};
	uint32_t file = chance(&m->chance, 8), marks = 0;
	put_be64(cdb + 4, file);
	for (m->position = 0; marks < file && m->position < m->tape.count; m->position++)
		marks += is_mark(m, m->position);
	compare(m, send_none(m->b->a, cdb),
		marks < file ? (struct expected){.code = SENSE_END_OF_DATA} : good);
	lasts(m);
}

/* ---- the rest -----------------------------------------------------------------------------------
 */

static void do_block_length(struct model *m)
{
	static const uint32_t lengths[] = {0, 64, 512};
	m->block_length = lengths[chance(&m->chance, 3)];
	set_block_length(m->b->a, m->block_length);
}

static void do_reload(struct model *m)
{
	bench_unload(m->b);
	bench_load(m->b, false);
	m->b->a->attentions = 0;
	m->position = 0;
	lasts(m);
}

/* What the drive says is on the tape can be read, and no more. */
static void read_what_lasts(struct model *m, uint64_t there)
{
	rewind_tape(m->b->a);
	for (uint64_t i = 0; i < there; i++) {
		const struct tape_object object = m->tape.objects[i];
		struct sent *sent = read_block(m->b->a, SMALL_BLOCK, true);
		assert_is(sent, object.length ? SENSE_NONE : SENSE_FILEMARK);
		assert_int_equal(sent->cmd.data_in_done, object.length);
		compare_data(m, sent, 0, object, object.length);
	}
	assert_is(read_block(m->b->a, SMALL_BLOCK, true), SENSE_UNRECOVERED_READ_ERROR);
}

/*
 * fdatasync fails. The drive tells, falls back to what lasts, and after a LOAD has what the host's
 * kernel kept: all of it.
 */
static void do_lose(struct model *m)
{
	static const uint8_t barriers[][16] = {
		{0x01}, {0x2b}, {0x11, 3}, {0x11, 1, 0xff, 0xff, 0xff}};
	uint32_t block_length = m->block_length;
	do_write(m);
	m->b->store.sync_error = -EIO;
	struct sent *sent = send_none(m->b->a, barriers[chance(&m->chance, 4)]);
	if (sense_of(sent) != SENSE_NONE) {
		assert_is(sent, SENSE_WRITE_ERROR);
		assert_true(sent->cmd.sense.deferred);
		uint64_t there = position_of(m->b->a);
		assert_in_range(there, m->lasting, m->position);
		set_block_length(m->b->a, 0);
		read_what_lasts(m, there);
		set_block_length(m->b->a, block_length);
		m->losses++;
	}
	m->b->store.sync_error = 0;
	assert_good(send_none(m->b->a, CDB(0x1b)));
	m->position = 0;
	compare(m, send_none(m->b->a, CDB(0x1b, 0, 0, 0, 1)), good);
	do_space_eod(m);
}

static void do_something(struct model *m)
{
	uint32_t what = chance(&m->chance, 100);
	if (chance(&m->chance, 400) == 0)
		return do_lose(m);
	if (m->tape.count > 300 && what < 40)
		do_rewind(m); /* and so most writing is over old data */
	else if (what < 25)
		do_write(m);
	else if (what < 35)
		m->block_length ? do_write_fixed(m) : do_write(m);
	else if (what < 43)
		do_marks(m);
	else if (what < 58)
		do_read(m);
	else if (what < 68)
		m->block_length ? do_read_fixed(m) : do_read(m);
	else if (what < 80)
		do_space(m);
	else if (what < 84)
		do_space_eod(m);
	else if (what < 90)
		do_locate(m);
	else if (what < 93)
		do_locate_file(m);
	else if (what < 95)
		do_rewind(m);
	else if (what < 96)
		do_erase(m);
	else if (what < 98)
		do_block_length(m);
	else
		do_reload(m);
}

static unsigned long from_environment(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);
	return text ? strtoul(text, NULL, 0) : otherwise;
}

static void the_drive_does_what_the_simple_tape_does(void **state)
{
	unsigned long seed = from_environment("TAPE_SEED", 20261125);
	struct model m = {.b = *state, .chance = seed, .seed = seed};
	for (m.number = 0; m.number < from_environment("TAPE_COMMANDS", 20000); m.number++)
		do_something(&m);
	bench_unload(m.b);
	struct cartridge *cartridge = open_small(&m.b->store, true);
	assert_tape(cartridge, &m.tape);
	assert_int_equal(cart_close(cartridge), 0);
	bench_load(m.b, false);
	print_message("%lu commands, seed %lu, %lu losses\n", m.number, seed, m.losses);
	assert_true(m.number < 20000 || m.losses > m.number / 1000);
	tape_free(&m.tape);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_drive_does_what_the_simple_tape_does,
			drive_bench_setup, drive_bench_teardown),
	};
	return cmocka_run_group_tests_name("ssc/model", tests, NULL, NULL);
}
