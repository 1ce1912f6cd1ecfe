/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/vpd.h"

#include <string.h>

#include "scsi/lu.h"
#include "util/bytes.h"
#include "util/hash.h"
#include "util/response.h"

enum {
	INQUIRY_MAX = 512, /* page 83h with the longest name of a target port: some 310 */
	STANDARD_LENGTH = 96,
	PROTOCOL_ISCSI = 0x05, /* SPC-4 7.6.1 */
};

/* Standard INQUIRY data (SPC-4 6.6.2). */
static void standard(struct scsi_lu *lu, struct response *r)
{
	const struct scsi_personality *p = lu->personality;
	response_u8(r, lu->type->peripheral_type);
	response_u8(r, lu->type->removable ? 0x80 : 0);
	response_u8(r, p->version);
	response_u8(r, 0x02);                /* RESPONSE DATA FORMAT */
	response_u8(r, STANDARD_LENGTH - 5); /* ADDITIONAL LENGTH */
	response_u8(r, 0);                   /* no TPGS, no protection */
	response_u8(r, 0);
	response_u8(r, 0x02); /* CMDQUE */
	response_ascii(r, p->vendor, 8);
	response_ascii(r, p->product, 16);
	response_ascii(r, p->revision, 4);
	response_zero(r, 22);
	for (size_t i = 0; i < sizeof p->descriptors / sizeof p->descriptors[0]; i++)
		response_be16(r, p->descriptors[i]);
	response_zero(r, STANDARD_LENGTH - r->length);
}

static void supported_pages(const struct scsi_nexus *nexus, struct response *r)
{
	const struct scsi_lu *lu = nexus->lu;
	response_u8(r, 0x00);
	for (const struct scsi_vpd_page *row = lu->type->vpd_pages; row->build; row++)
		response_u8(r, row->page);
}

static const struct scsi_vpd_page *find_page(struct scsi_lu *lu, uint8_t page)
{
	static const struct scsi_vpd_page supported = {0x00, supported_pages};
	if (page == supported.page)
		return &supported;
	for (const struct scsi_vpd_page *row = lu->type->vpd_pages; row->build; row++)
		if (row->page == page)
			return row;
	return NULL;
}

void scsi_vpd_unit_serial(const struct scsi_nexus *nexus, struct response *r)
{
	response_bytes(r, nexus->lu->serial, strlen(nexus->lu->serial));
}

/* A locally assigned NAA designator (SPC-4 7.8.6.6.4): 60 bits made of the serial number. */
static uint64_t naa_of(const char *serial)
{
	return (3ull << 60) | (hash_text(serial) & 0x0fffffffffffffffu);
}

/* Who share a nexus have no TransportID of iSCSI, but their target port has a name there. */
static unsigned protocol_of(const struct scsi_nexus *nexus)
{
	return nexus->target_name[0] ? PROTOCOL_ISCSI : nexus->port.id[0] & 0x0f;
}

/* The relative target port identifier that the command came through (SPC-4 7.8.6.8). */
static void target_port(const struct scsi_nexus *nexus, struct response *r)
{
	response_u8(r, protocol_of(nexus) << 4 | 0x01); /* binary */
	response_u8(r, 0x80 | 0x10 | 0x04);             /* PIV; target port, relative target port */
	response_u8(r, 0);
	response_u8(r, 4);
	response_be32(r, nexus->port.target);
}

/* Its name (SPC-4 7.8.6.11), NUL-terminated and padded to a multiple of four. */
static void target_port_name(const struct scsi_nexus *nexus, struct response *r)
{
	size_t size = strlen(nexus->target_name) + 1;
	response_u8(r, PROTOCOL_ISCSI << 4 | 0x03); /* UTF-8 */
	response_u8(r, 0x80 | 0x10 | 0x08);         /* PIV; target port, SCSI name string */
	response_u8(r, 0);
	size_t length = response_length_open(r, 1);
	response_bytes(r, nexus->target_name, size);
	response_zero(r, -size % 4);
	response_length_close(r, length, 1, 0);
}

/*
 * Of the logical unit T10 vendor ID based and NAA, and of the target port (SPC-4 7.8.6). Its name
 * is the last, for whoever asks for 252 bytes only.
 */
void scsi_vpd_identification(const struct scsi_nexus *nexus, struct response *r)
{
	const struct scsi_lu *lu = nexus->lu;
	response_u8(r, 0x02); /* ASCII */
	response_u8(r, 0x01); /* logical unit, T10 vendor ID based */
	response_u8(r, 0);
	size_t length = response_length_open(r, 1);
	response_ascii(r, lu->personality->vendor, 8);
	response_ascii(r, lu->personality->product, 16);
	response_bytes(r, lu->serial, strlen(lu->serial));
	response_length_close(r, length, 1, 0);

	response_u8(r, 0x01); /* binary */
	response_u8(r, 0x03); /* logical unit, NAA */
	response_u8(r, 0);
	response_u8(r, 8);
	response_be64(r, naa_of(lu->serial));

	target_port(nexus, r);
	if (nexus->target_name[0])
		target_port_name(nexus, r);
}

enum scsi_sense_code scsi_inquiry(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t data[INQUIRY_MAX];
	struct response r;
	uint16_t allocation_length = get_be16(cmd->cdb + 3);
	response_init(&r, data, sizeof data);
	if (cmd->cdb[1] & 0x01) { /* EVPD */
		const struct scsi_vpd_page *page = find_page(lu, cmd->cdb[2]);
		if (!page)
			return scsi_invalid_cdb(cmd, 2, 7);
		response_u8(&r, lu->type->peripheral_type);
		response_u8(&r, page->page);
		size_t length = response_length_open(&r, 2);
		page->build(cmd->nexus, &r);
		response_length_close(&r, length, 2, 0);
	} else {
		if (cmd->cdb[2] != 0)
			return scsi_invalid_cdb(cmd, 2, 7);
		standard(lu, &r);
	}
	return scsi_data_in(cmd, data, r.length, allocation_length);
}
