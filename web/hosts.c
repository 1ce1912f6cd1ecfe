/* SPDX-License-Identifier: Apache-2.0 */
#include "hosts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { NAME_MAX_LENGTH = 255 };

/* Without its port; false when there is something else behind it. */
static bool take_name(const char *host, char ret[NAME_MAX_LENGTH + 1])
{
	size_t length = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	if (length > NAME_MAX_LENGTH || length > strlen(host))
		return false;
	memcpy(ret, host, length);
	ret[length] = '\0';
	host += length;
	return !*host || (*host == ':' && strspn(host + 1, "0123456789") == strlen(host + 1));
}

static bool is_among(const char *name, const char *names)
{
	size_t wanted = strlen(name);
	while (wanted && *names) {
		names += strspn(names, " \t,");
		size_t length = strcspn(names, " \t,");
		if (length == wanted && !strncasecmp(names, name, length))
			return true;
		names += length;
	}
	return false;
}

static bool parse_address(const char *name, struct in6_addr *ret)
{
	char inner[INET6_ADDRSTRLEN];
	size_t length = strlen(name);
	*ret = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
	if (inet_pton(AF_INET, name, &ret->s6_addr[12]) == 1)
		return true;
	if (*name != '[' || length < 2 || length > sizeof inner)
		return false;
	snprintf(inner, sizeof inner, "%.*s", (int)length - 2, name + 1);
	return inet_pton(AF_INET6, inner, ret) == 1;
}

/* An address cannot be made to point elsewhere. */
static bool is_address_of(const char *name, int fd)
{
	struct in6_addr named, own = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = {0};
	socklen_t size = sizeof address;
	if (!parse_address(name, &named) || getsockname(fd, &address.any, &size))
		return false;
	if (address.any.sa_family == AF_INET)
		memcpy(&own.s6_addr[12], &address.v4.sin_addr, 4);
	else
		own = address.v6.sin6_addr;
	return !memcmp(&named, &own, sizeof own);
}

bool host_is_ours(const char *host, const char *names, int fd)
{
	char name[NAME_MAX_LENGTH + 1];
	return take_name(host, name) &&
	       (is_among(name, "localhost 127.0.0.1 [::1]") || (names && is_among(name, names)) ||
		       is_address_of(name, fd));
}
