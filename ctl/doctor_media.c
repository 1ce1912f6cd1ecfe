/* SPDX-License-Identifier: Apache-2.0 */
/* Media whose files are not what they were. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "client.h"
#include "doctor.h"
#include "shell.h"

enum { TROUBLES_NAMED = 5, PAGE = 500 };

/* "" when the file is there, or when this is not its machine or not ours to see. */
static const char *trouble_of(const struct cli *cli, const json_t *medium)
{
	struct stat st;
	if (*text_of(medium, "fault"))
		return text_of(medium, "fault");
	if (cli->url)
		return "";
	if (stat(text_of(medium, "path"), &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? "its file is not there any more" : "";
	if (!strcmp(text_of(medium, "kind"), "disc") && st.st_size != number_of(medium, "size"))
		return "its file has another size than when it was added";
	return "";
}

static void name_trouble(struct findings *findings, const json_t *medium, const char *trouble)
{
	char path[DOCTOR_TEXT_MAX - 128];
	const char *id = text_of(medium, "id");
	shell_quote(text_of(medium, "path"), path, sizeof path);
	found(findings, DOCTOR_WARNING, id, NULL, "%s", trouble);
	if (!strcmp(text_of(medium, "kind"), "tape") && *text_of(medium, "fault"))
		mend(findings, "carousel tape verify %s", path);
	else
		mend(findings, "carousel media rm %.60s; carousel media add %s", id, path);
}

/* A page of them; how many are in trouble so far. */
static size_t look_at_page(
	struct findings *findings, const struct cli *cli, const json_t *items, size_t troubles)
{
	size_t i;
	json_t *medium;
	json_array_foreach(items, i, medium)
	{
		const char *trouble = trouble_of(cli, medium);
		if (*trouble && ++troubles <= TROUBLES_NAMED)
			name_trouble(findings, medium, trouble);
	}
	return troubles;
}

/* The first few by name, and how many there are. */
void doctor_media(struct findings *findings, const struct cli *cli)
{
	char after[256] = "", path[CLIENT_PATH_MAX];
	size_t troubles = 0;
	do {
		json_t *page = NULL;
		struct failure failure;
		snprintf(path, sizeof path, "/api/v1/media?limit=%d", PAGE);
		if ((*after && !client_query(path, "after", after)) ||
			client_try(cli, "GET", path, NULL, &page, &failure))
			return;
		troubles = look_at_page(findings, cli, json_object_get(page, "items"), troubles);
		snprintf(after, sizeof after, "%s", text_of(page, "next"));
		json_decref(page);
	} while (*after);
	if (troubles <= TROUBLES_NAMED)
		return;
	found(findings, DOCTOR_WARNING, "media", NULL, "%zu in all are changed or gone", troubles);
	mend(findings, "carousel media ls");
}
