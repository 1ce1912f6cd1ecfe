/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "certificate.h"
#include "tls.h"
#include "web.h"

static void write_address(const struct sockaddr *address, char ret[PEER_ADDRESS_MAX])
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;
	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, ret, PEER_ADDRESS_MAX);
	else if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], ret, PEER_ADDRESS_MAX);
	else if (address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, ret, PEER_ADDRESS_MAX);
}

static struct peer *peer_create(struct listener *listener, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct peer *peer = calloc(1, sizeof *peer);
	if (!peer)
		return NULL;
	peer->listener = listener;
	if (info && info->client_addr)
		write_address(info->client_addr, peer->address);
	return peer;
}

static void peer_destroy(struct peer *peer)
{
	if (!peer)
		return;
	certificate_put(peer->certificate);
	free(peer);
}

/*
 * What a peer that vanished has not acknowledged would be sent again for a quarter of an hour
 * (tcp(7)), and a stream on which little happens fills no buffer meanwhile. Twice the time after
 * which the HTTP library drops who does not read, for that says why.
 */
static void bound_silence(const struct listener *listener, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	unsigned milliseconds = listener->web->idle_seconds * 2000;
	if (info)
		setsockopt(info->connect_fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds,
			sizeof milliseconds);
}

void peer_notify(void *listener, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = peer_create(listener, connection);
		bound_silence(listener, connection);
		return;
	}
	peer_destroy(*socket_context);
	*socket_context = NULL;
}

struct peer *peer_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

/* The HTTP library leaves the connection with the session. */
int peer_choose_certificate(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
	const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **ret_chain,
	unsigned *ret_count, gnutls_privkey_t *ret_key)
{
	struct MHD_Connection *connection = gnutls_session_get_ptr(session);
	struct peer *peer = connection ? peer_of(connection) : NULL;
	if (!peer)
		return -1;
	if (!peer->certificate)
		peer->certificate = tls_certificate(peer->listener->web->tls);
	*ret_chain = peer->certificate->chain;
	*ret_count = peer->certificate->count;
	*ret_key = peer->certificate->key;
	return 0;
}
