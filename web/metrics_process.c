/* SPDX-License-Identifier: Apache-2.0 */
/* What client libraries of Prometheus tell of a process (proc(5), getrusage(2)). */
#include "metrics.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void processor_time(FILE *out)
{
	struct rusage usage;
	if (getrusage(RUSAGE_SELF, &usage))
		return;
	metrics_family(
		out, "process_cpu_seconds_total", "counter", "processor time, user and system");
	metrics_real(out, "process_cpu_seconds_total", NULL,
		seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
}

static void memory(FILE *out)
{
	unsigned long long all, resident, page = (unsigned long long)sysconf(_SC_PAGESIZE);
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file)
		return;
	if (fscanf(file, "%llu %llu", &all, &resident) == 2) {
		metrics_single(out, "process_virtual_memory_bytes", "gauge",
			"size of the address space", all * page);
		metrics_single(out, "process_resident_memory_bytes", "gauge", "memory in use",
			resident * page);
	}
	fclose(file);
}

static void descriptors(FILE *out)
{
	struct rlimit limit;
	DIR *directory = opendir("/proc/self/fd");
	uint64_t count = 0;
	if (!directory)
		return;
	for (const struct dirent *entry; (entry = readdir(directory));)
		count += entry->d_name[0] != '.';
	closedir(directory);
	metrics_single(out, "process_open_fds", "gauge", "open file descriptors", count - 1);
	if (!getrlimit(RLIMIT_NOFILE, &limit))
		metrics_single(
			out, "process_max_fds", "gauge", "how many there may be", limit.rlim_cur);
}

/* In ticks since the boot: field 22, counted from behind the name, which may have blanks. */
static bool read_start(unsigned long long *ret_ticks)
{
	char line[1024] = "";
	FILE *file = fopen("/proc/self/stat", "re");
	const char *at = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
	for (unsigned field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (file)
		fclose(file);
	return at && sscanf(at, " %llu", ret_ticks) == 1;
}

static void start_time(FILE *out)
{
	struct timespec now, since_boot;
	unsigned long long ticks;
	if (!read_start(&ticks))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &since_boot);
	metrics_single(out, "process_start_time_seconds", "gauge",
		"when the process began, since the epoch",
		(uint64_t)(now.tv_sec - since_boot.tv_sec) +
			ticks / (unsigned long long)sysconf(_SC_CLK_TCK));
}

void metrics_of_process(FILE *out)
{
	processor_time(out);
	memory(out);
	descriptors(out);
	start_time(out);
}
