/* SPDX-License-Identifier: Apache-2.0 */
#include "toml_reader.h"

bool toml_fail(struct toml_reader *reader, const char *remedy, const char *what)
{
	return error_set(reader->error, ERROR_INVALID, remedy, "line %u: %s", reader->line, what);
}

json_t *toml_no_value(struct toml_reader *reader, const char *remedy, const char *what)
{
	toml_fail(reader, remedy, what);
	return NULL;
}

/* '\0' at the end, and for a NUL, which stands nowhere. */
char toml_peek(const struct toml_reader *reader)
{
	return reader->at < reader->end ? *reader->at : '\0';
}

bool toml_take(struct toml_reader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

bool toml_take_newline(struct toml_reader *reader)
{
	if (reader->end - reader->at >= 2 && reader->at[0] == '\r' && reader->at[1] == '\n')
		reader->at++;
	if (!toml_take(reader, '\n'))
		return false;
	reader->line++;
	return true;
}

void toml_skip_spaces(struct toml_reader *reader)
{
	while (toml_peek(reader) == ' ' || toml_peek(reader) == '\t')
		reader->at++;
}

static void skip_comment(struct toml_reader *reader)
{
	toml_skip_spaces(reader);
	if (toml_peek(reader) == '#')
		while (reader->at < reader->end && *reader->at != '\n' && *reader->at != '\r')
			reader->at++;
}

void toml_skip_lines(struct toml_reader *reader)
{
	do
		skip_comment(reader);
	while (toml_take_newline(reader));
}

bool toml_end_line(struct toml_reader *reader)
{
	skip_comment(reader);
	if (reader->at == reader->end || toml_take_newline(reader))
		return true;
	return toml_fail(reader, "Begin a new line, or put # in front of a comment.",
		"something stands behind what is whole");
}
