/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate with its chain and its key, as they were read from files. Counted, immutable. */
#pragma once

#include <gnutls/abstract.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

enum { CERTIFICATE_CHAIN_MAX = 16 };

struct certificate {
	atomic_uint references;
	gnutls_pcert_st chain[CERTIFICATE_CHAIN_MAX]; /* the server's own first */
	unsigned count;
	gnutls_privkey_t key;
	bool key_is_open; /* others than its owner and group may read it, or write to it */
	int64_t expires;  /* seconds since the epoch; of the server's own */
};

/*
 * Reads PEM files. NULL with *error: CONFIGURATION (not readable, not PEM, more than the longest
 * chain, a key of another certificate) or NO_MEMORY.
 */
struct certificate *certificate_load(
	const char *certificate_path, const char *key_path, struct error *error);
struct certificate *certificate_get(struct certificate *certificate);
void certificate_put(struct certificate *certificate); /* NULL is allowed */
