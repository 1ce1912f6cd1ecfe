/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/port.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "util/hash.h"

enum {
	PROTOCOL_ISCSI = 0x05,
	PROTOCOL_SAS = 0x06,
	PROTOCOL_MASK = 0x0f,
	FORMAT_SHIFT = 6,
	FORMAT_DEVICE = 0,
	FORMAT_PORT = 1,
	HEADER = 4,
	SAS_LENGTH = 24,
	TEXT_MIN = 20, /* ADDITIONAL LENGTH (SPC-4 7.6.4.6) */
	TEXT_MAX = SCSI_TRANSPORT_ID_MAX - HEADER,
	ISID_DIGITS = 2 * SCSI_ISID_LENGTH,
};

static const char separator[] = ",i,0x";

/* ---- made ------------------------------------------------------------------------------------ */

static void set_text(struct scsi_port *port, unsigned format, const char *text, uint16_t target)
{
	size_t length = (strlen(text) + 1 + 3) & ~(size_t)3;
	if (length < TEXT_MIN)
		length = TEXT_MIN;
	*port = (struct scsi_port){.target = target, .length = (uint16_t)(HEADER + length)};
	port->id[0] = (uint8_t)(format << FORMAT_SHIFT | PROTOCOL_ISCSI);
	put_be16(port->id + 2, (uint16_t)length);
	memcpy(port->id + HEADER, text, strlen(text));
}

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

void scsi_port_iscsi(struct scsi_port *ret, const char *name, const uint8_t isid[SCSI_ISID_LENGTH],
	uint16_t target)
{
	char text[TEXT_MAX];
	snprintf(text, sizeof text, "%.*s%s%02x%02x%02x%02x%02x%02x", SCSI_TRANSPORT_NAME_MAX - 1,
		name, separator, isid[0], isid[1], isid[2], isid[3], isid[4], isid[5]);
	lower(text);
	set_text(ret, FORMAT_PORT, text, target);
}

void scsi_port_target_name(
	char ret[SCSI_TARGET_NAME_MAX], const char *iscsi_name, uint16_t portal_group)
{
	snprintf(ret, SCSI_TARGET_NAME_MAX, "%.*s,t,0x%04x", SCSI_TRANSPORT_NAME_MAX - 1,
		iscsi_name, portal_group);
	lower(ret);
}

void scsi_port_sas(struct scsi_port *ret, uint64_t address, uint16_t target)
{
	*ret = (struct scsi_port){.target = target, .length = SAS_LENGTH};
	ret->id[0] = PROTOCOL_SAS;
	put_be64(ret->id + HEADER, address);
}

void scsi_port_invent(struct scsi_port *ret, const char *nexus_name)
{
	uint64_t address = UINT64_C(3) << 60 | (hash_text(nexus_name) & 0x0fffffffffffffffu);
	scsi_port_sas(ret, address, SCSI_TARGET_PORT_LOOPBACK);
}

bool scsi_port_equal(const struct scsi_port *a, const struct scsi_port *b)
{
	return a->target == b->target && a->length == b->length &&
	       memcmp(a->id, b->id, a->length) == 0;
}

/* ---- parsed ---------------------------------------------------------------------------------- */

/* Text to its NUL, nothing but NULs behind it, and every character one of a name. */
static bool take_text(const uint8_t *data, size_t length, char ret[TEXT_MAX])
{
	size_t end = 0;
	while (end < length && data[end] > ' ' && data[end] < 0x7f)
		end++;
	for (size_t i = end; i < length; i++)
		if (data[i] != 0)
			return false;
	if (end == length || end == 0)
		return false;
	memcpy(ret, data, end);
	ret[end] = '\0';
	lower(ret);
	return true;
}

/*
 * Whatever logs in may be registered, and must be read again when it was written down: initiators
 * are not always strict about what an iSCSI name begins with.
 */
static bool is_initiator(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length < SCSI_TRANSPORT_NAME_MAX && !strchr(text, ',');
}

static bool is_name(const char *text)
{
	return strlen(text) > 4 && is_initiator(text) &&
	       (strncmp(text, "iqn.", 4) == 0 || strncmp(text, "eui.", 4) == 0 ||
		       strncmp(text, "naa.", 4) == 0);
}

/* One to twelve hexadecimal digits; leading zeros may have been left out. */
static bool take_isid(const char *digits, uint8_t ret[SCSI_ISID_LENGTH])
{
	size_t length = strlen(digits);
	uint64_t value = 0;
	if (length == 0 || length > ISID_DIGITS || strspn(digits, "0123456789abcdef") != length)
		return false;
	for (; *digits; digits++)
		value = value << 4 |
			(uint64_t)(*digits <= '9' ? *digits - '0' : *digits - 'a' + 10);
	for (int i = SCSI_ISID_LENGTH - 1; i >= 0; i--, value >>= 8)
		ret[i] = (uint8_t)value;
	return true;
}

static bool take_port(char *text, uint16_t target, struct scsi_port *ret)
{
	uint8_t isid[SCSI_ISID_LENGTH];
	char *mark = strstr(text, separator);
	if (!mark || !take_isid(mark + strlen(separator), isid))
		return false;
	*mark = '\0';
	if (!is_initiator(text))
		return false;
	scsi_port_iscsi(ret, text, isid, target);
	return true;
}

static size_t parse_iscsi(
	const uint8_t *data, size_t length, uint16_t target, struct scsi_port *ret)
{
	char text[TEXT_MAX];
	unsigned format = data[0] >> FORMAT_SHIFT;
	size_t additional = get_be16(data + 2);
	if (additional < TEXT_MIN || additional > TEXT_MAX || additional % 4 ||
		additional > length - HEADER || !take_text(data + HEADER, additional, text))
		return 0;
	if (format == FORMAT_PORT)
		return take_port(text, target, ret) ? HEADER + additional : 0;
	if (format != FORMAT_DEVICE || !is_name(text))
		return 0;
	set_text(ret, FORMAT_DEVICE, text, target);
	return HEADER + additional;
}

size_t scsi_port_parse(const uint8_t *data, size_t length, uint16_t target, struct scsi_port *ret)
{
	if (length < SAS_LENGTH)
		return 0;
	if ((data[0] & PROTOCOL_MASK) == PROTOCOL_ISCSI)
		return parse_iscsi(data, length, target, ret);
	if (data[0] != PROTOCOL_SAS)
		return 0;
	scsi_port_sas(ret, get_be64(data + HEADER), target);
	return SAS_LENGTH;
}

bool scsi_port_is_device(const struct scsi_port *port)
{
	return port->id[0] == (FORMAT_DEVICE << FORMAT_SHIFT | PROTOCOL_ISCSI);
}

bool scsi_port_belongs_to(const struct scsi_port *port, const struct scsi_port *device)
{
	const char *name = (const char *)device->id + HEADER;
	const char *text = (const char *)port->id + HEADER;
	size_t length = strlen(name);
	return port->target == device->target &&
	       port->id[0] == (FORMAT_PORT << FORMAT_SHIFT | PROTOCOL_ISCSI) &&
	       strncmp(text, name, length) == 0 &&
	       strncmp(text + length, separator, strlen(separator)) == 0;
}

void scsi_port_text(const struct scsi_port *port, char *ret, size_t size)
{
	if (port->id[0] == PROTOCOL_SAS)
		snprintf(ret, size, "naa.%016" PRIx64, get_be64(port->id + HEADER));
	else
		snprintf(ret, size, "%.*s", TEXT_MAX - 1, (const char *)port->id + HEADER);
}
