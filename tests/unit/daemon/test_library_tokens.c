/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens in a real library: made, kept as digests, recognised, taken back. */
#include "support.h"

#include <time.h>
#include <unistd.h>

#include "daemon/refusals.h"
#include "daemon/tokens.h"
#include "library_lab.h"
#include "util/cleanup.h"

struct made {
	struct lab *lab;
	bool done;
	struct error error;
	struct library_token token;
};

static void note(void *context, const struct library_result *result)
{
	struct made *made = context;
	SCOPED_LOCK(&made->lab->lock);
	made->error = result->error;
	if (result->token)
		made->token = *result->token;
	made->done = true;
	pthread_cond_broadcast(&made->lab->changed);
}

static void await_made(struct made *made)
{
	SCOPED_LOCK(&made->lab->lock);
	while (!made->done)
		pthread_cond_wait(&made->lab->changed, &made->lab->lock);
}

static struct made make(struct lab *lab, const char *name, const char *scope, uint64_t expires_in)
{
	struct made made = {.lab = lab};
	struct library_token_create create = {.expires_in = expires_in};
	snprintf(create.name, sizeof create.name, "%s", name);
	snprintf(create.scope, sizeof create.scope, "%s", scope);
	library_token_create(lab->library, &create, "uid:0", note, &made);
	await_made(&made);
	return made;
}

static struct made remove_token(struct lab *lab, const char *name)
{
	struct made made = {.lab = lab};
	library_token_remove(lab->library, name, "uid:0", note, &made);
	await_made(&made);
	return made;
}

static bool file_has(const char *path, const char *text)
{
	static char bytes[1 << 22];
	FILE *file = fopen(path, "r");
	if (!file)
		return false;
	size_t length = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	return memmem(bytes, length, text, strlen(text));
}

static void a_token_is_recognised(void **state)
{
	struct lab *lab = *state;
	struct library_token found;
	struct error error;
	struct made made = make(lab, "ci", "load", 0);
	assert_int_equal(made.error.code, ERROR_NONE);
	assert_int_equal(strlen(made.token.text), LIBRARY_TOKEN_TEXT_MAX - 1);
	assert_int_equal(strspn(made.token.text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
						 "XYZ0123456789-_"),
		LIBRARY_TOKEN_TEXT_MAX - 1);
	assert_true(library_token_find(lab->library, made.token.text, &found, &error));
	assert_string_equal(found.name, "ci");
	assert_string_equal(found.scope, "load");
	assert_string_equal(found.created_by, "uid:0");
	assert_string_equal(found.text, "");
	assert_string_not_equal(make(lab, "other", "load", 0).token.text, made.token.text);
}

static void a_restart_keeps_it(void **state)
{
	struct lab *lab = *state;
	struct library_token found;
	struct made made = make(lab, "ci", "read", 0);
	lab_restart(lab);
	assert_true(library_token_find(lab->library, made.token.text, &found, NULL));
}

static void its_text_is_nowhere(void **state)
{
	struct lab *lab = *state;
	char wal[PATH_MAX + 8];
	struct made made = make(lab, "ci", "read", 0);
	snprintf(wal, sizeof wal, "%s-wal", lab->catalog_path);
	assert_true(file_has(wal, "token-create") || file_has(lab->catalog_path, "token-create"));
	assert_false(file_has(wal, made.token.text + 4));
	assert_false(file_has(lab->catalog_path, made.token.text + 4));
}

static void what_is_not_a_token_is_nobodys(void **state)
{
	struct lab *lab = *state;
	struct library_token found;
	struct error error;
	struct made made = make(lab, "ci", "read", 0);
	made.token.text[20] = made.token.text[20] == 'a' ? 'b' : 'a';
	const char *const wrong[] = {"", "csl_", "ci", made.token.text, made.token.text + 4};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_false(library_token_find(lab->library, wrong[i], &found, &error));
		assert_int_equal(error.code, ERROR_UNAUTHORIZED);
		assert_null(strstr(error.sentence, "csl_"));
	}
}

static void one_that_has_expired_is_refused(void **state)
{
	struct lab *lab = *state;
	struct library_token found;
	struct error error;
	time_t before = time(NULL);
	struct made made = make(lab, "brief", "read", 1);
	assert_in_range(made.token.expires, before + 1, time(NULL) + 1);
	while (time(NULL) < made.token.expires)
		usleep(20000);
	assert_false(library_token_find(lab->library, made.token.text, &found, &error));
	assert_int_equal(error.code, ERROR_UNAUTHORIZED);
	assert_non_null(strstr(error.sentence, "brief"));
	assert_true(make(lab, "long", "read", UINT64_MAX).token.expires > time(NULL));
}

static void one_that_was_taken_back_is_refused(void **state)
{
	struct lab *lab = *state;
	struct library_token found;
	struct made made = make(lab, "ci", "admin", 0);
	assert_int_equal(remove_token(lab, "ci").error.code, ERROR_NONE);
	assert_false(library_token_find(lab->library, made.token.text, &found, NULL));
	assert_int_equal(remove_token(lab, "ci").error.code, ERROR_TOKEN_NOT_FOUND);
}

static void that_it_was_used_is_written_down(void **state)
{
	struct lab *lab = *state;
	struct library_token found, now = {0};
	struct made made = make(lab, "ci", "read", 0);
	for (unsigned i = 0; i < 100; i++)
		assert_true(library_token_find(lab->library, made.token.text, &found, NULL));
	for (unsigned i = 0; i < LAB_PATIENCE_S * 100 && !now.last_used; i++) {
		usleep(10000);
		assert_true(library_token_get(lab->library, "ci", &now, NULL));
	}
	assert_in_range(now.last_used, time(NULL) - 120, time(NULL));
	assert_int_equal(now.last_used % 60, 0);
}

static void names_and_scopes_are_checked(void **state)
{
	struct lab *lab = *state;
	assert_int_equal(make(lab, "Not a name", "read", 0).error.code, ERROR_INVALID);
	assert_int_equal(make(lab, "ci", "root", 0).error.code, ERROR_INVALID);
	assert_int_equal(make(lab, "ci", "read", 0).error.code, ERROR_NONE);
	assert_int_equal(make(lab, "ci", "load", 0).error.code, ERROR_EXISTS);
}

static bool count_token(void *context, const struct library_token *token)
{
	assert_string_equal(token->text, "");
	return ++*(unsigned *)context;
}

static void they_are_listed(void **state)
{
	struct lab *lab = *state;
	unsigned count = 0;
	make(lab, "b", "read", 0);
	make(lab, "a", "load", 0);
	assert_true(library_tokens(lab->library, "", count_token, &count, NULL));
	assert_int_equal(count, 2);
}

/* ---- what was refused ------------------------------------------------------------------------ */

static bool take_event(void *context, const struct library_history_entry *entry)
{
	struct library_history_entry *found = context;
	if (strcmp(entry->verb, "request") != 0)
		return true;
	*found = *entry;
	found->detail =
		!strcmp(entry->detail, "{\"method\":\"DELETE\",\"count\":7}") ? "right" : "wrong";
	return false;
}

static void a_refusal_is_in_the_audit_log_only(void **state)
{
	struct lab *lab = *state;
	struct library_history_entry found = {0};
	struct library_history_query query = {.refused = true, .limit = 100};
	const struct library_refusal refusal = {
		"token:ci", "forbidden", "DELETE", "/api/v1/drives/{id}", 7};
	library_note_refusal(lab->library, &refusal);
	for (unsigned i = 0; i < LAB_PATIENCE_S * 100 && !found.number; i++) {
		usleep(10000);
		assert_true(library_history(lab->library, &query, take_event, &found, NULL));
	}
	assert_string_equal(found.actor, "token:ci");
	assert_string_equal(found.outcome, "forbidden");
	assert_string_equal(found.subject_kind, "route");
	assert_string_equal(found.subject, "/api/v1/drives/{id}");
	assert_string_equal(found.detail, "right");
	found = (struct library_history_entry){0};
	query.refused = false;
	assert_true(library_history(lab->library, &query, take_event, &found, NULL));
	assert_int_equal(found.number, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(a_token_is_recognised),
		IN_LAB(a_restart_keeps_it),
		IN_LAB(its_text_is_nowhere),
		IN_LAB(what_is_not_a_token_is_nobodys),
		IN_LAB(one_that_has_expired_is_refused),
		IN_LAB(one_that_was_taken_back_is_refused),
		IN_LAB(that_it_was_used_is_written_down),
		IN_LAB(names_and_scopes_are_checked),
		IN_LAB(they_are_listed),
		IN_LAB(a_refusal_is_in_the_audit_log_only),
	};
	return cmocka_run_group_tests_name("library/tokens", tests, NULL, NULL);
}
