/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is logged in, as LIO tells it (ARCHITECTURE.md has such a file). Its alias line holds what
 * the initiator chose, newlines too, so what is looked for is looked for from the end: everything
 * from the last "LIO Session ID" on is the kernel's own.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsi_target_private.h"

/* An attribute of configfs is a page at most. */
enum { PAGE_MAX = 4096 };

/* What is not there: a host or a target that is being taken away, or never was. */
static bool is_absence(int error)
{
	return error == ENOENT || error == ENODEV || error == ENOTDIR;
}

/*
 * Without NUL bytes: LIO has one behind each line of dynamic_sessions. 1: read. 0: there is no such
 * file. -errno: there may be one.
 */
static int read_page(const char *directory, const char *file, char ret[PAGE_MAX + 1])
{
	char path[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/%s", directory, file);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : TEMP_FAILURE_RETRY(read(fd, ret, PAGE_MAX)), length = 0;
	if (n < 0)
		return is_absence(errno) ? 0 : -errno;
	for (ssize_t i = 0; i < n; i++) {
		if (ret[i])
			ret[length++] = ret[i];
	}
	ret[length] = '\0';
	return 1;
}

/* ---- one session --------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');
	return end ? end + 1 : NULL;
}

static const char *find_session(const char *text)
{
	const char *found = NULL;
	for (const char *line = text; line; line = next_line(line)) {
		if (begins(line, "LIO Session ID: "))
			found = line;
	}
	return found;
}

/* "0x00 02 3d 00 00 01" → "0x00023d000001" */
static bool parse_isid(const char *text, char ret[16])
{
	int digits = 0;
	if (!begins(text, "0x"))
		return false;
	memcpy(ret, "0x", 2);
	for (text += 2; digits < 12 && (isxdigit((unsigned char)*text) || *text == ' '); text++) {
		if (*text != ' ')
			ret[2 + digits++] = *text;
	}
	ret[2 + digits] = '\0';
	return digits == 12;
}

/* "LIO Session ID: 5   ISID: 0x80 8c 52 4b 00 00  TSIH: 5  SessionType: Normal" */
static bool parse_session(const char *line, struct tcmu_iscsi_session *ret)
{
	char copy[160], *end;
	snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
	const char *number = copy + strlen("LIO Session ID: ");
	const char *isid = strstr(copy, "ISID: ");
	if (!isdigit((unsigned char)*number) || !isid || !strstr(copy, "SessionType: Normal"))
		return false;
	ret->id = strtoull(number, &end, 10);
	return *end == ' ' && parse_isid(isid + strlen("ISID: "), ret->isid);
}

/* "   Address 127.0.0.1 TCP  StatSN: 0xeabfd11b" */
static void parse_address(const char *line, struct tcmu_iscsi_session *ret)
{
	static const char label[] = "   Address ";
	if (!ret->address[0] && begins(line, label)) {
		line += strlen(label);
		snprintf(
			ret->address, sizeof ret->address, "%.*s", (int)strcspn(line, " \n"), line);
	}
}

/* Of the lines behind the session's. One connection that is not gone keeps it from ending. */
static void parse_connections(const char *line, struct tcmu_iscsi_session *ret)
{
	bool alive = false;
	while ((line = next_line(line))) {
		const char *state = strstr(line, "Connection State: ");
		if (begins(line, "CID: ") && state)
			alive |= !begins(state + strlen("Connection State: "),
				"TARG_CONN_STATE_CLEANUP_WAIT");
		parse_address(line, ret);
	}
	ret->ending = !alive;
}

bool kernel_session_parse(const char *info, struct tcmu_iscsi_session *ret)
{
	struct tcmu_iscsi_session session = {0};
	const char *line = find_session(info);
	if (!line || !parse_session(line, &session))
		return false;
	parse_connections(line, &session);
	memcpy(session.initiator, ret->initiator, sizeof session.initiator);
	*ret = session;
	return true;
}

/* The whole of it: what an initiator calls itself comes behind another line. */
static bool says_none(const char *info)
{
	return begins(info, "No active iSCSI Session");
}

int kernel_session(const struct configfs *fs, const char *target, const char *initiator,
	struct tcmu_iscsi_session *ret)
{
	char acl[CONFIGFS_PATH_MAX], page[PAGE_MAX + 1];
	struct kernel_target place;
	struct tcmu_iscsi_session session = {0};
	if (!kernel_name_valid(target) || !kernel_name_valid(initiator))
		return 0;
	kernel_target_init(&place, fs, target);
	configfs_path(acl, "%s/acls/%s", place.tpgt, initiator);
	snprintf(session.initiator, sizeof session.initiator, "%s", initiator);
	int status = read_page(acl, "info", page);
	if (status <= 0 || says_none(page))
		return status < 0 ? status : 0;
	if (!kernel_session_parse(page, &session))
		return -EBADMSG;
	*ret = session;
	return 1;
}

/* ---- where anybody may log in -------------------------------------------------------------- */

static bool is_same_line(const char *a, const char *b)
{
	size_t length = strcspn(a, "\n");
	return length == strcspn(b, "\n") && memcmp(a, b, length) == 0;
}

static bool came_before(const char *page, const char *line)
{
	for (; page != line; page = next_line(page)) {
		if (is_same_line(page, line))
			return true;
	}
	return false;
}

/* Whoever logs in may have any name: what has no place in a log or a table becomes '?'. */
static void copy_name(char ret[TCMU_ISCSI_NAME_MAX], const char *line)
{
	snprintf(ret, TCMU_ISCSI_NAME_MAX, "%.*s", (int)strcspn(line, "\n"), line);
	for (; *ret; ret++) {
		if (*ret <= ' ' || *ret >= 0x7f)
			*ret = '?';
	}
}

int kernel_dynamic_sessions(const struct configfs *fs, const char *target,
	char (*ret)[TCMU_ISCSI_NAME_MAX], unsigned capacity)
{
	char page[PAGE_MAX + 1];
	struct kernel_target place;
	unsigned count = 0;
	if (!kernel_name_valid(target))
		return 0;
	kernel_target_init(&place, fs, target);
	int status = read_page(place.tpgt, "dynamic_sessions", page);
	if (status <= 0)
		return status;
	/* A line for each session: an initiator with two is one initiator. */
	for (const char *line = page; line && *line; line = next_line(line)) {
		if (*line == '\n' || came_before(page, line))
			continue;
		if (count < capacity)
			copy_name(ret[count], line);
		count++;
	}
	return (int)count; /* of a page */
}
