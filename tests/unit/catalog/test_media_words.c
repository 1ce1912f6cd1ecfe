/* SPDX-License-Identifier: Apache-2.0 */
/* Tags, notes, other ids, and looking for them. */
#include "support.h"

#include <stdio.h>

#include "fixture.h"

static struct catalog_medium look(struct fixture *f, const char *id)
{
	struct catalog_medium medium;
	assert_true(catalog_medium_find(f->catalog, id, &medium, &f->error));
	return medium;
}

static bool describe(struct fixture *f, const char *id, const char *notes, const char *tags)
{
	const struct catalog_medium_words words = {.notes = notes, .tags = tags};
	return catalog_medium_describe(f->catalog, id, &words, 0, "uid:7", &f->error);
}

static bool keep_id(void *context, const struct catalog_medium *medium)
{
	strcat(context, medium->id);
	strcat(context, " ");
	return true;
}

static const char *matching(struct fixture *f, const struct catalog_media_filter *filter)
{
	static char found[512];
	struct catalog_media_count total;
	unsigned listed = 0;
	found[0] = '\0';
	assert_true(catalog_media_list(f->catalog, "", 100, filter, keep_id, found, &f->error));
	assert_true(catalog_media_count(f->catalog, filter, &total, &f->error));
	for (const char *at = found; *at; at++)
		listed += *at == ' ';
	assert_true(total.exact);
	assert_int_equal(listed, total.at_least);
	return found;
}

static const char *match(struct fixture *f, const char *text)
{
	const struct catalog_media_filter filter = {.match = text};
	return matching(f, &filter);
}

static void a_new_medium_has_no_words(void **state)
{
	struct catalog_medium medium = add_medium(*state, "a", "/srv/a.iso");
	medium = look(*state, "a");
	assert_string_equal(medium.tags, "");
	assert_string_equal(medium.notes, "");
	assert_string_equal(medium.state, "ok");
	assert_string_equal(medium.sha256, "");
	assert_int_equal(medium.version, 1);
}

static void tags_come_back_in_order_each_once(void **state)
{
	add_medium(*state, "a", "/srv/a.iso");
	assert_true(describe(*state, "a", NULL, "  rescue 2024:q3\tgolden rescue\n"));
	assert_string_equal(look(*state, "a").tags, "2024:q3 golden rescue");
}

static void a_change_is_one_version_and_one_event(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	int64_t before = newest_event(f).id;
	assert_true(describe(f, "a", "for the lab", "x y z"));
	assert_int_equal(look(f, "a").version, 2);
	struct catalog_event event = newest_event(f);
	assert_int_equal(event.id, before + 1);
	assert_string_equal(event.verb, "media-change");
	assert_string_equal(event.medium, "a");
	assert_string_equal(event.actor, "uid:7");
	assert_string_equal(event.outcome, "ok");
}

static void the_same_again_changes_nothing(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	assert_true(describe(f, "a", "notes", "x y"));
	struct catalog_medium before = look(f, "a");
	int64_t event = newest_event(f).id;
	assert_true(describe(f, "a", "notes", "y x"));
	assert_int_equal(look(f, "a").version, before.version);
	assert_int_equal(newest_event(f).id, event);
}

static void what_is_not_said_stays(void **state)
{
	add_medium(*state, "a", "/srv/a.iso");
	assert_true(describe(*state, "a", "notes", "x"));
	assert_true(describe(*state, "a", NULL, "y"));
	assert_string_equal(look(*state, "a").notes, "notes");
	assert_true(describe(*state, "a", "", NULL));
	assert_string_equal(look(*state, "a").notes, "");
	assert_string_equal(look(*state, "a").tags, "y");
}

static void who_saw_another_version_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct catalog_medium_words words = {.tags = "x"};
	add_medium(f, "a", "/srv/a.iso");
	assert_true(catalog_medium_describe(f->catalog, "a", &words, 1, "x", &f->error));
	const struct catalog_medium_words others = {.tags = "y"};
	assert_false(catalog_medium_describe(f->catalog, "a", &others, 1, "x", &f->error));
	assert_int_equal(f->error.code, ERROR_CHANGED_MEANWHILE);
	assert_string_equal(look(f, "a").tags, "x");
}

static void a_medium_gets_another_id(void **state)
{
	struct fixture *f = *state;
	const struct catalog_medium_words words = {.id = "b"};
	add_medium(f, "a", "/srv/a.iso");
	assert_true(describe(f, "a", NULL, "golden"));
	assert_true(catalog_medium_describe(f->catalog, "a", &words, 0, "x", &f->error));
	assert_string_equal(look(f, "b").tags, "golden");
	assert_string_equal(match(f, "golden"), "b ");
}

static void refuse_id(struct fixture *f, const char *from, const char *to, enum error_code code)
{
	const struct catalog_medium_words words = {.id = to};
	assert_false(catalog_medium_describe(f->catalog, from, &words, 0, "x", &f->error));
	assert_int_equal(f->error.code, code);
}

static void an_id_that_cannot_be_is_refused(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_medium(f, "b", "/srv/b.iso");
	add_tape(f, "ARC001L8");
	add_drive(f, "dvd0");
	refuse_id(f, "a", "b", ERROR_EXISTS);
	refuse_id(f, "a", "../a", ERROR_INVALID);
	refuse_id(f, "a", "", ERROR_INVALID);
	refuse_id(f, "arc001l8", "tape", ERROR_INVALID);
	refuse_id(f, "c", "d", ERROR_MEDIUM_NOT_FOUND);
	assert_true(
		catalog_drive_set_place(f->catalog, "dvd0", "a", false, "x", "load", &f->error));
	refuse_id(f, "a", "c", ERROR_MEDIUM_IN_USE);
}

static void refuse_tags(struct fixture *f, const char *tags)
{
	assert_false(describe(f, "a", NULL, tags));
	assert_int_equal(f->error.code, ERROR_INVALID);
}

static void words_that_cannot_be_are_refused(void **state)
{
	struct fixture *f = *state;
	char many[1024] = "", notes[CATALOG_NOTES_MAX + 1];
	add_medium(f, "a", "/srv/a.iso");
	refuse_tags(f, "UPPER");
	refuse_tags(f, "-x");
	refuse_tags(f, "a,b");
	refuse_tags(f, "\xff");
	refuse_tags(f, "ttttttttttttttttttttttttttttttttt");
	for (unsigned i = 0; i <= CATALOG_TAGS_MAX; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many), "t%u ", i);
	refuse_tags(f, many);
	memset(notes, 'n', sizeof notes - 1);
	notes[sizeof notes - 1] = '\0';
	assert_false(describe(f, "a", notes, NULL));
	assert_false(describe(f, "a", "\xff", NULL));
	assert_int_equal(look(f, "a").version, 1);
	many[strlen(many) - 5] = '\0';
	assert_true(describe(f, "a", NULL, many));
}

static void every_word_is_looked_for_everywhere(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "debian-12", "/srv/images/debian-12.8.0-amd64-netinst.iso");
	add_medium(f, "rescue", "/srv/images/systemrescue.iso");
	assert_true(describe(f, "rescue", "boots on the Ölprüfstand", "golden"));
	assert_string_equal(match(f, "12.8 netin"), "debian-12 ");
	assert_string_equal(match(f, "NETINST"), "debian-12 ");
	assert_string_equal(match(f, "golden images"), "rescue ");
	assert_string_equal(match(f, "prüf"), "rescue ");
	assert_string_equal(match(f, "images"), "debian-12 rescue ");
	assert_string_equal(match(f, "golden netinst"), "");
}

static void short_words_are_found_too(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "debian-12", "/srv/debian-12.8.0.iso");
	add_medium(f, "rescue", "/srv/rescue.iso");
	assert_string_equal(match(f, ".8"), "debian-12 ");
	assert_string_equal(match(f, "8. iso"), "debian-12 ");
	assert_string_equal(match(f, "e"), "debian-12 rescue ");
	assert_string_equal(match(f, "q"), "");
}

static void nothing_in_a_word_is_special(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/50% \"of\" a_b*.iso");
	add_medium(f, "b", "/srv/plain.iso");
	assert_string_equal(match(f, "\"of\""), "a ");
	assert_string_equal(match(f, "50%"), "a ");
	assert_string_equal(match(f, "a_b*"), "a ");
	assert_string_equal(match(f, "NOT plain"), "");
	assert_string_equal(match(f, "plain OR srv"), "");
	assert_string_equal(match(f, "pla*"), "");
	assert_string_equal(match(f, "words:plain"), "");
	assert_string_equal(match(f, " \t\n"), "a b ");
}

static void what_changes_is_found_as_it_is_now(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	assert_true(describe(f, "a", "old words", "oldtag"));
	assert_true(describe(f, "a", "new words", "newtag"));
	assert_string_equal(match(f, "old"), "");
	assert_string_equal(match(f, "oldtag"), "");
	assert_string_equal(match(f, "new newtag"), "a ");
	assert_true(catalog_medium_remove(f->catalog, "a", &f->error));
	assert_string_equal(match(f, "newtag"), "");
}

static bool describe_and_fail(void *context, struct error *error)
{
	assert_true(describe(context, "a", "never was", NULL));
	return error_set(error, ERROR_INTERNAL, "", "on purpose");
}

static void what_is_undone_is_not_found(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	assert_false(catalog_batch(f->catalog, describe_and_fail, f, &f->error));
	assert_string_equal(match(f, "never"), "");
}

static void filters_are_combined(void **state)
{
	struct fixture *f = *state;
	add_medium(f, "a", "/srv/a.iso");
	add_medium(f, "b", "/srv/b.iso");
	add_tape(f, "ARC001L8");
	assert_true(describe(f, "a", NULL, "x y"));
	assert_true(describe(f, "b", NULL, "y"));
	assert_true(catalog_medium_set_state(f->catalog, "b", "missing", "x", &f->error));
	const struct catalog_media_filter tagged = {.tag = "y"}, one = {.tag = "x"},
					  none = {.tag = "z"}, missing = {.state = "missing"},
					  both = {.tag = "y",
						  .state = "missing",
						  .kind = "disc",
						  .match = "srv b"},
					  tapes = {.kind = "tape", .tag = "y"};
	assert_string_equal(matching(f, &tagged), "a b ");
	assert_string_equal(matching(f, &one), "a ");
	assert_string_equal(matching(f, &none), "");
	assert_string_equal(matching(f, &missing), "b ");
	assert_string_equal(matching(f, &both), "b ");
	assert_string_equal(matching(f, &tapes), "");
}

struct tags {
	char text[128];
};

static bool keep_tag(void *context, const char *tag, uint64_t media)
{
	struct tags *tags = context;
	size_t length = strlen(tags->text);
	snprintf(tags->text + length, sizeof tags->text - length, "%s=%u ", tag, (unsigned)media);
	return true;
}

static void tags_are_counted(void **state)
{
	struct fixture *f = *state;
	struct tags tags = {""};
	add_medium(f, "a", "/srv/a.iso");
	add_medium(f, "b", "/srv/b.iso");
	assert_true(describe(f, "a", NULL, "x y"));
	assert_true(describe(f, "b", NULL, "y"));
	assert_true(catalog_tags_list(f->catalog, "", keep_tag, &tags, &f->error));
	assert_string_equal(tags.text, "x=1 y=2 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_medium_has_no_words),
		TEST(tags_come_back_in_order_each_once),
		TEST(a_change_is_one_version_and_one_event),
		TEST(the_same_again_changes_nothing),
		TEST(what_is_not_said_stays),
		TEST(who_saw_another_version_is_refused),
		TEST(a_medium_gets_another_id),
		TEST(an_id_that_cannot_be_is_refused),
		TEST(words_that_cannot_be_are_refused),
		TEST(every_word_is_looked_for_everywhere),
		TEST(short_words_are_found_too),
		TEST(nothing_in_a_word_is_special),
		TEST(what_changes_is_found_as_it_is_now),
		TEST(what_is_undone_is_not_found),
		TEST(filters_are_combined),
		TEST(tags_are_counted),
	};
	return cmocka_run_group_tests_name("catalog/media_words", tests, NULL, NULL);
}
