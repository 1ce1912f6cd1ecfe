/* SPDX-License-Identifier: Apache-2.0 */
/* carousel-api(7) has every route, parameter, body member and problem code. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "router.h"

static char manual[1 << 16];

/* Without the marks of scdoc, so that what is read is what readers see; "_" goes on both sides. */
static void strip(char *text)
{
	char *out = text;
	for (; *text; text++)
		if (!strchr("*_\\\n\t", *text))
			*out++ = *text;
	*out = '\0';
}

static int read_manual(void **state)
{
	FILE *file = fopen(MANUAL, "r");
	assert_non_null(file);
	manual[fread(manual, 1, sizeof manual - 1, file)] = '\0';
	fclose(file);
	strip(manual);
	return 0;
}

static void assert_documented(const char *text)
{
	char stripped[256];
	snprintf(stripped, sizeof stripped, "%s", text);
	strip(stripped);
	if (!strstr(manual, stripped))
		fail_msg("carousel-api(7) lacks \"%s\"", stripped);
}

static void every_route(void **state)
{
	for (size_t i = 0; i < routes_count; i++) {
		const char *pattern = routes[i].pattern, *hole = strstr(pattern, "{id}");
		char text[256];
		snprintf(text, sizeof text, "%s %.*s%s%s", routes[i].method,
			(int)(hole ? hole - pattern : (long)strlen(pattern)), pattern,
			!hole                        ? ""
			: strstr(pattern, "media")   ? "MEDIUM"
			: strstr(pattern, "exports") ? "EXPORT"
			: strstr(pattern, "jobs")    ? "JOB"
			: strstr(pattern, "uploads") ? "UPLOAD"
			: strstr(pattern, "tokens")  ? "TOKEN"
						     : "DRIVE",
			hole ? hole + strlen("{id}") : "");
		assert_documented(text);
	}
}

static void every_parameter(void **state)
{
	for (size_t i = 0; i < routes_count; i++)
		for (const char *const *name = routes[i].query; name && *name; name++) {
			char text[64];
			snprintf(text, sizeof text, "%s=", *name);
			assert_documented(text);
		}
}

static void assert_members_documented(const struct json_field *field)
{
	for (; field && field->name; field++) {
		assert_documented(field->name);
		assert_members_documented(field->fields);
	}
}

static void every_member(void **state)
{
	for (size_t i = 0; i < routes_count; i++)
		assert_members_documented(routes[i].fields);
}

static void every_problem(void **state)
{
	for (enum error_code code = ERROR_NONE + 1; code <= ERROR_HOST_FULL; code++)
		assert_documented(error_code_name(code));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route),
		cmocka_unit_test(every_parameter),
		cmocka_unit_test(every_member),
		cmocka_unit_test(every_problem),
	};
	return cmocka_run_group_tests_name("web/documented", tests, read_manual, NULL);
}
