/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for of a list of media, checked, and the way that is cheapest to find it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct catalog;
struct catalog_media_filter;
struct error;
struct query;

enum { MEDIA_FILTERS = 9 };

/*
 * A search whose words are in few media goes by the index of words: those media are found, and put
 * in order. Any other walks along the media in the order of ids, or of those with a tag, and stops
 * when it has enough: an index says of words that many have them only after it has read them all.
 */
struct media_search {
	unsigned set;                      /* of filters: which statement it is */
	const char *values[MEDIA_FILTERS]; /* NULL: nothing to bind */
	char *expression;                  /* for the index; owned */
};

/* INVALID: there is no such kind or state. What the filter points at must stay. */
bool media_search_init(struct media_search *search, struct catalog *catalog,
	const struct catalog_media_filter *filter, struct error *error);
void media_search_finish(struct media_search *search);

/* Media behind an id, at most so many, in that order: bound but not run. */
void media_search_page(struct media_search *search, struct query *q, struct catalog *catalog,
	const char *after, unsigned limit);
/* One number: how many there are, or `most` when there are more than that. */
void media_search_count(
	struct media_search *search, struct query *q, struct catalog *catalog, unsigned most);
