/* SPDX-License-Identifier: Apache-2.0 */
/* Where the reader of TOML is, and its texts; what is wrong is said with the line. */
#pragma once

#include <stdbool.h>

#include "toml.h"

struct toml_reader {
	const char *at, *end;
	unsigned line, depth;
	json_t *root, *table; /* borrowed: the one that keys go into */
	struct error *error;
};

/* False, and NULL: with the error. */
bool toml_fail(struct toml_reader *reader, const char *remedy, const char *what);
json_t *toml_no_value(struct toml_reader *reader, const char *remedy, const char *what);

/* '\0' at the end, and for a NUL, which stands nowhere. */
char toml_peek(const struct toml_reader *reader);
/* True: it was this character, and is passed. */
bool toml_take(struct toml_reader *reader, char c);
bool toml_take_newline(struct toml_reader *reader);
void toml_skip_spaces(struct toml_reader *reader);
/* And comments, and the ends of lines. */
void toml_skip_lines(struct toml_reader *reader);
/* Nothing but a comment stands before the end of the line. */
bool toml_end_line(struct toml_reader *reader);

/* At its quotation mark. */
json_t *toml_read_text(struct toml_reader *reader);
