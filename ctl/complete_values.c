/* SPDX-License-Identifier: Apache-2.0 */
#include "complete_values.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "human.h"
#include "util/cleanup.h"

enum { WORD_MAX = 64, SEARCHED_MIN = 3 };

void offer(const struct completion *completion, const char *candidate, const char *what)
{
	if (strncmp(candidate, completion->typed, strlen(completion->typed)) != 0 || !*candidate)
		return;
	_cleanup_free_ char *clean = human_printable(candidate);
	_cleanup_free_ char *clean_what = human_printable(what);
	if (clean && clean_what && !strcmp(clean, candidate))
		printf("%s%s%s%s\n", completion->before, clean, *clean_what ? "\t" : "",
			clean_what);
}

/* ---- what the daemon knows -------------------------------------------------------------------
 */

/* Names are never taken for options. */
static void offer_name(const struct completion *completion, const char *name, const char *what)
{
	if (*name != '-' || completion->dashes || *completion->before)
		offer(completion, name, what);
}

/* No answer, no candidates. */
static json_t *ask(const struct completion *completion, const char *path)
{
	struct failure failure;
	json_t *answer = NULL;
	return client_try(completion->cli, "GET", path, NULL, &answer, &failure) ? NULL : answer;
}

static void offer_items(const struct completion *completion, const char *path, const char *name,
	const char *what, const char *other)
{
	size_t i;
	json_t *item, *answer = ask(completion, path);
	json_array_foreach(json_object_get(answer, "items"), i, item)
	{
		char number[24];
		snprintf(number, sizeof number, "%lld", number_of(item, name));
		bool counted = json_is_integer(json_object_get(item, name));
		offer_name(completion, counted ? number : text_of(item, name), text_of(item, what));
		if (*completion->typed && other)
			offer_name(completion, text_of(item, other), text_of(item, what));
	}
	json_decref(answer);
}

/* Of many media those that have what was typed somewhere. */
static void offer_media(const struct completion *completion, const char *kind)
{
	char path[CLIENT_PATH_MAX] = "/api/v1/media?limit=1000";
	if (*kind)
		client_query(path, "kind", kind);
	if (strlen(completion->typed) >= SEARCHED_MIN && strlen(completion->typed) < WORD_MAX)
		client_query(path, "match", completion->typed);
	offer_items(completion, path, "id", "volume_id", "barcode");
}

static void offer_any_media(const struct completion *completion, const char *argument)
{
	offer_media(completion, "");
}

static void offer_tapes(const struct completion *completion, const char *argument)
{
	offer_media(completion, "tape");
}

static void offer_drives(const struct completion *completion, const char *argument)
{
	offer_items(completion, "/api/v1/drives?limit=1000", "name", "state", NULL);
}

static void offer_exports(const struct completion *completion, const char *argument)
{
	offer_items(completion, "/api/v1/exports?limit=1000", "name", "target", NULL);
}

static void offer_jobs(const struct completion *completion, const char *argument)
{
	offer_items(completion, "/api/v1/jobs?limit=100", "id", "kind", NULL);
}

static void offer_tags(const struct completion *completion, const char *argument)
{
	offer_items(completion, "/api/v1/tags?limit=1000", "tag", "", NULL);
}

static void offer_tokens(const struct completion *completion, const char *argument)
{
	offer_items(completion, "/api/v1/tokens?limit=1000", "name", "scope", NULL);
}

/* ---- what is known here ----------------------------------------------------------------------
 */

/* Separated by spaces. */
static void offer_words(const struct completion *completion, const char *words)
{
	char word[WORD_MAX];
	for (; *words; words += strspn(words, " ")) {
		size_t length = strcspn(words, " ");
		snprintf(word, sizeof word, "%.*s", (int)length, words);
		offer(completion, word, "");
		words += length;
	}
}

static void offer_line(const struct completion *completion, const char *line)
{
	puts(line);
}

static const struct {
	const char *word; /* as it stands in a synopsis */
	void (*offer)(const struct completion *completion, const char *argument);
	const char *argument;
} values[] = {
	{"MEDIUM", offer_any_media},
	{"TAPE", offer_tapes},
	{"DRIVE", offer_drives},
	{"EXPORT", offer_exports},
	{"JOB", offer_jobs},
	{"TAG", offer_tags},
	{"TOKEN", offer_tokens},
	{"FILE", offer_line, ":files"},
	{"CARTRIDGE", offer_line, ":files"},
	{"PATH", offer_line, ":files"},
	{"DIRECTORY", offer_line, ":directories"},
	{"DIR", offer_line, ":directories"},
	{"KIND", offer_words, "cd-rom dvd-rom bd-rom lto-8"},
	{"DISC", offer_words, "auto cd-rom dvd-rom bd-rom"},
	{"STATE", offer_words, "ok missing changed"},
	{"TYPE", offer_words, "LTO-8"},
	{"SCOPE", offer_words, "read load admin"},
	{"FORMAT", offer_words, "table wide json jsonl name"},
	{"HOW", offer_words, "auto plain json none"},
};

/* Words in small letters stand for themselves. */
static void offer_alternative(const struct completion *completion, const char *word)
{
	if (islower((unsigned char)*word))
		offer(completion, word, "");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (!strcmp(values[i].word, word))
			values[i].offer(completion, values[i].argument);
}

/* "0:dv" of "[LUN:]DRIVE": the number is typed already. */
static struct completion behind_number(
	const struct completion *completion, char before[static WORD_MAX])
{
	struct completion rest = *completion;
	size_t digits = strspn(completion->typed, "0123456789");
	if (digits && completion->typed[digits] == ':') {
		snprintf(before, WORD_MAX, "%s%.*s", completion->before, (int)digits + 1,
			completion->typed);
		rest.before = before;
		rest.typed += digits + 1;
	}
	return rest;
}

void offer_values(const struct completion *completion, const char *word)
{
	char copy[WORD_MAX], before[WORD_MAX], *rest;
	struct completion here = *completion;
	if (strstr(word, "LUN:]")) {
		here = behind_number(completion, before);
		word = strstr(word, "LUN:]") + strlen("LUN:]");
	}
	word += strspn(word, "[");
	snprintf(copy, sizeof copy, "%.*s", (int)strcspn(word, "]."), word);
	for (char *one = strtok_r(copy, "|", &rest); one; one = strtok_r(NULL, "|", &rest))
		offer_alternative(&here, one);
}
