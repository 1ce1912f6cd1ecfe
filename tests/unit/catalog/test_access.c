/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, idempotency keys, uploads. */
#include "catalog/access.h"

#include "support.h"

#include <stdio.h>

#include "fixture.h"

static const uint8_t one[CATALOG_HASH_SIZE] = {1}, two[CATALOG_HASH_SIZE] = {2};
static struct catalog_answer answer;

static struct catalog_token a_token(const char *name, const char *scope)
{
	struct catalog_token token = {.expires = 77};
	snprintf(token.name, sizeof token.name, "%s", name);
	snprintf(token.scope, sizeof token.scope, "%s", scope);
	strcpy(token.created_by, "uid:0");
	return token;
}

/* ---- tokens ------------------------------------------------------------------------------------
 */

static void a_token_is_found_by_its_hash(void **state)
{
	struct fixture *f = *state;
	struct catalog_token token = a_token("ci", "load"), found;
	assert_true(catalog_token_add(f->catalog, &token, one, &f->error));
	assert_string_equal(newest_event(f).verb, "token-create");
	assert_string_equal(newest_event(f).subject, "ci");
	assert_true(catalog_token_find(f->catalog, one, &found, &f->error));
	assert_string_equal(found.name, "ci");
	assert_string_equal(found.scope, "load");
	assert_int_equal(found.expires, 77);
	assert_int_equal(found.last_used, 0);
	assert_true(catalog_token_used(f->catalog, found.id, 123, &f->error));
	assert_true(catalog_token_named(f->catalog, "ci", &found, &f->error));
	assert_int_equal(found.last_used, 123);
	assert_false(catalog_token_find(f->catalog, two, &found, &f->error));
	assert_int_equal(f->error.code, ERROR_TOKEN_NOT_FOUND);
}

static void a_token_that_is_removed_opens_nothing(void **state)
{
	struct fixture *f = *state;
	struct catalog_token token = a_token("ci", "admin");
	assert_true(catalog_token_add(f->catalog, &token, one, &f->error));
	assert_true(catalog_token_remove(f->catalog, "ci", "uid:0", &f->error));
	assert_string_equal(newest_event(f).verb, "token-remove");
	assert_false(catalog_token_find(f->catalog, one, &token, &f->error));
	assert_false(catalog_token_remove(f->catalog, "ci", "uid:0", &f->error));
	assert_int_equal(f->error.code, ERROR_TOKEN_NOT_FOUND);
}

static void refuse_token(
	struct fixture *f, const char *name, const char *scope, enum error_code code)
{
	struct catalog_token token = a_token(name, scope);
	assert_false(catalog_token_add(f->catalog, &token, two, &f->error));
	assert_int_equal(f->error.code, code);
}

static void a_token_that_cannot_be_is_refused(void **state)
{
	struct fixture *f = *state;
	struct catalog_token token = a_token("ci", "read");
	assert_true(catalog_token_add(f->catalog, &token, one, &f->error));
	refuse_token(f, "ci", "read", ERROR_EXISTS);
	refuse_token(f, "Ci", "read", ERROR_INVALID);
	refuse_token(f, "", "read", ERROR_INVALID);
	refuse_token(f, "x", "root", ERROR_INVALID);
	refuse_token(f, "x", "", ERROR_INVALID);
}

/* ---- keys --------------------------------------------------------------------------------------
 */

static enum catalog_key_state take(
	struct fixture *f, const char *actor, const uint8_t *request, int64_t now)
{
	enum catalog_key_state key_state;
	assert_true(catalog_key_take(
		f->catalog, actor, "k", request, now, 100, &key_state, &answer, &f->error));
	return key_state;
}

static void a_request_that_comes_again_has_its_answer(void **state)
{
	struct fixture *f = *state;
	struct catalog_answer first = {.status = 201, .location = "/api/v1/jobs/1", .body = "{}"};
	assert_int_equal(take(f, "uid:0", one, 0), CATALOG_KEY_NEW);
	assert_int_equal(take(f, "uid:0", one, 0), CATALOG_KEY_UNDER_WAY);
	assert_int_equal(take(f, "uid:1", one, 0), CATALOG_KEY_NEW);
	assert_true(catalog_key_answered(f->catalog, "uid:0", "k", &first, &f->error));
	assert_int_equal(take(f, "uid:0", one, 0), CATALOG_KEY_ANSWERED);
	assert_int_equal(answer.status, 201);
	assert_string_equal(answer.location, "/api/v1/jobs/1");
	assert_string_equal(answer.body, "{}");
	assert_int_equal(take(f, "uid:0", two, 0), CATALOG_KEY_OTHER);
}

static void an_answer_is_forgotten_in_time(void **state)
{
	struct fixture *f = *state;
	struct catalog_answer first = {.status = 201};
	int64_t newest = -1;
	assert_true(catalog_keys_newest(f->catalog, &newest, &f->error));
	assert_int_equal(newest, 0);
	assert_int_equal(take(f, "uid:0", one, 0), CATALOG_KEY_NEW);
	assert_true(catalog_key_answered(f->catalog, "uid:0", "k", &first, &f->error));
	assert_int_equal(take(f, "uid:1", one, 60), CATALOG_KEY_NEW);
	assert_int_equal(take(f, "uid:0", one, 100), CATALOG_KEY_ANSWERED);
	assert_int_equal(take(f, "uid:0", one, 101), CATALOG_KEY_NEW);
	assert_true(catalog_keys_newest(f->catalog, &newest, &f->error));
	assert_int_equal(newest, 101);
}

static void what_came_to_nothing_may_be_tried_again(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(take(f, "uid:0", one, 0), CATALOG_KEY_NEW);
	assert_true(catalog_key_drop(f->catalog, "uid:0", "k", &f->error));
	assert_int_equal(take(f, "uid:0", two, 0), CATALOG_KEY_NEW);
	assert_true(catalog_keys_drop_unanswered(f->catalog, &f->error));
	assert_int_equal(take(f, "uid:0", one, 0), CATALOG_KEY_NEW);
}

static void a_key_that_cannot_be_is_refused(void **state)
{
	struct fixture *f = *state;
	char key[CATALOG_KEY_MAX + 1];
	enum catalog_key_state key_state;
	memset(key, 'k', sizeof key - 1);
	key[sizeof key - 1] = '\0';
	assert_false(catalog_key_take(
		f->catalog, "x", key, one, 0, 100, &key_state, &answer, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_false(
		catalog_key_take(f->catalog, "x", "", one, 0, 100, &key_state, &answer, &f->error));
}

/* ---- uploads -----------------------------------------------------------------------------------
 */

static bool keep_id(void *context, const struct catalog_upload *upload)
{
	strcat(context, upload->id);
	return true;
}

static void an_upload_is_kept_until_it_is_removed(void **state)
{
	struct fixture *f = *state;
	struct catalog_upload upload = {.id = "u1", .length = -1, .expires = 5}, found;
	char ids[64] = "";
	strcpy(upload.name, "Ölprüfung.iso");
	strcpy(upload.metadata, "filename w5Zs");
	assert_true(catalog_upload_add(f->catalog, &upload, &f->error));
	upload.length = INT64_C(1) << 40;
	upload.expires = 9;
	upload.job = 3;
	assert_true(catalog_upload_update(f->catalog, &upload, &f->error));
	assert_true(catalog_upload_find(f->catalog, "u1", &found, &f->error));
	assert_string_equal(found.name, upload.name);
	assert_string_equal(found.metadata, upload.metadata);
	assert_true(found.length == upload.length);
	assert_int_equal(found.expires, 9);
	assert_int_equal(found.job, 3);
	assert_true(catalog_uploads_list(f->catalog, keep_id, ids, &f->error));
	assert_string_equal(ids, "u1");
	assert_true(catalog_upload_remove(f->catalog, "u1", &f->error));
	assert_false(catalog_upload_find(f->catalog, "u1", &found, &f->error));
	assert_int_equal(f->error.code, ERROR_UPLOAD_NOT_FOUND);
	assert_false(catalog_upload_remove(f->catalog, "u1", &f->error));
	assert_false(catalog_upload_update(f->catalog, &upload, &f->error));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_found_by_its_hash),
		TEST(a_token_that_is_removed_opens_nothing),
		TEST(a_token_that_cannot_be_is_refused),
		TEST(a_request_that_comes_again_has_its_answer),
		TEST(an_answer_is_forgotten_in_time),
		TEST(what_came_to_nothing_may_be_tried_again),
		TEST(a_key_that_cannot_be_is_refused),
		TEST(an_upload_is_kept_until_it_is_removed),
	};
	return cmocka_run_group_tests_name("catalog/access", tests, NULL, NULL);
}
