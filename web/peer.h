/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of a TCP connection, as long as that lasts. */
#pragma once

#include <gnutls/abstract.h>
#include <microhttpd.h>

struct listener;

enum { PEER_ADDRESS_MAX = 46 };

struct peer {
	struct listener *listener;
	char address[PEER_ADDRESS_MAX];  /* numeric; an IPv4 address is one, also over IPv6 */
	struct certificate *certificate; /* that it was shown; NULL: none yet */
};

/* A MHD_NotifyConnectionCallback, with the struct listener as its closure. */
void peer_notify(void *listener, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode code);

/* NULL on the unix socket, and without memory. */
struct peer *peer_of(struct MHD_Connection *connection);

/* A gnutls_certificate_retrieve_function2. */
int peer_choose_certificate(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
	const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **ret_chain,
	unsigned *ret_count, gnutls_privkey_t *ret_key);
