/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/log_page.h"

#include "scsi/lu.h"
#include "util/bytes.h"
#include "util/response.h"

enum {
	LOG_MAX = 4096,
	ALL_SUBPAGES = 0xff,
	SUPPORTED_PAGES = 0x00,
	CURRENT_CUMULATIVE = 1,
	PARAMETER_CODE_RESET = 0x02,
};

static const struct scsi_log_page no_pages[] = {{0}};

static const struct scsi_log_page *pages_of(const struct scsi_lu *lu)
{
	return lu->type->log_pages ? lu->type->log_pages : no_pages;
}

/* ---- building -------------------------------------------------------------------------------- */

void scsi_log_bytes(
	struct scsi_log *log, uint16_t code, unsigned control, const void *data, size_t length)
{
	if (code < log->pointer)
		return;
	response_be16(log->r, code);
	response_u8(log->r, control);
	response_u8(log->r, (unsigned)length);
	response_bytes(log->r, data, length);
}

void scsi_log_number(
	struct scsi_log *log, uint16_t code, unsigned control, unsigned bytes, uint64_t value)
{
	uint8_t data[8];
	put_be64(data, value);
	scsi_log_bytes(log, code, control, data + sizeof data - bytes, bytes);
}

/* A row of the list that is made of the rows: page codes, or page and subpage codes. */
static void list_entry(struct response *r, uint8_t page, uint8_t subpage, bool subpages)
{
	if (!subpages && subpage != 0)
		return;
	response_u8(r, page);
	if (subpages)
		response_u8(r, subpage);
}

/* Of every page, or of one with its subpages. */
static void list_pages(struct scsi_lu *lu, uint8_t page, bool subpages, struct response *r)
{
	if (page == SUPPORTED_PAGES) {
		list_entry(r, SUPPORTED_PAGES, 0, subpages);
		list_entry(r, SUPPORTED_PAGES, ALL_SUBPAGES, subpages);
	}
	for (const struct scsi_log_page *row = pages_of(lu); row->build; row++)
		if (page == SUPPORTED_PAGES || row->page == page)
			list_entry(r, row->page, row->subpage, subpages);
}

/* ---- LOG SENSE (SPC-4 6.8) ------------------------------------------------------------------- */

static const struct scsi_log_page *find(struct scsi_lu *lu, uint8_t page, uint8_t subpage)
{
	for (const struct scsi_log_page *row = pages_of(lu); row->build; row++)
		if (row->page == page && row->subpage == subpage)
			return row;
	return NULL;
}

static bool has_page(struct scsi_lu *lu, uint8_t page)
{
	for (const struct scsi_log_page *row = pages_of(lu); row->build; row++)
		if (row->page == page)
			return true;
	return page == SUPPORTED_PAGES;
}

static bool has(struct scsi_lu *lu, uint8_t page, uint8_t subpage)
{
	if (subpage == ALL_SUBPAGES || page == SUPPORTED_PAGES)
		return has_page(lu, page) && (subpage == 0 || subpage == ALL_SUBPAGES);
	return find(lu, page, subpage) != NULL;
}

static void build(struct scsi_lu *lu, uint8_t page, uint8_t subpage, struct scsi_log *log)
{
	response_u8(log->r, page | (subpage ? 0x40 : 0)); /* SPF */
	response_u8(log->r, subpage);
	size_t length = response_length_open(log->r, 2);
	if (page == SUPPORTED_PAGES || subpage == ALL_SUBPAGES)
		list_pages(lu, page, subpage == ALL_SUBPAGES, log->r);
	else
		find(lu, page, subpage)->build(lu, log);
	response_length_close(log->r, length, 2, 0);
}

enum scsi_sense_code scsi_log_sense(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t data[LOG_MAX], page = cmd->cdb[2] & 0x3f, subpage = cmd->cdb[3];
	struct response r;
	struct scsi_log log = {.r = &r, .pointer = get_be16(cmd->cdb + 5)};
	if (cmd->cdb[1] & 0x01) /* SP: nothing here is saved by hosts */
		return scsi_invalid_cdb(cmd, 1, 0);
	if (cmd->cdb[2] >> 6 != CURRENT_CUMULATIVE)
		return scsi_invalid_cdb(cmd, 2, 7);
	if (!has(lu, page, subpage))
		return has_page(lu, page) ? scsi_invalid_cdb(cmd, 3, 7)
					  : scsi_invalid_cdb(cmd, 2, 5);
	response_init(&r, data, sizeof data);
	build(lu, page, subpage, &log);
	if (log.pointer > 0 && r.length == 4) /* SPC-4 6.8: beyond the last parameter */
		return scsi_invalid_cdb(cmd, 5, 7);
	return scsi_data_in(cmd, data, r.length, get_be16(cmd->cdb + 7));
}

/* ---- LOG SELECT (SPC-4 6.7) ------------------------------------------------------------------ */

static void reset(struct scsi_lu *lu, uint8_t page, uint8_t subpage)
{
	for (const struct scsi_log_page *row = pages_of(lu); row->build; row++) {
		bool meant =
			page == 0 ||
			(row->page == page && (subpage == ALL_SUBPAGES || row->subpage == subpage));
		if (meant && row->reset)
			row->reset(lu);
	}
}

/* Counters can be made to begin anew (PCR, no list), and nothing else can be set. */
enum scsi_sense_code scsi_log_select(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t page = cmd->cdb[2] & 0x3f, subpage = cmd->cdb[3];
	if (cmd->cdb[1] & 0x01)
		return scsi_invalid_cdb(cmd, 1, 0);
	if (cmd->cdb[2] >> 6 != CURRENT_CUMULATIVE && cmd->cdb[2] >> 6 != 3)
		return scsi_invalid_cdb(cmd, 2, 7);
	if (get_be16(cmd->cdb + 7) > 0)
		return scsi_invalid_cdb(cmd, 7, 7);
	if (!has(lu, page, subpage))
		return has_page(lu, page) ? scsi_invalid_cdb(cmd, 3, 7)
					  : scsi_invalid_cdb(cmd, 2, 5);
	if (cmd->cdb[1] & PARAMETER_CODE_RESET || cmd->cdb[2] >> 6 == 3)
		reset(lu, page, subpage);
	return SENSE_NONE;
}
