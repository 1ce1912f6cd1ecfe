/* SPDX-License-Identifier: Apache-2.0 */
/* carousel apply: a library becomes what a file says; and such a file of what it is. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "describe.h"
#include "plan.h"

static void refuse_step(const struct plan *plan, const json_t *step, enum exit_code code,
	const struct failure *failure)
{
	json_t *table = json_object_get(step, "table");
	if (table)
		declared_refuse(plan->declared, table, declared_blame(table, failure->sentence),
			failure->remedy, "%s", failure->sentence);
	else
		failure_complain(code, failure);
}

static enum exit_code do_step(const struct plan *plan, const json_t *step)
{
	json_t *answer = NULL;
	struct failure failure;
	enum exit_code code = client_try(plan->cli, text_of(step, "method"), text_of(step, "path"),
		json_object_get(step, "body"), &answer, &failure);
	if (code)
		refuse_step(plan, step, code, &failure);
	if (!code && *text_of(answer, "warning"))
		tell("! %s: %s", text_of(step, "name"), text_of(answer, "warning"));
	json_decref(answer);
	return code;
}

static enum exit_code do_all(const struct plan *plan)
{
	size_t i, done = 0;
	json_t *step;
	json_array_foreach(plan->steps, i, step)
	{
		enum exit_code code = do_step(plan, step);
		if (code) {
			tell("%zu of %zu were done; apply it again when that is mended", done,
				plan_size(plan));
			return code;
		}
		done += *text_of(step, "what") != '\0';
	}
	if (done)
		tell("%zu done", done);
	return EXIT_OK;
}

/* What is left of a file that could not be made is empty, and would take everything away. */
static bool leaves_nothing(const struct plan *plan)
{
	const struct declared *declared = plan->declared;
	return plan->cli->options & OPTION_PRUNE && !json_array_size(declared->drives) &&
	       !json_array_size(declared->exports) &&
	       (json_array_size(plan->drives) || json_array_size(plan->exports));
}

static enum exit_code refuse_nothing(const struct plan *plan)
{
	return complain(EXIT_USAGE,
		"Say what shall stay, or take them away with `carousel drive rm` and `carousel "
		"export rm`.",
		"%s has no drive and no export, and --prune would remove all of them",
		plan->declared->path);
}

static enum exit_code apply(struct cli *cli, const struct declared *declared)
{
	struct plan plan;
	enum exit_code code = plan_make(cli, declared, &plan);
	if (code)
		return code;
	plan_print(&plan);
	if (!plan_size(&plan))
		tell("nothing to do");
	if (leaves_nothing(&plan))
		code = refuse_nothing(&plan);
	else if (!(cli->options & OPTION_DRY_RUN))
		code = do_all(&plan);
	plan_finish(&plan);
	return code;
}

enum exit_code run_apply(struct cli *cli)
{
	const char *file = option_value(cli, OPTION_FILE);
	struct declared declared;
	if (!file == !(cli->options & OPTION_PRINT))
		return complain(EXIT_USAGE, "Say -f FILE, or --print for what the library is now.",
			"what shall be applied?");
	if (!file)
		return describe_library(cli);
	enum exit_code code = declared_read(file, &declared);
	if (code)
		return code;
	code = apply(cli, &declared);
	declared_finish(&declared);
	return code;
}
