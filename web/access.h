/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask. Every function fails with *error. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "head.h"

/*
 * The peer of a unix socket: root, the user of this process, or a member of `group`. ret_actor is
 * its name in the history, "uid:1000", also of one that may not.
 */
bool access_peer(int fd, gid_t group, char *ret_actor, size_t size, struct error *error);

/* Of "Authorization: Bearer TOKEN" (RFC 6750 2.1), borrowed; NULL when there is none. */
const char *access_bearer(const struct head *head, struct error *error);
/* In time that does not depend on the token. */
bool access_is_token(const char *given, const char *token);

/*
 * Against web pages that reach for the port: the Host is a name of this daemon (see hosts.h; a name
 * rebound to its address is not), and an unsafe method does not come from another site.
 */
bool access_site(const struct head *head, const char *method, const char *hosts, int fd,
	struct error *error);
