/* SPDX-License-Identifier: Apache-2.0 */
#include "next_link.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/library.h"
#include "percent.h"

static void append(struct next_link *link, const char *value)
{
	char escaped[3 * LIBRARY_TEXT_MAX];
	percent_encode(value, escaped, sizeof escaped);
	fputs(escaped, link->stream);
}

void next_link_begin(struct next_link *link)
{
	*link = (struct next_link){0};
	link->stream = open_memstream(&link->text, &link->length);
	if (link->stream)
		fputs("</api/v1", link->stream);
}

void next_link_segment(struct next_link *link, const char *segment)
{
	if (!link->stream)
		return;
	fputc('/', link->stream);
	append(link, segment);
}

void next_link_text(struct next_link *link, const char *name, const char *value)
{
	if (!link->stream || !value)
		return;
	fprintf(link->stream, "%c%s=", link->has_query ? '&' : '?', name);
	link->has_query = true;
	append(link, value);
}

void next_link_number(struct next_link *link, const char *name, int64_t value)
{
	char text[32];
	snprintf(text, sizeof text, "%" PRId64, value);
	next_link_text(link, name, text);
}

void next_link_end(struct next_link *link, struct answer *answer)
{
	if (link->stream && fputs(">; rel=\"next\"", link->stream) >= 0 &&
		fclose(link->stream) == 0)
		answer_header(answer, "Link", "%s", link->text);
	free(link->text);
}
