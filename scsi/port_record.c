/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ends of a nexus as bytes, in the told record and in the catalog:
 *
 *	2	relative target port identifier
 *	2	length of the TransportID
 *	…	TransportID
 */
#include "private.h"
#include "scsi/port.h"
#include "util/reader.h"
#include "util/response.h"

void scsi_port_encode(const struct scsi_port *port, struct response *r)
{
	response_be16(r, port->target);
	response_be16(r, port->length);
	response_bytes(r, port->id, port->length);
}

bool scsi_port_decode(struct reader *reader, struct scsi_port *ret)
{
	struct scsi_port found = {0};
	found.target = reader_be16(reader);
	found.length = reader_be16(reader);
	if (found.length > sizeof found.id || found.target == 0)
		return false;
	reader_bytes(reader, found.id, found.length);
	size_t length = scsi_port_parse(found.id, found.length, found.target, ret);
	return !reader->failed && length == found.length && scsi_port_equal(&found, ret) &&
	       !scsi_port_is_device(ret);
}
