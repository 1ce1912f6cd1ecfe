/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"

static const struct {
	const char *name;
	const char *journal;
	const char *word;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", "<3>", "error: "},
	[LOG_LEVEL_WARNING] = {"warning", "<4>", "warning: "},
	[LOG_LEVEL_INFO] = {"info", "<6>", ""},
	[LOG_LEVEL_DEBUG] = {"debug", "<7>", "debug: "},
};

static int log_fd = STDERR_FILENO;
static bool log_to_journal;
static atomic_uint log_level = LOG_LEVEL_INFO;

bool log_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &st) == 0 &&
	       st.st_dev == device && st.st_ino == inode;
}

void log_start(int fd, bool journal)
{
	log_fd = fd;
	log_to_journal = journal;
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&log_level, level, memory_order_relaxed);
}

bool log_level_from_name(const char *name, enum log_level *ret)
{
	for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++) {
		if (strcmp(name, levels[i].name) != 0)
			continue;
		*ret = (enum log_level)i;
		return true;
	}
	return false;
}

/* Of a character in UTF-8 (RFC 3629); 0: it is none. */
static size_t length_of_character(const unsigned char *at)
{
	size_t length = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
	if ((*at >= 0x80 && *at < 0xc2) || *at > 0xf4)
		return 0;
	if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
		(*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* C0, DEL, and C1 (C2h and 80h to 9Fh), which terminals obey too. */
static bool is_control_character(const unsigned char *at)
{
	return *at < ' ' || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0);
}

/* What is no UTF-8 either: some terminals take its bytes for C1. */
static void replace_control_characters(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at;) {
		size_t length = length_of_character(at);
		if (!length || is_control_character(at))
			memset(at, '?', length ? length : 1);
		at += length ? length : 1;
	}
}

void log_message(enum log_level level, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	if (level > atomic_load_explicit(&log_level, memory_order_relaxed))
		return;
	const char *prefix = log_to_journal ? levels[level].journal : levels[level].word;
	size_t length = strlen(strcpy(line, prefix));
	va_list args;
	va_start(args, format);
	vsnprintf(line + length, sizeof line - length - 1, format, args);
	va_end(args);
	replace_control_characters(line);
	length = strlen(line);
	line[length++] = '\n';
	/* There is nobody to tell that telling failed. */
	if (write(log_fd, line, length) < 0)
		return;
}

void log_failure(enum log_level level, const char *what, const struct error *error)
{
	log_message(level, "%s: %s. %s", what, error->sentence, error->remedy);
}
