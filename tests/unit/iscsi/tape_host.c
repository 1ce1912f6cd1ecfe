/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "tape_host.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BURST_OURS = 256 << 10, MAX_BURST_OURS = MIB, SEGMENT_OURS = 256 << 10 };

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* ---- sessions -------------------------------------------------------------------------------- */

static size_t put_key(char *text, size_t at, const char *key, const char *value)
{
	return at + (size_t)sprintf(text + at, "%s=%s", key, value) + 1;
}

static size_t put_number(char *text, size_t at, const char *key, uint32_t value)
{
	return at + (size_t)sprintf(text + at, "%s=%u", key, value) + 1;
}

static void with_defaults(struct tape_keys *keys)
{
	keys->first_burst = keys->first_burst ? keys->first_burst : FIRST_BURST_OURS;
	keys->max_burst = keys->max_burst ? keys->max_burst : MAX_BURST_OURS;
	keys->segment = keys->segment ? keys->segment : SEGMENT_OURS;
	keys->first_burst = smaller(keys->first_burst, keys->max_burst);
}

struct tape_host *tape_login(struct fake_portal *fake, const struct tape_keys *keys)
{
	struct tape_host *host = calloc(1, sizeof *host);
	char text[512];
	size_t at = 0;
	assert_non_null(host);
	host->keys = keys ? *keys : (struct tape_keys){0};
	with_defaults(&host->keys);
	host->data = malloc(BLOCK_MAX + 1);
	assert_non_null(host->data);
	at = put_key(text, at, "ImmediateData", host->keys.no_immediate ? "No" : "Yes");
	at = put_key(text, at, "InitialR2T", host->keys.initial_r2t ? "Yes" : "No");
	at = put_number(text, at, "MaxBurstLength", host->keys.max_burst);
	at = put_number(text, at, "FirstBurstLength", host->keys.first_burst);
	at = put_number(text, at, "MaxRecvDataSegmentLength", host->keys.segment);
	host->raw = raw_login_to(fake, TARGET_TAPE, text, at);
	raw_settle(host->raw);
	return host;
}

void tape_logout(struct tape_host *host)
{
	raw_close(host->raw);
	free(host->data);
	free(host);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void take_residual(struct tape_host *host)
{
	const uint8_t *bhs = host->raw->bhs;
	uint8_t flags = bhs[BHS_FLAGS] & (FLAG_OVERFLOW | FLAG_UNDERFLOW);
	uint32_t residual = get_be32(bhs + BHS_RESIDUAL);
	assert_int_not_equal(flags, FLAG_OVERFLOW | FLAG_UNDERFLOW);
	assert_int_equal(flags != 0, residual != 0);
	host->residual = flags & FLAG_OVERFLOW ? -(int64_t)residual : residual;
}

void tape_take_response(struct tape_host *host)
{
	const struct raw *raw = host->raw;
	assert_int_equal(raw->bhs[BHS_OPCODE], PDU_SCSI_RESPONSE);
	host->status = raw->bhs[BHS_STATUS];
	take_residual(host);
	memset(host->sense, 0, sizeof host->sense);
	if (raw->length > 0) {
		assert_int_equal(get_be16(raw->data), raw->length - 2);
		assert_in_range(raw->length, 3, 2 + sizeof host->sense);
		memcpy(host->sense, raw->data + 2, raw->length - 2);
	}
	assert_int_equal(host->status == CHECK_CONDITION, raw->length > 0);
}

/* One Data-In PDU. True: the status came with it, which only GOOD may (RFC 7143 11.7.4). */
static bool take_data(struct tape_host *host)
{
	const struct raw *raw = host->raw;
	uint8_t flags = raw->bhs[BHS_FLAGS];
	uint32_t burst = host->moved % host->keys.max_burst;
	assert_int_equal(get_be32(raw->bhs + BHS_DATA_SN), host->pdus++);
	assert_int_equal(get_be32(raw->bhs + BHS_BUFFER_OFFSET), host->moved);
	assert_in_range(raw->length, 1, host->keys.segment);
	assert_true(burst + raw->length <= host->keys.max_burst);
	assert_true(host->moved + raw->length <= BLOCK_MAX);
	memcpy(host->data + host->moved, raw->data, raw->length);
	host->moved += raw->length;
	if (burst + raw->length == host->keys.max_burst)
		assert_true(flags & FLAG_FINAL);
	if (!(flags & FLAG_STATUS))
		return false;
	host->status = raw->bhs[BHS_STATUS];
	assert_int_equal(host->status, GOOD);
	assert_true(flags & FLAG_FINAL);
	take_residual(host);
	return true;
}

static void begin_answer(struct tape_host *host)
{
	host->moved = host->pdus = host->r2ts = 0;
	memset(host->data, 0xee, BLOCK_MAX + 1);
}

static void take_answer(struct tape_host *host)
{
	bool last_was_final = true;
	begin_answer(host);
	for (;;) {
		assert_true(raw_receive(host->raw));
		if (host->raw->bhs[BHS_OPCODE] != PDU_DATA_IN)
			break;
		last_was_final = host->raw->bhs[BHS_FLAGS] & FLAG_FINAL;
		if (take_data(host))
			return;
	}
	assert_true(last_was_final);
	tape_take_response(host);
	assert_int_equal(get_be32(host->raw->bhs + BHS_DATA_SN), host->pdus);
}

/* ---- commands -------------------------------------------------------------------------------- */

void tape_read(struct tape_host *host, uint32_t length, uint32_t expected, bool sili)
{
	uint8_t cdb[16] = {0x08, sili ? 0x02 : 0};
	put_be24(cdb + 2, length);
	raw_command(host->raw, FLAG_READ, 0, cdb, expected, NULL, 0);
	take_answer(host);
}

static void simple(struct tape_host *host, uint8_t code, uint8_t count)
{
	uint8_t cdb[16] = {code, 0, 0, 0, count};
	raw_command(host->raw, 0, 0, cdb, 0, NULL, 0);
	take_answer(host);
	assert_int_equal(host->status, GOOD);
}

void tape_rewind(struct tape_host *host)
{
	simple(host, 0x01, 0);
}

void tape_mark(struct tape_host *host)
{
	simple(host, 0x10, 1);
}

/* Data-Out PDUs for bytes `from` to `to`. */
static void send_burst(struct tape_host *host, uint32_t tag, uint32_t ttt, const uint8_t *data,
	uint32_t from, uint32_t to)
{
	for (uint32_t number = 0; from < to; number++) {
		uint32_t part = smaller(to - from, SEGMENT_OURS);
		uint8_t flags = from + part == to ? FLAG_FINAL : 0;
		raw_data_out_of(host->raw, tag, ttt, number, from, flags, data + from, part);
		from += part;
	}
}

uint32_t tape_write_begin(
	struct tape_host *host, uint32_t length, const uint8_t *data, uint32_t expected)
{
	const struct tape_keys *keys = &host->keys;
	uint32_t first = smaller(expected, keys->first_burst);
	/* Half of the first burst is immediate when there is more to be sent unsolicited. */
	uint32_t immediate = keys->no_immediate ? 0 : keys->initial_r2t ? first : first / 2;
	uint32_t unsolicited = keys->initial_r2t ? immediate : first;
	uint8_t bhs[BHS_LENGTH];
	raw_begin(host->raw, bhs, PDU_SCSI_COMMAND);
	bhs[BHS_FLAGS] = FLAG_WRITE | (immediate == unsolicited ? FLAG_FINAL : 0);
	put_be32(bhs + BHS_EXPECTED_LENGTH, expected);
	bhs[BHS_CDB] = 0x0a;
	put_be24(bhs + BHS_CDB + 2, length);
	raw_send(host->raw, bhs, data, immediate);
	send_burst(host, pdu_tag(bhs), TAG_NONE, data, immediate, unsolicited);
	return pdu_tag(bhs);
}

void tape_write_burst(struct tape_host *host, const uint8_t *data)
{
	const uint8_t *bhs = host->raw->bhs;
	uint32_t from = get_be32(bhs + BHS_BUFFER_OFFSET);
	uint32_t length = get_be32(bhs + BHS_DESIRED_LENGTH);
	assert_in_range(length, 1, host->keys.max_burst);
	send_burst(host, pdu_tag(bhs), get_be32(bhs + BHS_TTT), data, from, from + length);
}

void tape_write(struct tape_host *host, uint32_t length, const uint8_t *data, uint32_t expected)
{
	uint32_t tag = tape_write_begin(host, length, data, expected);
	begin_answer(host);
	for (;;) {
		assert_true(raw_receive(host->raw));
		assert_int_equal(pdu_tag(host->raw->bhs), tag);
		if (host->raw->bhs[BHS_OPCODE] != PDU_R2T)
			break;
		assert_int_equal(get_be32(host->raw->bhs + BHS_DATA_SN), host->r2ts++);
		tape_write_burst(host, data);
	}
	tape_take_response(host);
	assert_int_equal(get_be32(host->raw->bhs + BHS_DATA_SN), host->r2ts);
}

/* ---- what is expected ------------------------------------------------------------------------ */

void assert_tape_sense(const struct tape_host *host, uint8_t key, uint16_t additional)
{
	assert_int_equal(host->status, CHECK_CONDITION);
	assert_int_equal(host->sense[2] & 0x0f, key);
	assert_int_equal(get_be16(host->sense + 12), additional);
}

void assert_tape_information(const struct tape_host *host, uint8_t bits, int32_t information)
{
	assert_int_equal(host->sense[0], 0xf0); /* VALID */
	assert_int_equal(host->sense[2] & 0xe0, bits);
	assert_int_equal((int32_t)get_be32(host->sense + 3), information);
}

void assert_tape_block(const struct tape_host *host, uint32_t length, uint32_t seed)
{
	uint8_t *expected = malloc(length);
	assert_non_null(expected);
	tape_block_fill(expected, length, seed);
	assert_int_equal(host->moved, length);
	assert_memory_equal(host->data, expected, length);
	assert_int_equal(host->data[length], 0xee);
	free(expected);
}
