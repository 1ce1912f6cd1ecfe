/* SPDX-License-Identifier: Apache-2.0 */
/* Tables on terminals of any width, with names of any script. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "human.h"
#include "table.h"

static char printed[1 << 16];

/* What was printed meanwhile, in `printed`. */
static void print_captured(struct table *table, const struct cli *cli)
{
	char path[] = "/tmp/carousel-table-XXXXXX";
	int file = mkstemp(path), stdout_before = dup(STDOUT_FILENO);
	fflush(stdout);
	dup2(file, STDOUT_FILENO);
	table_print(table, cli);
	fflush(stdout);
	dup2(stdout_before, STDOUT_FILENO);
	ssize_t length = pread(file, printed, sizeof printed - 1, 0);
	printed[length > 0 ? length : 0] = '\0';
	close(stdout_before);
	close(file);
	unlink(path);
}

static void print_rows_of(const char *file_header, size_t rows, const struct cli *cli)
{
	const char *const headers[] = {"NAME", ">SIZE", file_header, "+NOTES", NULL};
	struct table table;
	table_init(&table, headers);
	for (size_t i = 0; i < rows; i++) {
		table_addf(&table, "medium-with-a-long-name-%zu", i);
		table_add(&table, "662 MB");
		table_add(&table, "/srv/iso/" /* 光盘 */ "\xe5\x85\x89\xe7\x9b\x98"
				  "/a/directory/that/goes/on/and/on/for/ever/disc.iso");
		table_add(&table, "for the lab");
	}
	print_captured(&table, cli);
	table_finish(&table);
}

static void print_rows(size_t rows, const struct cli *cli)
{
	print_rows_of("FILE", rows, cli);
}

static size_t widest_line(void)
{
	size_t widest = 0;
	char line[1024];
	for (const char *at = printed; *at; at += strcspn(at, "\n") + 1) {
		snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
		widest = human_width(line) > widest ? human_width(line) : widest;
	}
	return widest;
}

static size_t count_lines(void)
{
	size_t lines = 0;
	for (const char *at = printed; *at; at++)
		lines += *at == '\n';
	return lines;
}

static void a_terminal_is_not_overrun(void **state)
{
	for (unsigned columns = 60; columns <= 120; columns++) {
		const struct cli cli = {.columns = columns};
		print_rows(3, &cli);
		assert_true(widest_line() < columns);
		assert_non_null(strstr(printed, "medium-with-a-long-name-2  662 MB  /srv/iso/"));
	}
}

static void what_is_cut_says_so(void **state)
{
	const struct cli cli = {.columns = 60};
	print_rows(1, &cli);
	assert_non_null(strstr(printed, "…\n"));
	assert_null(strstr(printed, "disc.iso"));
}

/* Of a path the end is what tells files apart. */
static void paths_are_cut_at_their_beginning(void **state)
{
	for (unsigned columns = 60; columns <= 120; columns++) {
		const struct cli cli = {.columns = columns};
		print_rows_of("<FILE", 3, &cli);
		assert_true(widest_line() < columns);
		assert_non_null(strstr(printed, "disc.iso\n"));
		assert_non_null(strstr(printed, "  FILE"));
	}
	const struct cli narrow = {.columns = 60};
	print_rows_of("<FILE", 1, &narrow);
	assert_non_null(strstr(printed, "662 MB  …"));
}

static void times_are_never_cut(void **state)
{
	const struct cli cli = {.columns = 60};
	print_rows_of("!FILE", 1, &cli);
	assert_non_null(strstr(printed, "disc.iso\n"));
	assert_null(strstr(printed, "…"));
}

/* Columns behind a cut of wide characters stay where they are. */
static void what_is_behind_a_cut_is_aligned(void **state)
{
	static const char *const headers[] = {"NAME", "<FILE", "TEXT", "END", NULL};
	static const char wide[] = "\xe5\x85\x89\xe7\x9b\x98\xe5\x85\x89\xe7\x9b\x98"
				   "\xe5\x85\x89\xe7\x9b\x98\xe5\x85\x89\xe7\x9b\x98";
	for (unsigned columns = 36; columns < 60; columns++) {
		const struct cli cli = {.columns = columns};
		struct table table;
		table_init(&table, headers);
		for (unsigned i = 0; i < 8; i++)
			table_add(&table, i % 4 == 3 ? "end"
					  : i < 4    ? wide
						     : "a narrow text, long");
		print_captured(&table, &cli);
		table_finish(&table);
		char *first = strstr(printed, "end\n"), *second = strstr(first + 1, "end\n");
		char *line = memrchr(printed, '\n', (size_t)(second - printed));
		*first = *second = '\0';
		assert_int_equal(human_width(strchr(printed, '\n') + 1), human_width(line + 1));
	}
}

/* The first column is what people copy. */
static void names_are_never_cut(void **state)
{
	const struct cli cli = {.columns = 10};
	print_rows(1, &cli);
	assert_non_null(strstr(printed, "medium-with-a-long-name-0"));
}

static void on_a_wide_terminal_all_is_there(void **state)
{
	const struct cli cli = {.columns = 200};
	print_rows(1, &cli);
	assert_non_null(strstr(printed, "disc.iso\n"));
	assert_null(strstr(printed, "…"));
}

static void into_a_pipe_all_is_there(void **state)
{
	const struct cli cli = {0};
	print_rows(1, &cli);
	assert_non_null(strstr(printed, "disc.iso\n"));
	assert_null(strstr(printed, "NOTES"));
}

static void wide_has_more_and_cuts_nothing(void **state)
{
	const struct cli cli = {.columns = 40, .output = OUTPUT_WIDE};
	print_rows(1, &cli);
	assert_non_null(strstr(printed, "NOTES"));
	assert_non_null(strstr(printed, "disc.iso  for the lab\n"));
}

static void without_rows_there_is_the_header(void **state)
{
	static const char *const headers[] = {"NAME", "FILE", NULL};
	const struct cli cli = {.columns = 80};
	struct table table;
	table_init(&table, headers);
	print_captured(&table, &cli);
	table_finish(&table);
	assert_string_equal(printed, "\n");
}

static void every_row_is_a_line(void **state)
{
	const struct cli cli = {.columns = 80};
	static char line[1 << 12];
	print_rows(200, &cli);
	assert_int_equal(count_lines(), 201);
	snprintf(line, sizeof line, "%s", strstr(printed, "medium-with-a-long-name-199"));
	assert_non_null(strstr(line, "662 MB"));
}

/* Wide characters of East Asia take two columns, and a cut does not tear one apart. */
static void a_cut_leaves_characters_whole(void **state)
{
	for (size_t width = 0; width < 12; width++) {
		const char *text = "\xe5\x85\x89\xe7\x9b\x98 a\xcc\x88 \xf0\x9f\x92\xbf";
		size_t length = human_fit(text, width);
		assert_true((text[length] & 0xc0) != 0x80);
		char cut[64];
		snprintf(cut, sizeof cut, "%.*s", (int)length, text);
		assert_true(human_width(cut) <= width);
	}
	assert_int_equal(human_width("\xe5\x85\x89\xe7\x9b\x98"), 4);
	assert_int_equal(human_width("a\xcc\x88"), 1);
	assert_int_equal(human_width("\xf0\x9f\x92\xbf"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_is_not_overrun),
		cmocka_unit_test(what_is_cut_says_so),
		cmocka_unit_test(paths_are_cut_at_their_beginning),
		cmocka_unit_test(times_are_never_cut),
		cmocka_unit_test(what_is_behind_a_cut_is_aligned),
		cmocka_unit_test(names_are_never_cut),
		cmocka_unit_test(on_a_wide_terminal_all_is_there),
		cmocka_unit_test(into_a_pipe_all_is_there),
		cmocka_unit_test(wide_has_more_and_cuts_nothing),
		cmocka_unit_test(without_rows_there_is_the_header),
		cmocka_unit_test(every_row_is_a_line),
		cmocka_unit_test(a_cut_leaves_characters_whole),
	};
	return cmocka_run_group_tests_name("ctl/table", tests, NULL, NULL);
}
