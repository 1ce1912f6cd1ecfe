/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "certificates.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void write_pem(const char *path, const gnutls_datum_t *pem)
{
	char fresh[512];
	snprintf(fresh, sizeof fresh, "%s.new", path);
	FILE *file = fopen(fresh, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(pem->data, 1, pem->size, file), pem->size);
	fclose(file);
	assert_int_equal(rename(fresh, path), 0);
	gnutls_free(pem->data);
}

static void describe(gnutls_x509_crt_t certificate, unsigned char serial, time_t expires)
{
	gnutls_x509_crt_set_version(certificate, 3);
	gnutls_x509_crt_set_serial(certificate, &serial, 1);
	gnutls_x509_crt_set_activation_time(certificate, time(NULL) - 86400 * 365);
	gnutls_x509_crt_set_expiration_time(certificate, expires);
	gnutls_x509_crt_set_dn(certificate, "CN=localhost", NULL);
	gnutls_x509_crt_set_subject_alt_name(
		certificate, GNUTLS_SAN_DNSNAME, "localhost", 9, GNUTLS_FSAN_SET);
}

void make_certificate(
	const char *certificate_path, const char *key_path, unsigned char serial, time_t expires)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t certificate;
	gnutls_datum_t pem;
	gnutls_x509_privkey_init(&key);
	gnutls_x509_crt_init(&certificate);
	assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
				 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		0);
	describe(certificate, serial, expires);
	gnutls_x509_crt_set_key(certificate, key);
	assert_int_equal(
		gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0), 0);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem);
	write_pem(key_path, &pem);
	gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem);
	write_pem(certificate_path, &pem);
	gnutls_x509_crt_deinit(certificate);
	gnutls_x509_privkey_deinit(key);
}

static unsigned char read_serial(gnutls_session_t session)
{
	unsigned count = 0;
	unsigned char serial[32] = {0};
	size_t size = sizeof serial;
	gnutls_x509_crt_t certificate;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	assert_true(chain && count > 0);
	gnutls_x509_crt_init(&certificate);
	assert_int_equal(gnutls_x509_crt_import(certificate, chain, GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_get_serial(certificate, serial, &size), 0);
	gnutls_x509_crt_deinit(certificate);
	return serial[size - 1];
}

void tls_connect(struct tls_client *client, int fd, const char *priorities)
{
	const struct timeval patience = {.tv_sec = 60};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	*client = (struct tls_client){.fd = fd};
	gnutls_certificate_allocate_credentials(&client->credentials);
	gnutls_init(&client->session, GNUTLS_CLIENT);
	gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, client->credentials);
	if (priorities)
		assert_int_equal(gnutls_priority_set_direct(client->session, priorities, NULL), 0);
	else
		gnutls_set_default_priority(client->session);
	gnutls_transport_set_int(client->session, fd);
	int result;
	while ((result = gnutls_handshake(client->session)) < 0 && !gnutls_error_is_fatal(result))
		;
	client->connected = result == 0;
	if (client->connected)
		client->serial = read_serial(client->session);
}

static bool is_whole(const char *text, size_t length)
{
	const char *body = strstr(text, "\r\n\r\n"), *header = strstr(text, "Content-Length: ");
	if (!body || !header)
		return false;
	size_t expected = (size_t)(body + 4 - text) + strtoul(header + 16, NULL, 10);
	return length >= expected;
}

int tls_ask(struct tls_client *client, const char *request)
{
	static char text[1 << 16];
	size_t length = 0;
	int status = 0;
	text[0] = '\0';
	if (gnutls_record_send(client->session, request, strlen(request)) < 0)
		return 0;
	while (!is_whole(text, length)) {
		ssize_t count = gnutls_record_recv(
			client->session, text + length, sizeof text - 1 - length);
		if (count <= 0) /* also after the patience of the socket */
			return 0;
		length += count > 0 ? (size_t)count : 0;
		text[length] = '\0';
	}
	sscanf(text, "HTTP/1.1 %d", &status);
	return status;
}

void tls_send(struct tls_client *client, const char *text)
{
	assert_int_equal(gnutls_record_send(client->session, text, strlen(text)), strlen(text));
}

size_t tls_receive(struct tls_client *client, char *ret, size_t size)
{
	ssize_t count;
	do
		count = gnutls_record_recv(client->session, ret, size);
	while (count < 0 && !gnutls_error_is_fatal((int)count) && count != GNUTLS_E_AGAIN);
	return count > 0 ? (size_t)count : 0;
}

void tls_close(struct tls_client *client)
{
	gnutls_deinit(client->session);
	gnutls_certificate_free_credentials(client->credentials);
	close(client->fd);
}
