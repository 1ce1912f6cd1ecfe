/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/mode.h"

#include <string.h>

#include "private.h"
#include "scsi/library.h"
#include "scsi/lu.h"
#include "util/bytes.h"
#include "util/response.h"

enum {
	ALL_PAGES = 0x3f,
	ALL_SUBPAGES = 0xff,
	CONTROL_PAGE = 0x0a,
	DESCRIPTOR_LENGTH = 8,
	PARAMETER_MAX = 8 + DESCRIPTOR_LENGTH + SCSI_MODE_PAGES_MAX * SCSI_MODE_PAGE_MAX,
};

enum page_control { PC_CURRENT, PC_CHANGEABLE, PC_DEFAULT, PC_SAVED };

/* Row i of the type's pages, or NULL behind the last. */
static const struct scsi_mode_page *row_at(struct scsi_lu *lu, unsigned i)
{
	const struct scsi_mode_page *row = &lu->type->mode_pages[i];
	return i < SCSI_MODE_PAGES_MAX && row->length > 0 ? row : NULL;
}

static int row_find(struct scsi_lu *lu, uint8_t page, uint8_t subpage)
{
	for (unsigned i = 0; row_at(lu, i); i++)
		if (row_at(lu, i)->page == page && row_at(lu, i)->subpage == subpage)
			return (int)i;
	return -1;
}

static void follow_d_sense(struct scsi_lu *lu)
{
	int i = row_find(lu, CONTROL_PAGE, 0);
	lu->mode.d_sense = i >= 0 && lu->mode.current[i][2] & 0x04;
}

void scsi_mode_init(struct scsi_lu *lu)
{
	for (unsigned i = 0; row_at(lu, i); i++) {
		memcpy(lu->mode.current[i], row_at(lu, i)->defaults, row_at(lu, i)->length);
		memcpy(lu->mode.saved[i], row_at(lu, i)->defaults, row_at(lu, i)->length);
	}
	follow_d_sense(lu);
}

static bool has_subpage_format(const uint8_t *page)
{
	return page[0] & 0x40;
}

/* The header of a page that came from outside (SPC-4 7.5.7). */
static size_t header_length(const uint8_t *page)
{
	return has_subpage_format(page) ? 4 : 2;
}

static size_t page_length(const uint8_t *page)
{
	return has_subpage_format(page) ? 4u + get_be16(page + 2) : 2u + page[1];
}

/* The row of such a page, -1 for none: page code, subpage code and format go together. */
static int row_of(struct scsi_lu *lu, const uint8_t *page)
{
	bool sub = has_subpage_format(page);
	int i = row_find(lu, page[0] & 0x3f, sub ? page[1] : 0);
	return i >= 0 && sub == (row_at(lu, (unsigned)i)->subpage != 0) ? i : -1;
}

/* Takes over the bits that may change. */
static void merge(const struct scsi_mode_page *row, uint8_t *to, const uint8_t *from)
{
	for (unsigned i = 2; i < row->length; i++)
		to[i] = (uint8_t)((to[i] & ~row->changeable[i]) | (from[i] & row->changeable[i]));
}

bool scsi_mode_restore(struct scsi_lu *lu, const uint8_t *page, size_t length)
{
	uint8_t next[SCSI_MODE_PAGE_MAX];
	if (length < 2 || length < header_length(page) || length != page_length(page))
		return false;
	int i = row_of(lu, page);
	const struct scsi_mode_page *row = i < 0 ? NULL : row_at(lu, (unsigned)i);
	if (!row || row->length != length)
		return false;
	memcpy(next, lu->mode.current[i], length);
	merge(row, next, page);
	if (row->refuses && row->refuses(lu, next) >= 0)
		return false;
	merge(row, lu->mode.saved[i], page);
	memcpy(lu->mode.current[i], next, length);
	follow_d_sense(lu);
	return true;
}

void scsi_mode_each_savable(struct scsi_lu *lu,
	void (*each)(void *context, const uint8_t *page, size_t length), void *context)
{
	memcpy(lu->mode.saving, lu->mode.current, sizeof lu->mode.saving);
	for (unsigned i = 0; row_at(lu, i); i++)
		if (row_at(lu, i)->savable)
			each(context, lu->mode.saving[i], row_at(lu, i)->length);
}

void scsi_mode_saved(struct scsi_lu *lu)
{
	for (unsigned i = 0; row_at(lu, i); i++)
		if (row_at(lu, i)->savable)
			memcpy(lu->mode.saved[i], lu->mode.saving[i], row_at(lu, i)->length);
}

void scsi_mode_reset(struct scsi_lu *lu)
{
	memcpy(lu->mode.current, lu->mode.saved, sizeof lu->mode.current);
	follow_d_sense(lu);
}

static const uint8_t *refreshed(struct scsi_lu *lu, unsigned i)
{
	const struct scsi_mode_page *row = row_at(lu, i);
	if (row->current)
		row->current(lu, lu->mode.current[i]);
	return lu->mode.current[i];
}

static void refresh_all(struct scsi_lu *lu)
{
	for (unsigned i = 0; row_at(lu, i); i++)
		refreshed(lu, i);
}

const uint8_t *scsi_mode_current(struct scsi_lu *lu, uint8_t page, uint8_t subpage)
{
	int i = row_find(lu, page, subpage);
	return i < 0 ? NULL : refreshed(lu, (unsigned)i);
}

/* ---- MODE SENSE (SPC-4 6.11, 6.12) ---------------------------------------------------------- */

static const uint8_t *page_values(struct scsi_lu *lu, unsigned i, enum page_control control)
{
	switch (control) {
	case PC_CHANGEABLE:
		return row_at(lu, i)->changeable;
	case PC_DEFAULT:
		return row_at(lu, i)->defaults;
	case PC_SAVED:
		return lu->mode.saved[i];
	default:
		return refreshed(lu, i);
	}
}

static void append_page(
	struct scsi_lu *lu, unsigned i, enum page_control control, struct response *r)
{
	const struct scsi_mode_page *row = row_at(lu, i);
	size_t start = r->length;
	unsigned header = row->subpage ? 4 : 2;
	response_bytes(r, row->defaults, header); /* never masked */
	response_bytes(r, page_values(lu, i, control) + header, row->length - header);
	response_set_u8(r, start, (row->defaults[0] & 0x7f) | (row->savable ? 0x80 : 0));
}

static bool selected(const struct scsi_mode_page *row, uint8_t page, uint8_t subpage)
{
	if (page != ALL_PAGES && row->page != page)
		return false;
	return subpage == ALL_SUBPAGES || row->subpage == subpage;
}

static enum scsi_sense_code append_pages(struct scsi_cmd *cmd, struct response *r)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t page = cmd->cdb[2] & 0x3f, subpage = cmd->cdb[3];
	enum page_control control = cmd->cdb[2] >> 6;
	bool found = false, appended = false;

	if (page == ALL_PAGES && subpage != 0 && subpage != ALL_SUBPAGES)
		return scsi_invalid_cdb(cmd, 3, 7);
	for (unsigned i = 0; row_at(lu, i); i++) {
		if (!selected(row_at(lu, i), page, subpage))
			continue;
		found = true;
		if (control == PC_SAVED && !row_at(lu, i)->savable)
			continue;
		append_page(lu, i, control, r);
		appended = true;
	}
	if (!found)
		return row_find(lu, page, 0) >= 0 ? scsi_invalid_cdb(cmd, 3, 7)
						  : scsi_invalid_cdb(cmd, 2, 5);
	return appended ? SENSE_NONE : SENSE_SAVING_NOT_SUPPORTED;
}

static struct scsi_mode_header header_of(struct scsi_lu *lu)
{
	struct scsi_mode_header header = {0};
	if (lu->type->mode_header)
		lu->type->mode_header->get(lu, &header);
	return header;
}

/* Header and block descriptor, up to where the pages begin. */
static void append_header(
	const struct scsi_mode_header *header, bool ten, bool dbd, struct response *r)
{
	bool described = header->has_descriptor && !dbd;
	response_u8(r, header->medium_type);
	response_u8(r, header->device_specific);
	response_zero(r, ten ? 3 : 0); /* LONGLBA 0 */
	response_u8(r, described ? DESCRIPTOR_LENGTH : 0);
	if (described)
		response_bytes(r, header->descriptor, DESCRIPTOR_LENGTH);
}

/* On tape drives page 00h, where there is none, is header and block descriptor alone: st asks so.
 */
static bool wants_header_alone(const struct scsi_cmd *cmd, const struct scsi_mode_header *header)
{
	return header->has_descriptor && (cmd->cdb[2] & 0x3f) == 0 && cmd->cdb[3] == 0 &&
	       row_find(cmd->nexus->lu, 0, 0) < 0;
}

static enum scsi_sense_code mode_sense(struct scsi_cmd *cmd, uint64_t allocation_length, bool ten)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t data[PARAMETER_MAX];
	struct response r;
	struct scsi_mode_header header = header_of(lu);
	unsigned width = ten ? 2 : 1;
	response_init(&r, data, sizeof data);
	size_t length = response_length_open(&r, width);
	append_header(&header, ten, cmd->cdb[1] & 0x08, &r);
	enum scsi_sense_code code =
		wants_header_alone(cmd, &header) ? SENSE_NONE : append_pages(cmd, &r);
	if (code != SENSE_NONE)
		return code;
	response_length_close(&r, length, width, 0);
	return scsi_data_in(cmd, data, r.length, allocation_length);
}

enum scsi_sense_code scsi_mode_sense_6(struct scsi_cmd *cmd)
{
	return mode_sense(cmd, cmd->cdb[4], false);
}

enum scsi_sense_code scsi_mode_sense_10(struct scsi_cmd *cmd)
{
	return mode_sense(cmd, get_be16(cmd->cdb + 7), true);
}

/* ---- MODE SELECT (SPC-4 6.9, 6.10) ---------------------------------------------------------- */

struct select {
	struct scsi_cmd *cmd;
	const uint8_t *data;
	size_t length;
	size_t at; /* of the page being looked at */
	struct scsi_mode_values next;
	struct scsi_mode_header header;
	bool all_savable;
};

static enum scsi_sense_code invalid_at(struct select *s, size_t offset, unsigned bit)
{
	return scsi_invalid_parameter(s->cmd, (unsigned)(s->at + offset), bit);
}

/* The values of one page: bits that may not change must be as they are. */
static enum scsi_sense_code select_values(struct select *s, unsigned i)
{
	struct scsi_lu *lu = s->cmd->nexus->lu;
	const struct scsi_mode_page *row = row_at(lu, i);
	const uint8_t *new = s->data + s->at, *old = lu->mode.current[i];
	for (unsigned byte = row->subpage ? 4 : 2; byte < row->length; byte++) {
		unsigned bad = (new[byte] ^ old[byte]) & (uint8_t)~row->changeable[byte];
		if (bad)
			return invalid_at(s, byte, 31u - (unsigned)__builtin_clz(bad));
	}
	int refused = row->refuses ? row->refuses(lu, new) : -1;
	if (refused >= 0)
		return invalid_at(s, (size_t)refused, 7);
	merge(row, s->next.current[i], new);
	s->all_savable &= row->savable;
	return SENSE_NONE;
}

static enum scsi_sense_code select_page(struct select *s)
{
	struct scsi_lu *lu = s->cmd->nexus->lu;
	const uint8_t *page = s->data + s->at;
	size_t left = s->length - s->at;
	if (left < header_length(page))
		return SENSE_PARAMETER_LIST_LENGTH;
	int i = row_of(lu, page);
	if (i < 0)
		return invalid_at(s, 0, 5);
	const struct scsi_mode_page *row = row_at(lu, (unsigned)i);
	size_t length = page_length(page);
	if (length != row->length)
		return invalid_at(s, row->subpage ? 2 : 1, 7);
	if (left < length)
		return SENSE_PARAMETER_LIST_LENGTH;
	enum scsi_sense_code code = select_values(s, (unsigned)i);
	s->at += length;
	return code;
}

static bool can_set_header(const struct scsi_lu *lu)
{
	return lu->type->mode_header && lu->type->mode_header->set;
}

static enum scsi_sense_code select_apply(struct select *s)
{
	struct scsi_cmd *cmd = s->cmd;
	struct scsi_lu *lu = cmd->nexus->lu;
	bool save = cmd->cdb[1] & 0x01;
	if (save && !s->all_savable)
		return scsi_invalid_cdb(cmd, 1, 0);
	bool changed = memcmp(lu->mode.current, s->next.current, sizeof lu->mode.current) != 0;
	memcpy(lu->mode.current, s->next.current, sizeof lu->mode.current);
	if (can_set_header(lu))
		changed |= lu->type->mode_header->set(lu, &s->header);
	if (changed) {
		follow_d_sense(lu);
		scsi_attention_raise_all(lu, ATTENTION_MODE_PARAMETERS_CHANGED, cmd->nexus);
		scsi_lu_remember(lu);
	}
	return save ? scsi_library_request(cmd, LIBRARY_SAVE_MODE_PAGES) : SENSE_NONE;
}

/* Header and block descriptor, of `descriptors` bytes from `at`. */
static enum scsi_sense_code select_header(struct select *s, bool ten, size_t at, size_t descriptors)
{
	const struct scsi_mode_header_ops *ops = s->cmd->nexus->lu->type->mode_header;
	if (!can_set_header(s->cmd->nexus->lu))
		return SENSE_NONE;
	ops->get(s->cmd->nexus->lu, &s->header);
	s->header.medium_type = s->data[ten ? 2 : 1];
	s->header.device_specific = s->data[ten ? 3 : 2];
	if (descriptors)
		memcpy(s->header.descriptor, s->data + at, DESCRIPTOR_LENGTH);
	int refused = ops->refuses(s->cmd->nexus->lu, &s->header);
	if (refused < 0)
		return SENSE_NONE;
	size_t offset = refused < 2 ? (ten ? 2u : 1u) + (size_t)refused : at + (size_t)refused - 2;
	return scsi_invalid_parameter(s->cmd, (unsigned)offset, 7);
}

static enum scsi_sense_code mode_select(struct scsi_cmd *cmd, size_t list_length, bool ten)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t data[PARAMETER_MAX];
	size_t header = ten ? 8 : 4;
	struct select s = {.cmd = cmd, .data = data, .all_savable = true};
	if (!(cmd->cdb[1] & 0x10)) /* PF: vendor specific parameters are not known here */
		return scsi_invalid_cdb(cmd, 1, 4);
	if (list_length == 0)
		return SENSE_NONE;
	s.length = scsi_data_out(cmd, data, list_length < sizeof data ? list_length : sizeof data);
	if (list_length > sizeof data || s.length < list_length || list_length < header)
		return SENSE_PARAMETER_LIST_LENGTH;
	size_t descriptors = ten ? get_be16(data + 6) : data[3];
	if (descriptors != 0 && descriptors != DESCRIPTOR_LENGTH)
		return scsi_invalid_parameter(cmd, ten ? 6 : 3, 7);
	if (header + descriptors > s.length)
		return SENSE_PARAMETER_LIST_LENGTH;
	enum scsi_sense_code code = select_header(&s, ten, header, descriptors);
	if (code != SENSE_NONE)
		return code;
	s.at = header + descriptors;
	refresh_all(lu);
	s.next = lu->mode;
	while (s.at < s.length && code == SENSE_NONE)
		code = select_page(&s);
	return code == SENSE_NONE ? select_apply(&s) : code;
}

enum scsi_sense_code scsi_mode_select_6(struct scsi_cmd *cmd)
{
	return mode_select(cmd, cmd->cdb[4], false);
}

enum scsi_sense_code scsi_mode_select_10(struct scsi_cmd *cmd)
{
	return mode_select(cmd, get_be16(cmd->cdb + 7), true);
}
