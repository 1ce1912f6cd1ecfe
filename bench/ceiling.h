/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iSCSI targets that do nothing but move data: they let anybody in, one
 * connection at a time. What both ceilings share; RFC 7143 11.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
	BHS = 48,
	LOGIN = 0x03,
	LOGOUT = 0x06,
	SCSI_COMMAND = 0x01,
	SCSI_RESPONSE = 0x21,
	LOGIN_RESPONSE = 0x23,
	DATA_IN = 0x25,
	LOGOUT_RESPONSE = 0x26,
	CDB_AT = 32,
};

bool ceiling_send(int fd, struct iovec *iov, int count, int flags);

/* The header of an answer, with status numbers. */
void ceiling_begin(uint8_t *answer, const uint8_t *request, uint8_t opcode, uint8_t flags);
/* Data-In with the status. */
void ceiling_begin_data(uint8_t *answer, const uint8_t *request, size_t length);
bool ceiling_answer(int fd, const uint8_t *request, uint8_t opcode, uint8_t flags);
/* LOGIN and LOGOUT; false for everything else, too. */
bool ceiling_answer_session(int fd, const uint8_t *request);

/* Serves one connection after the other; prints "address pid". Returns only when it cannot. */
void ceiling_serve(void (*connection)(int fd));
