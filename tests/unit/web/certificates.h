/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that vouch for themselves, made for tests; and a client that looks at them. */
#pragma once

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <time.h>

/* For localhost and 127.0.0.1, with this serial number, as PEM files. */
void make_certificate(
	const char *certificate_path, const char *key_path, unsigned char serial, time_t expires);

struct tls_client {
	int fd;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	bool connected;       /* the handshake succeeded */
	unsigned char serial; /* of the certificate that it was shown */
};

/* Takes `fd` over. `priorities` NULL: GnuTLS's own. */
void tls_connect(struct tls_client *client, int fd, const char *priorities);
/* One request on a connection that stays; the status of the answer, 0: there was none. */
int tls_ask(struct tls_client *client, const char *request);
/* As they are; what came, 0 at the end or when nothing comes. */
void tls_send(struct tls_client *client, const char *text);
size_t tls_receive(struct tls_client *client, char *ret, size_t size);
void tls_close(struct tls_client *client);
