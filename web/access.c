/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "hosts.h"
#include "util/cleanup.h"

/* The supplementary groups the peer had when it connected. */
static bool peer_in_group(int fd, gid_t group)
{
	socklen_t length = 0;
	getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &length); /* says how long the list is */
	_cleanup_free_ gid_t *groups = malloc(length + 1);
	if (!groups || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length))
		return false;
	for (size_t i = 0; i < length / sizeof *groups; i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool peer_allowed(int fd, const struct ucred *peer, gid_t group)
{
	if (peer->uid == 0 || peer->uid == geteuid())
		return true;
	return group != (gid_t)-1 && (peer->gid == group || peer_in_group(fd, group));
}

bool access_peer(int fd, gid_t group, char *ret_actor, size_t size, struct error *error)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length))
		return error_set(error, ERROR_FORBIDDEN, "Connect through the unix socket.",
			"it is not known who asks");
	snprintf(ret_actor, size, "uid:%u", peer.uid);
	if (!peer_allowed(fd, &peer, group))
		return error_set(error, ERROR_FORBIDDEN,
			"Ask root to add you to the group of the socket, and log in again.",
			"user %u may not operate this library", peer.uid);
	return true;
}

bool access_is_token(const char *given, const char *token)
{
	size_t given_length = strlen(given), token_length = strlen(token);
	unsigned char difference = given_length != token_length;
	for (size_t i = 0; i < given_length; i++)
		difference |= (unsigned char)(given[i] ^ token[i % token_length]);
	return !difference;
}

const char *access_bearer(const struct head *head, struct error *error)
{
	static const char scheme[] = "Bearer ";
	const char *given = head->authorization;
	if (given && !strncasecmp(given, scheme, strlen(scheme)))
		return given + strlen(scheme) + strspn(given + strlen(scheme), " ");
	error_set(error, ERROR_UNAUTHORIZED, "Send \"Authorization: Bearer TOKEN\".",
		given ? "the request brings no bearer token" : "the request brings no token");
	return NULL;
}

static bool same_site(const struct head *head)
{
	if (head->fetch_site)
		return !strcmp(head->fetch_site, "same-origin") ||
		       !strcmp(head->fetch_site, "none");
	if (!head->origin)
		return true; /* not a browser */
	const char *authority = strstr(head->origin, "://");
	return authority && head->host && !strcasecmp(authority + 3, head->host);
}

bool access_site(
	const struct head *head, const char *method, const char *hosts, int fd, struct error *error)
{
	if (!head->host || !host_is_ours(head->host, hosts, fd))
		return error_set(error, ERROR_FORBIDDEN,
			"Use the address of the daemon, or add the name to hosts in [web] of its "
			"configuration.",
			"the Host of the request, %.100s, is no name of this daemon",
			head->host ? head->host : "none");
	if (strcmp(method, "GET") && strcmp(method, "HEAD") && !same_site(head))
		return error_set(error, ERROR_FORBIDDEN,
			"Do it from a page of this server, or a program.",
			"the request comes from a page of another site");
	return true;
}
