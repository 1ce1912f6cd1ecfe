/* SPDX-License-Identifier: Apache-2.0 */
#include "complete.h"

#include <stdio.h>
#include <string.h>

#include "complete_values.h"
#include "options.h"

enum { PATIENCE_MS = 300, WORD_MAX = 64 };

/* The words before the one that is typed, understood. */
struct typed {
	const struct command *command; /* NULL: not settled yet */
	const char *noun;              /* NULL: not typed yet */
	int arguments;                 /* behind the words of the command */
	char option[WORD_MAX];         /* that the next word is the value of; "" */
	bool only_arguments;           /* behind "--" */
};

/* ---- what was typed --------------------------------------------------------------------------
 */

/* What a synopsis is made of: separated by spaces, behind *at. False at the end. */
static bool next_word(const char **at, char ret[WORD_MAX])
{
	*at += strspn(*at, " \n");
	size_t length = strcspn(*at, " \n");
	snprintf(ret, WORD_MAX, "%.*s", (int)length, *at);
	*at += length;
	return length;
}

static bool has_verbs(const char *noun)
{
	for (const struct command *command = commands; command->noun; command++)
		if (!strcmp(command->noun, noun) && command->verb)
			return true;
	return false;
}

static void take_word(struct typed *typed, const char *word)
{
	if (typed->command) {
		typed->arguments++;
	} else if (!typed->noun) {
		typed->noun = word;
		typed->command = has_verbs(word) ? NULL : command_find(word, NULL);
	} else {
		typed->command = command_find(typed->noun, word);
	}
}

static void take_value(struct cli *cli, const char *option, const char *value)
{
	if (!strcmp(option, "--socket"))
		cli->socket = value;
	if (!strcmp(option, "--url"))
		cli->url = value;
}

static void take_typed_option(struct cli *cli, struct typed *typed, const char *word)
{
	char option[WORD_MAX];
	snprintf(option, sizeof option, "%.*s", (int)strcspn(word, "="), word);
	const char *value = strchr(word, '=');
	if (value)
		take_value(cli, option, value + 1);
	else if (option_takes_value(option))
		memcpy(typed->option, option, sizeof option);
}

static void take_words(struct cli *cli, struct typed *typed, int count, char *const *words)
{
	for (int i = 0; i < count; i++) {
		if (*typed->option) {
			take_value(cli, typed->option, words[i]);
			*typed->option = '\0';
		} else if (typed->only_arguments || words[i][0] != '-') {
			take_word(typed, words[i]);
		} else if (!strcmp(words[i], "--")) {
			typed->only_arguments = true;
		} else {
			take_typed_option(cli, typed, words[i]);
		}
	}
}

/* ---- what may come ---------------------------------------------------------------------------
 */

static const struct command *first_of(const char *noun)
{
	const struct command *command = commands;
	while (strcmp(command->noun, noun) != 0)
		command++;
	return command;
}

/* Some nouns have verbs in several places of the table. */
static bool is_first(const struct command *command)
{
	return first_of(command->noun) == command;
}

static void offer_nouns(const struct completion *completion)
{
	for (const struct command *command = commands; command->noun; command++)
		if (is_first(command))
			offer(completion, command->noun, command->verb ? "" : command->summary);
}

static void offer_verbs(const struct completion *completion, const char *noun)
{
	for (const struct command *command = commands; command->noun; command++)
		if (!strcmp(command->noun, noun) && command->verb)
			offer(completion, command->verb, command->summary);
}

/* The word behind "--name" in what is said of options; false when it has none. */
static bool find_value(const char *text, const char *option, char ret[WORD_MAX])
{
	size_t length = strlen(option);
	for (const char *at = text; (at = strstr(at, option)); at += length) {
		const char *behind = at + length;
		bool starts = at == text || !strchr("abcdefghijklmnopqrstuvwxyz-", at[-1]);
		if (starts && *behind == ' ' && next_word(&behind, ret))
			return true;
	}
	return false;
}

static void offer_option_values(const struct completion *completion, const struct typed *typed)
{
	const struct command *command = typed->command;
	char word[WORD_MAX];
	if ((command && (find_value(command->synopsis, typed->option, word) ||
				find_value(command->details, typed->option, word))) ||
		find_value(options_help, typed->option, word) ||
		find_value("--output FORMAT", typed->option, word))
		offer_values(completion, word);
}

/* Options and their values are no arguments. */
static bool next_argument(const char **at, char ret[WORD_MAX])
{
	while (next_word(at, ret)) {
		const char *word = ret + strspn(ret, "[");
		char value[WORD_MAX], option[WORD_MAX];
		if (*word != '-' && strcmp(word, "OPTION...]") != 0)
			return true;
		snprintf(option, sizeof option, "%.*s", (int)strcspn(word, "]"), word);
		if (option_takes_value(option))
			next_word(at, value);
	}
	return false;
}

/* The word of the synopsis for the argument that is typed; the last one may be repeated. */
static void offer_arguments(const struct completion *completion, const struct typed *typed)
{
	const char *at = typed->command->synopsis;
	char word[WORD_MAX], last[WORD_MAX] = "";
	int i = 0;
	for (; i <= typed->arguments && next_argument(&at, word); i++)
		memcpy(last, word, sizeof last);
	if (i > typed->arguments || strstr(last, "..."))
		offer_values(completion, last);
}

static void offer_options(const struct completion *completion, const struct command *command)
{
	char option[WORD_MAX];
	const char *name;
	bool common;
	uint64_t flag;
	for (unsigned i = 0; option_row(i, &name, &flag, &common); i++) {
		snprintf(option, sizeof option, "--%s", name);
		if (common || (command && command->options & flag))
			offer(completion, option, "");
	}
}

static void offer_next(const struct completion *completion, const struct typed *typed)
{
	if (*typed->option)
		offer_option_values(completion, typed);
	else if (completion->typed[0] == '-' && !typed->only_arguments)
		offer_options(completion, typed->command);
	else if (!typed->noun)
		offer_nouns(completion);
	else if (typed->command)
		offer_arguments(completion, typed);
	else
		offer_verbs(completion, typed->noun);
}

void complete(struct cli *cli, int count, char *const *words)
{
	struct typed typed = {0};
	char before[WORD_MAX] = "";
	if (!count)
		return;
	struct completion completion = {.cli = cli, .before = before, .typed = words[count - 1]};
	if (!cli->timeout_given)
		cli->timeout_ms = PATIENCE_MS; /* whatever the line says */
	take_words(cli, &typed, count - 1, words);
	const char *value = strchr(completion.typed, '=');
	if (!*typed.option && !strncmp(completion.typed, "--", 2) && value &&
		value - completion.typed < WORD_MAX - 1) {
		snprintf(typed.option, sizeof typed.option, "%.*s", (int)(value - completion.typed),
			completion.typed);
		snprintf(before, sizeof before, "%s=", typed.option);
		completion.typed = value + 1;
	}
	completion.dashes = typed.only_arguments || *typed.option;
	offer_next(&completion, &typed);
}
