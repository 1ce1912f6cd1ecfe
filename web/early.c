/* SPDX-License-Identifier: Apache-2.0 */
#include "early.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/cleanup.h"

/* The library's own session; NULL: it is not encrypted. */
static gnutls_session_t session_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	return info ? info->tls_session : NULL;
}

static int socket_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* The socket does not block, and has room: nothing but "100 Continue" was sent lately. */
static bool write_all(struct MHD_Connection *connection, const char *text, size_t length)
{
	gnutls_session_t session = session_of(connection);
	ssize_t n = session ? gnutls_record_send(session, text, length)
			    : send(socket_of(connection), text, length, MSG_NOSIGNAL);
	return n == (ssize_t)length;
}

/* Who reads to the end has seen it. */
static void end_writing(struct MHD_Connection *connection)
{
	gnutls_session_t session = session_of(connection);
	if (session)
		gnutls_bye(session, GNUTLS_SHUT_WR);
	shutdown(socket_of(connection), SHUT_WR);
}

bool early_send(struct MHD_Connection *connection, struct answer *answer, struct sent *sent)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	answer->close = true;
	FILE *stream = open_memstream(&text, &length);
	if (!stream)
		return false;
	send_text(stream, answer);
	if (fclose(stream) != 0 || !write_all(connection, text, length))
		return false;
	sent->status = answer->status;
	sent->early = true;
	end_writing(connection);
	return true;
}
