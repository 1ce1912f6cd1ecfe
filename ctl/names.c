/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <stdio.h>
#include <string.h>

enum { LISTED_MAX = 5, LIST_MAX = 512 };

struct matches {
	const char *exact, *first;
	size_t count;
	char list[LIST_MAX]; /* "dvd0, dvd1": the first of them */
};

static void add_match(struct matches *matches, const char *name)
{
	size_t length = strlen(matches->list);
	if (!matches->count++)
		matches->first = name;
	if (matches->count <= LISTED_MAX)
		snprintf(matches->list + length, LIST_MAX - length, "%s%.64s", length ? ", " : "",
			name);
}

static void find_matches(const json_t *items, const char *word, struct matches *ret)
{
	size_t i;
	json_t *item;
	*ret = (struct matches){0};
	json_array_foreach(items, i, item)
	{
		const char *name = text_of(item, "name");
		if (!strcmp(name, word))
			ret->exact = name;
		else if (*word && !strncmp(name, word, strlen(word)))
			add_match(ret, name);
	}
}

enum exit_code name_resolve(
	const json_t *items, const char *what, const char *word, char *ret, size_t size)
{
	struct matches matches;
	find_matches(items, word, &matches);
	if (!matches.exact && matches.count > 1)
		return complain(EXIT_NOT_FOUND, "Give more of the name.",
			"several %s begin with \"%s\": %s%s", what, word, matches.list,
			matches.count > LISTED_MAX ? ", …" : "");
	bool found = !matches.exact && matches.count == 1 && strlen(matches.first) < size;
	snprintf(ret, size, "%s", found ? matches.first : word);
	return EXIT_OK;
}
