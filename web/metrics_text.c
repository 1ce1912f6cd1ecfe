/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics_text.h"

#include <inttypes.h>

void metrics_family(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_value(FILE *out, const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '\\' || *text == '"')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
}

static void write_labels(FILE *out, const struct metrics_labels *labels)
{
	for (const char *const *pair = labels->pairs; *pair; pair += 2) {
		fprintf(out, "%c%s=\"", pair == labels->pairs ? '{' : ',', pair[0]);
		write_value(out, pair[1]);
		fputc('"', out);
	}
	if (labels->pairs[0])
		fputc('}', out);
}

static void begin(FILE *out, const char *name, const struct metrics_labels *labels)
{
	fputs(name, out);
	if (labels)
		write_labels(out, labels);
}

void metrics_sample(
	FILE *out, const char *name, const struct metrics_labels *labels, uint64_t value)
{
	begin(out, name, labels);
	fprintf(out, " %" PRIu64 "\n", value);
}

void metrics_real(FILE *out, const char *name, const struct metrics_labels *labels, double value)
{
	begin(out, name, labels);
	fprintf(out, " %.9g\n", value);
}

void metrics_single(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
	metrics_family(out, name, type, help);
	metrics_sample(out, name, NULL, value);
}
