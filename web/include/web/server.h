/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP API: a unix socket for this machine's operators and, if wanted, a TCP port on a loopback
 * address for clients with a token. carousel-api(7) is the description for users.
 *
 * The server owns one thread per listener, one that follows events and a few that read files. It
 * calls the library's readers and starts its operations from the listeners', and its operations may
 * complete on any thread, even after web_stop.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

struct file_io;
struct library;
struct web;

enum { WEB_TOKEN_MIN = 16 };

struct web_config {
	struct library *library; /* borrowed until web_stop returns */

	/*
	 * NULL: no unix socket. Root, the daemon's own user and members of socket_group may use it,
	 * whatever its mode. A socket file that nobody serves is replaced.
	 */
	const char *socket_path;
	mode_t socket_mode;
	gid_t socket_group; /* (gid_t)-1: none */

	/*
	 * NULL: no TCP. A numeric address, or "localhost"; a token of at least WEB_TOKEN_MIN
	 * characters is demanded, and TLS or allow_unencrypted for one that is not loopback. Port 0
	 * takes a free one, see web_port.
	 */
	const char *listen_address;
	uint16_t listen_port;
	const char *token;
	const char *hosts; /* names of this daemon besides its addresses; NULL, or with spaces */
	/* PEM files; NULL or "": no TLS. Read again when they change. */
	const char *certificate_path, *key_path;
	bool allow_unencrypted;
	/* Of TCP; 0: 256 and 64. Who comes when there are so many is turned away. */
	unsigned connections, connections_per_address;
	/* Of a token, or of an address without one, twice as many at once; 0: no limit. */
	unsigned requests_per_second;

	unsigned heartbeat_ms;    /* of event streams on which nothing happens; 0: 15 s */
	unsigned idle_seconds;    /* that a client may keep the server waiting; 0: 30 */
	const struct file_io *io; /* by which files that are sent are read; NULL: file_io_posix */

	/*
	 * NULL: silent. One line without a newline, with a priority of syslog(3). Called from the
	 * listeners' threads.
	 */
	void (*log)(void *context, int priority, const char *line);
	void *log_context;
};

/*
 * Returns when both listeners accept. NULL with *error: CONFIGURATION (no listener, an address that
 * other machines reach without TLS, a certificate that cannot be used, token missing or short),
 * STATE_IN_USE (another daemon serves the socket), PERMISSION.
 */
struct web *web_start(const struct web_config *config, struct error *error);

/*
 * Reads the certificate again, for connections that come from now on. CONFIGURATION: the one before
 * stays. Without TLS it is a success that does nothing.
 */
bool web_reload(struct web *web, struct error *error);

/* Whether a server could start with them. CONFIGURATION, NO_MEMORY. */
bool web_check_certificate(const char *certificate_path, const char *key_path, struct error *error);

/* The TCP port, 0 when there is none. */
uint16_t web_port(const struct web *web);

/*
 * Refuses new requests, answers STOPPING to those whose operation has not ended (the operation
 * itself goes on) and returns when all listeners are gone. NULL is allowed.
 */
void web_stop(struct web *web);
