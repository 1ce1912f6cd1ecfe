/* SPDX-License-Identifier: Apache-2.0 */
#include "initiator.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

_Noreturn void die(const char *what, struct iscsi_context *iscsi)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		iscsi ? iscsi_get_error(iscsi) : "");
	exit(1);
}

struct iscsi_context *open_session(const char *initiator, const char *text, int *ret_lun)
{
	struct iscsi_context *iscsi = iscsi_create_context(initiator);
	struct iscsi_url *url = iscsi_parse_full_url(iscsi, text);
	if (!url)
		die("the URL", iscsi);
	iscsi_set_targetname(iscsi, url->target);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_header_digest(iscsi, ISCSI_HEADER_DIGEST_NONE);
	iscsi_set_noautoreconnect(iscsi, 1);
	*ret_lun = url->lun;
	if (iscsi_full_connect_sync(iscsi, url->portal, url->lun))
		die("connecting", iscsi);
	iscsi_destroy_url(url);
	return iscsi;
}

uint64_t clock_ns(clockid_t which)
{
	struct timespec time;
	clock_gettime(which, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The first number of a thread's schedstat, nanoseconds. */
static uint64_t thread_ns(const char *pid, const char *thread)
{
	char path[384];
	unsigned long long ns = 0;
	snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat", pid, thread);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%llu", &ns) != 1)
		ns = 0;
	fclose(file);
	return ns;
}

uint64_t process_ns(const char *pid)
{
	char path[320];
	struct dirent *entry;
	uint64_t total = 0;
	snprintf(path, sizeof path, "/proc/%s/task", pid);
	DIR *directory = opendir(path);
	if (!directory)
		die(path, NULL);
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			total += thread_ns(pid, entry->d_name);
	closedir(directory);
	return total;
}

static int by_value(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return left < right ? -1 : left > right;
}

double quantile(uint32_t *values, uint64_t count, double part)
{
	qsort(values, count, sizeof values[0], by_value);
	return count ? values[(uint64_t)(part * (double)(count - 1))] : 0;
}
