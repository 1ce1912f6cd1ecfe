/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor_findings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "human.h"
#include "util/cleanup.h"

static const char *const level_names[] = {"fine", "unseen", "note", "warning", "problem"};
/* Of a terminal: red and yellow are kept for what should be done something about. */
static const char *const level_colours[] = {"", "", "", "\033[1;33m", "\033[1;31m"};

void findings_finish(struct findings *findings)
{
	free(findings->items);
	*findings = (struct findings){.as_root = findings->as_root};
}

/* ---- finding ------------------------------------------------------------------------------------
 */

static struct finding *next(struct findings *findings)
{
	if (findings->count == findings->capacity) {
		size_t capacity = findings->capacity ? 2 * findings->capacity : 16;
		struct finding *items =
			reallocarray(findings->items, capacity, sizeof *findings->items);
		if (!items)
			return NULL;
		findings->items = items;
		findings->capacity = capacity;
	}
	return &findings->items[findings->count++];
}

void found(struct findings *findings, enum doctor_level level, const char *subject,
	const char *remedy, const char *format, ...)
{
	struct finding *finding = next(findings);
	if (!finding)
		return;
	va_list arguments;
	va_start(arguments, format);
	finding->level = level;
	snprintf(finding->subject, sizeof finding->subject, "%s", subject);
	vsnprintf(finding->what, sizeof finding->what, format, arguments);
	snprintf(finding->remedy, sizeof finding->remedy, "%s", remedy ? remedy : "");
	finding->command[0] = '\0';
	va_end(arguments);
}

void mend(struct findings *findings, const char *format, ...)
{
	if (findings->count == 0)
		return;
	struct finding *finding = &findings->items[findings->count - 1];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(finding->command, sizeof finding->command, format, arguments);
	va_end(arguments);
}

void not_looked_at(struct findings *findings, const char *subject, const char *what)
{
	found(findings, DOCTOR_UNSEEN, subject, NULL, "not looked at: %s", what);
	mend(findings, "%s", findings->as_root ? findings->as_root : "sudo carousel doctor");
}

static size_t count_of(const struct findings *findings, enum doctor_level level)
{
	size_t count = 0;
	for (size_t i = 0; i < findings->count; i++)
		count += findings->items[i].level == level;
	return count;
}

enum doctor_level findings_worst(const struct findings *findings)
{
	enum doctor_level worst = DOCTOR_FINE;
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].level > worst)
			worst = findings->items[i].level;
	return worst;
}

enum exit_code findings_exit_code(const struct findings *findings)
{
	static const enum exit_code codes[] = {
		[DOCTOR_WARNING] = EXIT_WARNINGS, [DOCTOR_PROBLEM] = EXIT_FAILED};
	return codes[findings_worst(findings)];
}

/* ---- telling ------------------------------------------------------------------------------------
 */

enum { INDENT = 9 };

static size_t word_width(const char *word, size_t length)
{
	size_t width = 0;
	for (size_t i = 0; i < length; i++)
		width += (word[i] & 0xc0) != 0x80; /* not the rest of a character of UTF-8 */
	return width;
}

/* What does not fit goes on in the next line, indented. */
static void print_broken(const char *text, size_t width, FILE *file)
{
	size_t column = INDENT;
	for (bool first = true; *text; first = false) {
		size_t length = strcspn(text, " "), columns = word_width(text, length);
		bool fits = width == 0 || column + !first + columns <= width;
		if (!first && fits)
			fputc(' ', file);
		else if (!first)
			fprintf(file, "\n%*s", INDENT, "");
		fwrite(text, 1, length, file);
		column = (fits || first ? column + !first : INDENT) + columns;
		text += length + (text[length] == ' ');
	}
	fputc('\n', file);
}

static void print_begin(enum doctor_level level, bool colour, FILE *file)
{
	const char *begin = colour ? level_colours[level] : "";
	fprintf(file, "%s%-7s%s  ", begin, level_names[level], *begin ? "\033[0m" : "");
}

static void print_sentence(const char *subject, const char *what, size_t width, FILE *file)
{
	_cleanup_free_ char *both = NULL;
	if (asprintf(&both, "%s: %s", subject, what) < 0)
		both = NULL;
	print_broken(both ? both : "", width, file);
}

static void print(const struct finding *finding, const struct findings_style *style, FILE *file)
{
	_cleanup_free_ char *subject = human_printable(finding->subject);
	_cleanup_free_ char *what = human_printable(finding->what);
	_cleanup_free_ char *remedy = human_printable(finding->remedy);
	_cleanup_free_ char *command = human_printable(finding->command);
	if (!subject || !what || !remedy || !command)
		return;
	print_begin(finding->level, style->colour, file);
	print_sentence(subject, what, style->width, file);
	if (*remedy) {
		fprintf(file, "%*s", INDENT, "");
		print_broken(remedy, style->width, file);
	}
	if (*command)
		fprintf(file, "%*s$ %s\n", INDENT, "", command);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_sum(const struct findings *findings, FILE *file)
{
	size_t problems = count_of(findings, DOCTOR_PROBLEM);
	size_t warnings = count_of(findings, DOCTOR_WARNING);
	if (problems && warnings)
		fprintf(file, "%zu problem%s and %zu warning%s.\n", problems, plural(problems),
			warnings, plural(warnings));
	else if (problems || warnings)
		fprintf(file, "%zu %s%s.\n", problems + warnings, problems ? "problem" : "warning",
			plural(problems + warnings));
	else
		fprintf(file, "Nothing is wrong%s.\n",
			count_of(findings, DOCTOR_UNSEEN) ? " with what was looked at" : "");
}

void findings_print(const struct findings *findings, const struct findings_style *style, FILE *file)
{
	static const enum doctor_level order[] = {
		DOCTOR_PROBLEM, DOCTOR_WARNING, DOCTOR_NOTE, DOCTOR_UNSEEN, DOCTOR_FINE};
	for (size_t level = 0; level < sizeof order / sizeof *order - !style->all; level++)
		for (size_t i = 0; i < findings->count; i++)
			if (findings->items[i].level == order[level])
				print(&findings->items[i], style, file);
	print_sum(findings, file);
}

static json_t *shape(const struct finding *finding)
{
	return json_pack("{s:s, s:s%, s:s%, s:s%, s:s%}", "level", level_names[finding->level],
		"subject", finding->subject, strlen(finding->subject), "what", finding->what,
		strlen(finding->what), "remedy", finding->remedy, strlen(finding->remedy),
		"command", finding->command, strlen(finding->command));
}

json_t *findings_shape(const struct findings *findings)
{
	json_t *items = json_array();
	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(items, shape(&findings->items[i]));
	return json_pack(
		"{s:s, s:o}", "worst", level_names[findings_worst(findings)], "items", items);
}
