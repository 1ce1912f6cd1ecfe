/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "web/server.h"

enum { FILE_MAX = 1 << 20 };

struct pem {
	gnutls_datum_t text;
	mode_t mode; /* of its file */
};

static void pem_finish(struct pem *pem)
{
	if (pem->text.data)
		explicit_bzero(pem->text.data, pem->text.size);
	free(pem->text.data);
}

static bool refuse(struct error *error, const char *what, const char *path, const char *why,
	const char *remedy)
{
	return error_set(error, ERROR_CONFIGURATION, remedy, "the %s %.200s %s", what, path, why);
}

static bool cannot_read(struct error *error, const char *what, const char *path)
{
	char why[160];
	snprintf(why, sizeof why, "cannot be read: %s", strerror(errno));
	return refuse(
		error, what, path, why, "Let the user of carouseld read it, or name another file.");
}

static bool read_whole(int fd, struct pem *ret)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return false;
	errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return false;
	ret->text.data = malloc((size_t)st.st_size + 1);
	if (!ret->text.data)
		return false;
	ssize_t length = read(fd, ret->text.data, (size_t)st.st_size);
	ret->text.size = length < 0 ? 0 : (unsigned)length;
	ret->mode = st.st_mode;
	return length >= 0;
}

static bool read_pem(const char *what, const char *path, struct pem *ret, struct error *error)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || !read_whole(fd, ret))
		return cannot_read(error, what, path);
	return true;
}

static bool import_chain(struct certificate *certificate, const struct pem *pem, const char *path,
	struct error *error)
{
	unsigned count = CERTIFICATE_CHAIN_MAX;
	int result = gnutls_pcert_list_import_x509_raw(
		certificate->chain, &count, &pem->text, GNUTLS_X509_FMT_PEM, 0);
	if (result < 0 || count == 0)
		return refuse(error, "certificate", path, "is not a certificate in PEM",
			"Name the file with the certificate, and those that vouch for it behind "
			"it.");
	certificate->count = count;
	return true;
}

static bool import_key(struct certificate *certificate, const struct pem *pem, const char *path,
	struct error *error)
{
	certificate->key_is_open = pem->mode & S_IRWXO;
	return (gnutls_privkey_init(&certificate->key) == 0 &&
		       gnutls_privkey_import_x509_raw(
			       certificate->key, &pem->text, GNUTLS_X509_FMT_PEM, NULL, 0) == 0) ||
	       refuse(error, "key", path, "is not a private key in PEM without a passphrase",
		       "Name the file with the key of the certificate.");
}

static bool ids_match(gnutls_pubkey_t one, gnutls_pubkey_t other)
{
	unsigned char ids[2][64];
	size_t sizes[2] = {sizeof ids[0], sizeof ids[1]};
	return gnutls_pubkey_get_key_id(one, GNUTLS_KEYID_USE_SHA256, ids[0], &sizes[0]) == 0 &&
	       gnutls_pubkey_get_key_id(other, GNUTLS_KEYID_USE_SHA256, ids[1], &sizes[1]) == 0 &&
	       sizes[0] == sizes[1] && memcmp(ids[0], ids[1], sizes[0]) == 0;
}

static bool check_key(const struct certificate *certificate, const char *certificate_path,
	const char *key_path, struct error *error)
{
	gnutls_pubkey_t public = NULL;
	bool match = gnutls_pubkey_init(&public) == 0 &&
		     gnutls_pubkey_import_privkey(public, certificate->key, 0, 0) == 0 &&
		     ids_match(public, certificate->chain[0].pubkey);
	if (public)
		gnutls_pubkey_deinit(public);
	return match ||
	       error_set(error, ERROR_CONFIGURATION,
		       "Name the key that the certificate was made with; in the file of the "
		       "certificate, the server's own comes first.",
		       "the key %.120s is not that of the certificate %.120s", key_path,
		       certificate_path);
}

static bool find_expiry(struct certificate *certificate, const char *path, struct error *error)
{
	gnutls_x509_crt_t first = NULL;
	time_t expires = -1;
	if (gnutls_x509_crt_init(&first) == 0 &&
		gnutls_x509_crt_import(first, &certificate->chain[0].cert, GNUTLS_X509_FMT_DER) ==
			0)
		expires = gnutls_x509_crt_get_expiration_time(first);
	if (first)
		gnutls_x509_crt_deinit(first);
	certificate->expires = expires;
	return expires >= 0 || refuse(error, "certificate", path, "does not say when it expires",
				       "Have it made again.");
}

struct certificate *certificate_load(
	const char *certificate_path, const char *key_path, struct error *error)
{
	_cleanup_(pem_finish) struct pem chain = {0}, key = {0};
	struct certificate *certificate = calloc(1, sizeof *certificate);
	if (!certificate) {
		error_set(error, ERROR_NO_MEMORY, "Free some memory.",
			"no memory for the certificate");
		return NULL;
	}
	certificate->references = 1;
	if (read_pem("certificate", certificate_path, &chain, error) &&
		read_pem("key", key_path, &key, error) &&
		import_chain(certificate, &chain, certificate_path, error) &&
		import_key(certificate, &key, key_path, error) &&
		check_key(certificate, certificate_path, key_path, error) &&
		find_expiry(certificate, certificate_path, error))
		return certificate;
	certificate_put(certificate);
	return NULL;
}

bool web_check_certificate(const char *certificate_path, const char *key_path, struct error *error)
{
	struct certificate *certificate = certificate_load(certificate_path, key_path, error);
	certificate_put(certificate);
	return certificate;
}

struct certificate *certificate_get(struct certificate *certificate)
{
	certificate->references++;
	return certificate;
}

void certificate_put(struct certificate *certificate)
{
	if (!certificate || --certificate->references > 0)
		return;
	for (unsigned i = 0; i < certificate->count; i++)
		gnutls_pcert_deinit(&certificate->chain[i]);
	if (certificate->key)
		gnutls_privkey_deinit(certificate->key);
	free(certificate);
}
