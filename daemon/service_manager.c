/* SPDX-License-Identifier: Apache-2.0 */
#include "service_manager.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/library.h"
#include "log.h"
#include "util/cleanup.h"

enum { STATUS_MAX = 1024 };

static struct sockaddr_un manager;
static socklen_t manager_length; /* 0: there is none */
static unsigned watchdog_ms;

/* A path, or '@' and a name of Linux' abstract ones. */
static bool read_address(const char *name)
{
	size_t length = strlen(name);
	if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof manager.sun_path)
		return false;
	manager.sun_family = AF_UNIX;
	memcpy(manager.sun_path, name, length);
	if (name[0] == '@')
		manager.sun_path[0] = '\0';
	manager_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

static bool read_number(const char *text, unsigned long long *ret)
{
	char *end;
	errno = 0;
	*ret = text ? strtoull(text, &end, 10) : 0;
	return text && text[0] >= '0' && text[0] <= '9' && !*end && errno == 0;
}

/* Of a shell that runs us under a watchdog of its own, it is not ours. */
static bool watchdog_is_ours(void)
{
	const char *text = getenv("WATCHDOG_PID");
	unsigned long long pid;
	return !text || (read_number(text, &pid) && pid == (unsigned long long)getpid());
}

static void read_watchdog(void)
{
	unsigned long long microseconds;
	if (!watchdog_is_ours() || !read_number(getenv("WATCHDOG_USEC"), &microseconds))
		return;
	unsigned long long milliseconds = microseconds / 1000;
	watchdog_ms = milliseconds > UINT_MAX ? UINT_MAX : (unsigned)milliseconds;
}

void service_manager_start(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	manager_length = 0;
	watchdog_ms = 0;
	if (name && !read_address(name))
		log_warning("NOTIFY_SOCKET is neither a path nor an abstract name, so nobody is "
			    "told that the daemon is up: %s",
			name);
	read_watchdog();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void send_message(const char *message)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, message, strlen(message), MSG_NOSIGNAL, (const struct sockaddr *)&manager,
		    manager_length) < 0)
		log_debug("the service manager cannot be told: %s", strerror(errno));
}

static void replace_control_characters(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void service_manager_tell(const char *state, const char *status, ...)
{
	char text[STATUS_MAX], message[STATUS_MAX + 64];
	if (!manager_length)
		return;
	if (!status) {
		send_message(state);
		return;
	}
	va_list args;
	va_start(args, status);
	vsnprintf(text, sizeof text, status, args);
	va_end(args);
	replace_control_characters(text);
	snprintf(message, sizeof message, "%s%sSTATUS=%s", state, state[0] ? "\n" : "", text);
	send_message(message);
}

void service_manager_tell_library(const char *state, struct library *library)
{
	struct library_health health;
	if (!manager_length)
		return;
	library_health(library, &health);
	service_manager_tell(state, "%u drive(s), %u failed; %llu media; portal %s; %u host(s)",
		health.drives, health.drives_failed, (unsigned long long)health.media,
		health.portal[0] ? health.portal : "off", health.sessions);
}

unsigned service_manager_watchdog_ms(void)
{
	return watchdog_ms;
}
