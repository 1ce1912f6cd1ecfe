/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is at the two ends of an I_T nexus, as persistent reservations name it: the TransportID of
 * the initiator port (SPC-4 7.6.4) and the relative target port identifier (SPC-4 7.8.6.8). Always
 * in one spelling - iSCSI names in lower case, ISIDs of twelve digits -, so that ports are equal
 * when their bytes are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SCSI_TRANSPORT_ID_MAX = 248,   /* the longest iSCSI name, an ISID, NUL and padding */
	SCSI_TRANSPORT_NAME_MAX = 224, /* an iSCSI name and its NUL */
	SCSI_TARGET_NAME_MAX = 236,    /* an iSCSI name, its portal group, NUL and padding */
	SCSI_ISID_LENGTH = 6,
	SCSI_TARGET_PORT_LOOPBACK = 1, /* of every drive; the portal's exports have others */
};

struct scsi_port {
	uint16_t target;                   /* RELATIVE TARGET PORT IDENTIFIER, from 1 */
	uint16_t length;                   /* of the TransportID, a multiple of four */
	uint8_t id[SCSI_TRANSPORT_ID_MAX]; /* zero beyond that */
};

/* An iSCSI initiator port: protocol 5h, format 01b. A name that is too long is cut. */
void scsi_port_iscsi(struct scsi_port *ret, const char *name, const uint8_t isid[SCSI_ISID_LENGTH],
	uint16_t target);
/* A port that has an NAA address and no iSCSI name: SAS, protocol 6h, as tcm_loop reports itself.
 */
void scsi_port_sas(struct scsi_port *ret, uint64_t address, uint16_t target);
/* For a nexus whose transport says nothing: a locally assigned address made of its name. */
void scsi_port_invent(struct scsi_port *ret, const char *nexus_name);

/* The same I_T nexus. */
bool scsi_port_equal(const struct scsi_port *a, const struct scsi_port *b);

/*
 * Takes a TransportID from the front of `data`, which is hostile: SAS, or iSCSI with or without
 * ISID. Returns its length there; 0: it is none of these, or not whole.
 */
size_t scsi_port_parse(const uint8_t *data, size_t length, uint16_t target, struct scsi_port *ret);
/* An iSCSI name without an ISID (format 00b): every initiator port of that name. */
bool scsi_port_is_device(const struct scsi_port *port);
/* `port` is one of the initiator device's, at the same target port. */
bool scsi_port_belongs_to(const struct scsi_port *port, const struct scsi_port *device);

/*
 * The name of the target port that an iSCSI target has at a portal group: "iqn.…,t,0x0001"
 * (SAM-5 A.2). A name that is too long is cut.
 */
void scsi_port_target_name(
	char ret[SCSI_TARGET_NAME_MAX], const char *iscsi_name, uint16_t portal_group);

/* For people: "iqn.…,i,0x…" or "naa.…"; cut to `size`. */
void scsi_port_text(const struct scsi_port *port, char *ret, size_t size);
