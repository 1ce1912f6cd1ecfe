/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "human.h"

#define FIRST_S   0.3 /* what is over before needs no line */
#define BETWEEN_S 0.1
#define JSON_S    0.5
#define PLAIN_S   2.0
#define MEMORY_S  3.0 /* that the rate goes back: writes come in bursts */

enum {
	COLUMNS = 80,       /* of a terminal that does not say */
	PLAIN_COLUMNS = 48, /* too few for a bar */
	BAR_MIN = 12,
	BAR_MAX = 42,
	PART_MAX = 64,
};

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(struct progress *progress, const char *unit, enum progress_mode mode)
{
	double now = now_s();
	*progress = (struct progress){.mode = mode,
		.unit = unit,
		.terminal = mode == PROGRESS_AUTO && isatty(STDERR_FILENO),
		.started = now,
		.met = now};
}

/* A running mean at first; later what was long ago counts less and less. */
void progress_advance(struct progress *progress, uint64_t done, double now)
{
	double seconds = now - progress->met, all = now - progress->started;
	if (seconds <= 0 || done < progress->done)
		return;
	double weight = seconds / (all < MEMORY_S ? all : MEMORY_S);
	double rate = (double)(done - progress->done) / seconds;
	progress->rate += (rate - progress->rate) * (weight < 1 ? weight : 1);
	progress->done = done;
	progress->met = now;
}

/* ---- the line ---------------------------------------------------------------------------------
 */

static void describe_amount(const struct progress *progress, uint64_t total, char ret[PART_MAX])
{
	char done[24], all[24];
	if (progress->unit)
		snprintf(ret, PART_MAX, "%" PRIu64 " of %" PRIu64 " %s", progress->done, total,
			progress->unit);
	else
		snprintf(ret, PART_MAX, "%s of %s",
			human_size((long long)progress->done, done, sizeof done),
			human_size((long long)total, all, sizeof all));
}

static void describe_rate(const struct progress *progress, char ret[PART_MAX])
{
	char text[24];
	if (progress->unit)
		snprintf(ret, PART_MAX, "%.0f/s", progress->rate);
	else
		snprintf(ret, PART_MAX, "%s/s",
			human_size((long long)progress->rate, text, sizeof text));
}

static void describe_rest(const struct progress *progress, uint64_t left, char ret[PART_MAX])
{
	char text[48];
	double seconds = (double)left / progress->rate;
	ret[0] = '\0';
	if (seconds < 100 * 86400.0)
		snprintf(ret, PART_MAX, "%s left",
			human_duration((long long)seconds + 1, text, sizeof text));
}

static bool append(char *line, unsigned columns, const char *part)
{
	size_t length = strlen(line), wanted = strlen(part) + (length ? 2 : 0);
	if (!*part || length + wanted >= columns || length + wanted >= PROGRESS_LINE_MAX)
		return false;
	snprintf(line + length, PROGRESS_LINE_MAX - length, "%s%s", length ? "  " : "", part);
	return true;
}

/* "[=====>    ]" of so many columns, put behind the percentage. */
static void insert_bar(char *line, size_t at, size_t width, double part)
{
	size_t inside = width - 2, full = (size_t)(part * (double)inside);
	memmove(line + at + 2 + width, line + at, strlen(line + at) + 1);
	memset(line + at, ' ', 2 + width);
	line[at + 2] = '[';
	memset(line + at + 3, '=', full);
	if (full < inside)
		line[at + 3 + full] = '>';
	line[at + 1 + width] = ']';
}

const char *progress_line(const struct progress *progress, uint64_t total, unsigned columns,
	char ret[PROGRESS_LINE_MAX])
{
	char part[PART_MAX];
	ret[0] = '\0';
	if (progress->done > total || total == 0)
		return ret;
	double portion = (double)progress->done / (double)total;
	snprintf(part, sizeof part, "%3u %%", (unsigned)(portion * 100));
	append(ret, columns, part);
	size_t bar_at = strlen(ret);
	describe_amount(progress, total, part);
	append(ret, columns, part);
	if (progress->rate > 0) {
		describe_rate(progress, part);
		append(ret, columns, part);
		describe_rest(progress, total - progress->done, part);
		append(ret, columns, part);
	}
	size_t length = strlen(ret), width = columns > length + 3 ? columns - length - 3 : 0;
	width = width < BAR_MAX ? width : BAR_MAX;
	if (width >= BAR_MIN && length + 3 + width < PROGRESS_LINE_MAX)
		insert_bar(ret, bar_at, width, portion);
	return ret;
}

/* ---- on the terminal --------------------------------------------------------------------------
 */

/* Asked anew every time: windows change. */
static unsigned columns_of_terminal(void)
{
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : COLUMNS;
}

static void print_plain(const struct progress *progress, uint64_t total)
{
	char line[PROGRESS_LINE_MAX];
	progress_line(progress, total, PLAIN_COLUMNS, line);
	if (*line)
		fprintf(stderr, "%s\n", line + strspn(line, " "));
}

static void print_object(const struct progress *progress, uint64_t total)
{
	fprintf(stderr,
		"{\"done\":%" PRIu64 ",\"total\":%" PRIu64 ",\"unit\":\"%s\",\"rate\":%.0f}\n",
		progress->done, total, progress->unit ? progress->unit : "bytes", progress->rate);
}

static void draw(struct progress *progress, uint64_t total)
{
	char line[PROGRESS_LINE_MAX];
	progress_line(progress, total, columns_of_terminal(), line);
	fprintf(stderr, "\r%s\033[K", line);
	progress->drawn = true;
}

static double pause_of(const struct progress *progress)
{
	return progress->mode == PROGRESS_PLAIN  ? PLAIN_S
	       : progress->mode == PROGRESS_JSON ? JSON_S
						 : BETWEEN_S;
}

void progress_update(struct progress *progress, uint64_t done, uint64_t total)
{
	bool written = progress->mode == PROGRESS_PLAIN || progress->mode == PROGRESS_JSON;
	if (!progress->terminal && !written)
		return;
	double now = now_s();
	if (now - progress->started < FIRST_S || now - progress->met < pause_of(progress))
		return;
	progress_advance(progress, done, now);
	if (progress->mode == PROGRESS_PLAIN)
		print_plain(progress, total);
	else if (progress->mode == PROGRESS_JSON)
		print_object(progress, total);
	else
		draw(progress, total);
}

void progress_erase(struct progress *progress)
{
	if (progress->drawn)
		fputs("\r\033[K", stderr);
	progress->drawn = false;
}
