/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate that new connections are shown. It is looked at again when its files have changed
 * and somebody connects, and when the operator says so; connections keep the one they began with.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

struct certificate;
struct tls;
struct web;

/* TLS 1.2 and 1.3, with forward secrecy and at least 128 bits. */
#define TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:%SERVER_PRECEDENCE"

/* CONFIGURATION: see certificate_load. One that has expired is only warned of. */
struct tls *tls_create(
	struct web *web, const char *certificate_path, const char *key_path, struct error *error);
void tls_destroy(struct tls *tls); /* NULL is allowed */

/* Any thread. False with *error: the one before stays. */
bool tls_reload(struct tls *tls, struct error *error);
int64_t tls_expires(struct tls *tls); /* seconds since the epoch */

/* For a new connection; the caller puts it. */
struct certificate *tls_certificate(struct tls *tls);
