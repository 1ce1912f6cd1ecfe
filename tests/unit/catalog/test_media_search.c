/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "fixture.h"

/* Searches in many media: what they find, the way they go, and what ends them. */

enum { MANY = 20000, ODD = 17 };

static bool nothing(void *context, struct error *error)
{
	return true;
}

/* disc-00000 to disc-19999; every 17th is called ODD, and all have the tag "all". */
static void add_many(struct fixture *f)
{
	char sql[1024];
	snprintf(sql, sizeof sql,
		"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %u) "
		"INSERT INTO media (id, path, kind, format, file_system, volume_id, size, profile, "
		"profile_override, device, inode, file_size, mtime_sec, mtime_nsec, fault, added) "
		"SELECT printf('disc-%%05d', i), printf('/srv/%%05d/image.iso', i), 'disc', 'iso', "
		"'iso9660', iif(i %% %u, 'EVEN', 'ODDITY'), 1, 16, 0, 1, i, 1, 0, 0, '', 0 FROM n;"
		"INSERT INTO media_tags SELECT id, 'all' FROM media;",
		MANY - 1, ODD);
	fixture_sql(f, sql);
	assert_true(catalog_batch(f->catalog, nothing, NULL, &f->error));
}

struct found {
	unsigned count;
	char first[CATALOG_ID_MAX], last[CATALOG_ID_MAX];
};

static bool note(void *context, const struct catalog_medium *medium)
{
	struct found *found = context;
	assert_true(strcmp(medium->id, found->last) > 0);
	if (!found->count++)
		snprintf(found->first, sizeof found->first, "%s", medium->id);
	snprintf(found->last, sizeof found->last, "%s", medium->id);
	return true;
}

static struct found look(struct fixture *f, const char *after, unsigned limit,
	const struct catalog_media_filter *filter)
{
	struct found found = {0};
	assert_true(catalog_media_list(f->catalog, after, limit, filter, note, &found, &f->error));
	return found;
}

static unsigned look_for(struct fixture *f, const char *match)
{
	const struct catalog_media_filter filter = {.match = match};
	return look(f, "", MANY, &filter).count;
}

static struct catalog_media_count count(
	struct fixture *f, const struct catalog_media_filter *filter)
{
	struct catalog_media_count n;
	assert_true(catalog_media_count(f->catalog, filter, &n, &f->error));
	return n;
}

static void words_of_many_and_of_few_are_found_alike(void **state)
{
	struct fixture *f = *state;
	add_many(f);
	assert_int_equal(look_for(f, "image"), MANY);
	assert_int_equal(look_for(f, "IMAGE.Iso"), MANY);
	assert_int_equal(look_for(f, "oddity"), MANY / ODD + 1);
	assert_int_equal(look_for(f, "odd o"), MANY / ODD + 1);
	assert_int_equal(look_for(f, "0017 iso"), 12);
	assert_int_equal(look_for(f, "odd 0017"), 2);
	assert_int_equal(look_for(f, "~"), 0);
	assert_int_equal(look_for(f, "image nowhere"), 0);
}

static void pages_of_a_broad_search_follow_each_other(void **state)
{
	struct fixture *f = *state;
	const struct catalog_media_filter filter = {.match = "oddity"};
	unsigned total = 0;
	struct found page = {0};
	add_many(f);
	do {
		page = look(f, page.last, 100, &filter);
		total += page.count;
	} while (page.count);
	assert_int_equal(total, MANY / ODD + 1);
}

static void a_page_of_a_broad_search_walks(void **state)
{
	struct fixture *f = *state;
	const struct catalog_media_filter broad = {.match = "image"}, tag = {.tag = "all"},
					  rare = {.match = "00170"};
	add_many(f);
	assert_int_equal(look(f, "disc-10000", 5, &broad).count, 5);
	assert_true(a_plan_has(f, "sqlite_autoindex_media_1 (id>?)"));
	assert_int_equal(look(f, "disc-10000", 5, &tag).count, 5);
	assert_true(a_plan_has(f, "media_tags_by_tag (tag=? AND medium>?)"));
	assert_false(a_plan_has(f, "LIST SUBQUERY"));
	assert_int_equal(look(f, "", 5, &rare).count, 1);
	assert_true(a_plan_has(f, "LIST SUBQUERY"));
}

static void more_than_a_thousand_are_not_counted(void **state)
{
	struct fixture *f = *state;
	const struct catalog_media_filter broad = {.match = "image"}, tag = {.tag = "all"},
					  one = {.match = "disc-00170"}, disc = {.kind = "disc"},
					  none = {.kind = "tape", .state = "ok"};
	add_many(f);
	assert_int_equal(count(f, &broad).at_least, 1001);
	assert_false(count(f, &broad).exact);
	assert_false(count(f, &tag).exact);
	assert_true(count(f, &one).exact);
	assert_int_equal(count(f, &one).at_least, 1);
	assert_true(count(f, &disc).exact);
	assert_int_equal(count(f, &disc).at_least, MANY);
	assert_int_equal(count(f, NULL).at_least, MANY);
	assert_true(count(f, &none).exact);
	assert_int_equal(count(f, &none).at_least, 0);
}

static void filters_are_combined_whichever_way_is_gone(void **state)
{
	struct fixture *f = *state;
	struct catalog_media_filter filter = {.tag = "all", .match = "oddity", .kind = "disc"};
	add_many(f);
	assert_int_equal(look(f, "", MANY, &filter).count, MANY / ODD + 1);
	filter.match = "00170";
	assert_int_equal(look(f, "", MANY, &filter).count, 1);
	filter.tag = "none";
	assert_int_equal(look(f, "", MANY, &filter).count, 0);
	filter = (struct catalog_media_filter){.tag = "all", .kind = "tape"};
	assert_int_equal(look(f, "", MANY, &filter).count, 0);
	fixture_sql(f, "UPDATE media SET sha256 = 'aa' WHERE id < 'disc-00005'");
	filter = (struct catalog_media_filter){.tag = "all", .sha256 = "aa"};
	assert_int_equal(look(f, "", MANY, &filter).count, 5);
}

static void what_is_in_order_is_found_by_its_state(void **state)
{
	struct fixture *f = *state;
	struct catalog_media_filter ok = {.state = "ok"}, missing = {.state = "missing"};
	add_medium(f, "a", "/srv/a.iso");
	add_medium(f, "b", "/srv/b.iso");
	fixture_sql(f, "UPDATE media SET state = 'missing' WHERE id = 'b'");
	assert_string_equal(look(f, "", 9, &ok).last, "a");
	assert_string_equal(look(f, "", 9, &missing).first, "b");
	assert_int_equal(count(f, &ok).at_least, 1);
}

/* More than the index is asked for: the rest is read. */
static void every_one_of_very_many_words_counts(void **state)
{
	struct fixture *f = *state;
	char path[300] = "/srv/", words[300] = "";
	for (unsigned i = 0; i < 30; i++) {
		char word[16];
		snprintf(word, sizeof word, "w%03uxyz", i);
		strcat(path, word);
		strcat(strcat(words, word), " ");
	}
	add_medium(f, "one", path);
	add_medium(f, "other", "/srv/w000xyzw001xyzw002xyzw003xyzw004xyzw005xyzw006xyz");
	assert_int_equal(look_for(f, words), 1);
	assert_int_equal(look_for(f, strcat(words, "w030xyz")), 0);
	assert_int_equal(look_for(f, path), 1);
	assert_int_equal(look_for(f, strcat(path, "x")), 0);
}

/* The beginning of a long word is read where its end is looked up. */
static void a_long_word_is_compared_as_a_whole(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/one/the-same-end-of-a-name-that-is-long-enough.iso");
	add_medium(f, "b", "/srv/two/the-same-end-of-a-name-that-is-long-enough.iso");
	assert_int_equal(look_for(f, "the-same-end-of-a-name-that-is-long-enough.iso"), 2);
	assert_int_equal(look_for(f, "ONE/the-same-end-of-a-name-that-is-long-enough.iso"), 1);
}

static void letters_beyond_ascii_are_found_in_any_case(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/Ünïcödé.iso");
	assert_int_equal(look_for(f, "üNÏCÖ"), 1);
	assert_int_equal(look_for(f, "ünïcöde"), 0);
	assert_int_equal(look_for(f, "ü\"nï"), 0);
	assert_int_equal(look_for(f, "nïc é"), 1);
	assert_int_equal(look_for(f, "NÏC É"), 1);
	assert_int_equal(look_for(f, "É"), 1);
	assert_int_equal(look_for(f, "dÉ"), 1);
	assert_int_equal(look_for(f, "Ö so"), 1);
	assert_int_equal(look_for(f, "è"), 0);
}

/* Only the end of such a word is looked up. */
static void the_beginning_of_a_long_word_is_read_in_any_case(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/Über-the-same-end-of-a-name-that-is-long-enough.iso");
	assert_int_equal(look_for(f, "üBER-the-same-end-of-a-name-that-is-long-enough.iso"), 1);
	assert_int_equal(look_for(f, "ÖBER-the-same-end-of-a-name-that-is-long-enough.iso"), 0);
}

static bool a_few_times(void *context)
{
	unsigned *left = context;
	return *left && --*left;
}

static void a_search_is_ended_by_who_asked_for_it(void **state)
{
	struct fixture *f = *state;
	const struct catalog_media_filter filter = {.match = "~~"};
	struct catalog_media_count n;
	struct found found = {0};
	unsigned left = 3;
	add_many(f);
	catalog_ask(f->catalog, a_few_times, &left);
	assert_false(catalog_media_list(f->catalog, "", 10, &filter, note, &found, &f->error));
	assert_int_equal(f->error.code, ERROR_CANCELLED);
	assert_int_equal(left, 0);
	assert_false(catalog_media_count(f->catalog, &filter, &n, &f->error));
	catalog_ask(f->catalog, NULL, NULL);
	assert_int_equal(look_for(f, "oddity"), MANY / ODD + 1);
}

static void look_and_count(struct fixture *f, const struct catalog_media_filter *filter)
{
	look(f, "", 5, filter);
	count(f, filter);
}

/* More statements than are kept: whoever asks in every way does not use them up. */
static void every_combination_of_filters_can_be_asked_for(void **state)
{
	static const char *const matches[] = {NULL, "image", "sr", "image sr"}, *const states[] = {
											NULL, "ok",
											"missing"};
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.image");
	for (unsigned set = 0; set < 32; set++)
		for (unsigned i = 0; i < 12; i++) {
			const struct catalog_media_filter filter = {.kind = set & 1 ? "disc" : NULL,
				.tag = set & 2 ? "all" : NULL,
				.sha256 = set & 4 ? "aa" : NULL,
				.duplicates = set & 8,
				.annotated = set & 16,
				.match = matches[i % 4],
				.state = states[i / 4]};
			look_and_count(f, &filter);
		}
	assert_int_equal(look_for(f, "image"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_of_many_and_of_few_are_found_alike),
		TEST(pages_of_a_broad_search_follow_each_other),
		TEST(a_page_of_a_broad_search_walks),
		TEST(more_than_a_thousand_are_not_counted),
		TEST(filters_are_combined_whichever_way_is_gone),
		TEST(what_is_in_order_is_found_by_its_state),
		TEST(every_one_of_very_many_words_counts),
		TEST(a_long_word_is_compared_as_a_whole),
		TEST(letters_beyond_ascii_are_found_in_any_case),
		TEST(the_beginning_of_a_long_word_is_read_in_any_case),
		TEST(a_search_is_ended_by_who_asked_for_it),
		TEST(every_combination_of_filters_can_be_asked_for),
	};
	return cmocka_run_group_tests_name("catalog/media_search", tests, NULL, NULL);
}
