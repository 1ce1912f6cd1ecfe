/* SPDX-License-Identifier: Apache-2.0 */
/* A login to the portal, one request at a time, with whatever names (RFC 7143 11.12). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RAW_STAY = 0x00,         /* security negotiation goes on */
	RAW_TO_OPERATION = 0x81, /* … and ends, for operational negotiation */
	RAW_TO_FULL = 0x83,      /* … and ends, and with it the login */
	RAW_CLOSED = 0xffff,     /* instead of a status */
};

/* Connects to "ADDRESS:PORT". */
int raw_connect(const char *address);
/* Nobody listens there. */
bool raw_is_refused(const char *address);
/* Sends pairs "KEY=VALUE\0", and returns Status-Class and Status-Detail of the answer. */
unsigned raw_request(int fd, uint8_t flags, const char *keys, size_t length);
/* The usual first request, for this target. */
unsigned raw_introduce(int fd, uint8_t flags, const char *initiator, const char *target);
