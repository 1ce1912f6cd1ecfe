/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "conformance.h"

static char *slurp(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *file = fopen(path, "r");
	if (file) {
		size_t length = fread(text, 1, 65535, file);
		text[length] = 0;
		fclose(file);
	}
	return text;
}

static void update(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

void expect_golden(const char *name, const char *text)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
	if (getenv("GOLDEN_UPDATE"))
		update(path, text);
	char *expected = slurp(path);
	bool same = strcmp(expected, text) == 0;
	if (!same)
		print_error("%s differs; if that is meant, run with GOLDEN_UPDATE=1. Now:\n%s",
			path, text);
	free(expected);
	assert_true(same);
}

static void print_row(FILE *out, const struct scsi_opcode *row)
{
	static const char *const directions[] = {"none", "in", "out"};
	fprintf(out, "%02xh", row->opcode);
	if (row->service_action != SCSI_ANY_ACTION)
		fprintf(out, "/%02xh", (unsigned)row->service_action);
	fprintf(out, " %-30s %-4s%s%s%s%s", row->name, directions[row->direction],
		row->flags & OPCODE_WITHOUT_MEDIUM ? " without-medium" : "",
		row->flags & OPCODE_SKIPS_ATTENTION ? " skips-attention" : "",
		row->flags & OPCODE_DESPITE_RESERVATION ? " despite-reservation" : "",
		row->flags & OPCODE_WRITES ? " writes" : "");
	fprintf(out, " ");
	for (unsigned i = 0; i < scsi_cdb_length(row->opcode); i++)
		fprintf(out, " %02x", row->usage[i]);
	fprintf(out, "\n");
}

void expect_golden_opcodes(const char *name)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	const struct scsi_opcode_table *table = &conformance_type->opcodes;
	for (size_t i = 0; i < table->count; i++)
		print_row(out, &table->rows[i]);
	fclose(out);
	expect_golden(name, text);
	free(text);
}
