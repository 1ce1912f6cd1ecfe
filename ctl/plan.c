/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "human.h"
#include "util/cleanup.h"

void step_add(json_t *steps, const struct step *step)
{
	char path[CLIENT_PATH_MAX];
	if (!client_path(path, step->before, step->name, step->after)) {
		json_decref(step->body);
		return;
	}
	json_array_append_new(steps,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o*, s:O*}", "action", step->action,
			"kind", step->kind, "name", step->name, "what", step->what, "method",
			step->method, "path", path, "body", step->body, "table", step->table));
}

static bool is_shown(const json_t *step)
{
	return *text_of(step, "what");
}

void plan_keep(struct plan *plan, const char *kind, const char *name)
{
	json_array_append_new(plan->staying, json_sprintf("%s %s", kind, name));
}

size_t plan_size(const struct plan *plan)
{
	size_t i, count = 0;
	json_t *step;
	json_array_foreach(plan->steps, i, step) count += is_shown(step);
	return count;
}

/* ---- printing --------------------------------------------------------------------------------
 */

/* Without what is sent: there are secrets in it. */
static void print_for_programs(const struct plan *plan)
{
	static const char *const shown[] = {"action", "kind", "name", "what"};
	json_t *all = json_array(), *step;
	size_t i;
	json_array_foreach(plan->steps, i, step)
	{
		json_t *one = json_object();
		for (size_t k = 0; k < sizeof shown / sizeof *shown; k++)
			json_object_set(one, shown[k], json_object_get(step, shown[k]));
		if (is_shown(step))
			json_array_append(all, one);
		json_decref(one);
	}
	print_json(plan->cli, all);
	json_decref(all);
}

static void print_step(const struct plan *plan, const json_t *step)
{
	const char *action = text_of(step, "action");
	char sign = !strcmp(action, "add") ? '+' : !strcmp(action, "remove") ? '-' : '~';
	int colour = sign == '+' ? 32 : sign == '-' ? 31 : 33;
	_cleanup_free_ char *what = human_printable(text_of(step, "what"));
	if (plan->cli->colour)
		printf("\033[%dm%c\033[0m %s\n", colour, sign, what ? what : "");
	else
		printf("%c %s\n", sign, what ? what : "");
}

void plan_print(const struct plan *plan)
{
	size_t i;
	json_t *step;
	if (plan->cli->json) {
		print_for_programs(plan);
		return;
	}
	json_array_foreach(plan->steps, i, step) if (is_shown(step)) print_step(plan, step);
}

/* ---- making ----------------------------------------------------------------------------------
 */

static enum exit_code read_items(const struct cli *cli, const char *path, json_t **ret)
{
	json_t *answer = NULL;
	enum exit_code code = client_list(cli, path, &answer);
	if (!code)
		*ret = json_incref(json_object_get(answer, "items"));
	json_decref(answer);
	return code;
}

static void tell_staying(const struct plan *plan)
{
	size_t i;
	json_t *one;
	json_array_foreach(plan->staying, i, one)
		tell("%s is not in the file, and stays", json_string_value(one));
}

enum exit_code plan_make(struct cli *cli, const struct declared *declared, struct plan *ret)
{
	*ret = (struct plan){
		.cli = cli, .declared = declared, .steps = json_array(), .staying = json_array()};
	enum exit_code code = read_items(cli, "/api/v1/drives", &ret->drives);
	if (!code)
		code = read_items(cli, "/api/v1/exports", &ret->exports);
	if (!code)
		code = plan_drives(ret);
	if (!code)
		code = plan_exports(ret);
	if (!code)
		code = plan_media(ret);
	if (code)
		plan_finish(ret);
	else
		tell_staying(ret);
	return code;
}

void plan_finish(struct plan *plan)
{
	json_decref(plan->drives);
	json_decref(plan->exports);
	json_decref(plan->staying);
	json_decref(plan->steps);
	*plan = (struct plan){0};
}
