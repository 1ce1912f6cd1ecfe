/* SPDX-License-Identifier: Apache-2.0 */
/* carousel export add, set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exports.h"
#include "secret.h"

enum { LUN_NUMBER_MAX = 16383 };

/* ---- LUNs ---------------------------------------------------------------------------------- */

static bool is_number(const char *text, size_t length)
{
	return length && length <= 5 && strspn(text, "0123456789") >= length;
}

static bool is_lun(const json_t *lun, const char *word)
{
	return is_number(word, strlen(word)) ? number_of(lun, "lun") == atoi(word)
					     : !strcmp(text_of(lun, "drive"), word);
}

static bool has_number(const json_t *luns, long long number)
{
	size_t i;
	json_t *lun;
	json_array_foreach(luns, i, lun) if (number_of(lun, "lun") == number) return true;
	return false;
}

static long long free_number(const json_t *luns)
{
	long long number = 0;
	while (has_number(luns, number))
		number++;
	return number;
}

static enum exit_code remove_lun(json_t *luns, const char *word)
{
	for (size_t i = 0; i < json_array_size(luns); i++)
		if (is_lun(json_array_get(luns, i), word)) {
			json_array_remove(luns, i);
			return EXIT_OK;
		}
	return complain(EXIT_NOT_FOUND, "carousel export show lists them.",
		"the export has no LUN \"%s\"", word);
}

/* "LUN:DRIVE", "LUN=DRIVE", or "DRIVE". */
static enum exit_code add_lun(json_t *luns, const char *word)
{
	size_t length = strcspn(word, ":=");
	const char *drive = word[length] ? word + length + 1 : word;
	bool numbered = drive != word;
	long long number = numbered ? atoi(word) : free_number(luns);
	if (!*drive || (numbered && (!is_number(word, length) || number > LUN_NUMBER_MAX)))
		return complain(EXIT_USAGE, "Use DRIVE, or LUN:DRIVE with a LUN of 0 to 16383.",
			"\"%s\" is no LUN", word);
	if (has_number(luns, number))
		return complain(EXIT_USAGE, "Choose another number, or take that one out first.",
			"LUN %lld is there already", number);
	json_t *lun = json_pack("{s:I, s:s}", "lun", (json_int_t)number, "drive", drive);
	if (!lun)
		return complain(EXIT_USAGE, "carousel drive ls lists the drives.",
			"the name of the drive is not UTF-8");
	json_array_append_new(luns, lun);
	return EXIT_OK;
}

/* The list of the body; an empty one where what was there is replaced. */
static json_t *list_of(json_t *body, const char *name, bool replaced)
{
	if (replaced || !json_is_array(json_object_get(body, name)))
		json_object_set_new(body, name, json_array());
	return json_object_get(body, name);
}

static enum exit_code apply_luns(const struct cli *cli, json_t *body)
{
	enum exit_code code = EXIT_OK;
	json_t *luns = list_of(body, "luns", cli->options & (OPTION_LUN | OPTION_NO_LUNS));
	for (unsigned i = 0; !code && i < cli->given_count; i++)
		if (cli->given[i].option == OPTION_REMOVE_LUN)
			code = remove_lun(luns, cli->given[i].value);
	for (int i = 1; !code && i < cli->argument_count; i++)
		code = add_lun(luns, cli->arguments[i]);
	for (unsigned i = 0; !code && i < cli->given_count; i++)
		if (cli->given[i].option & (OPTION_LUN | OPTION_ADD_LUN))
			code = add_lun(luns, cli->given[i].value);
	return code;
}

/* ---- rules --------------------------------------------------------------------------------- */

/* What one list of rules is called, and the options that change it. */
struct rules {
	const char *name;
	unsigned put, add, remove, any;
};

static const struct rules initiators = {"initiators", OPTION_INITIATOR, OPTION_ADD_INITIATOR,
	OPTION_REMOVE_INITIATOR, OPTION_ANY_INITIATOR};
static const struct rules networks = {
	"networks", OPTION_NETWORK, OPTION_ADD_NETWORK, OPTION_REMOVE_NETWORK, OPTION_ANY_NETWORK};

static bool is_rule(const json_t *item, const char *rule)
{
	return json_is_string(item) && !strcmp(json_string_value(item), rule);
}

/* Its index, or the length of the list. */
static size_t find_rule(const json_t *list, const char *rule)
{
	size_t i = 0;
	while (i < json_array_size(list) && !is_rule(json_array_get(list, i), rule))
		i++;
	return i;
}

static enum exit_code remove_rule(json_t *list, const char *name, const char *rule)
{
	size_t at = find_rule(list, rule);
	if (at == json_array_size(list))
		return complain(EXIT_NOT_FOUND, "carousel export show lists them.",
			"\"%s\" is none of the %s", rule, name);
	json_array_remove(list, at);
	return EXIT_OK;
}

static enum exit_code add_rule(json_t *list, const char *name, const char *rule)
{
	if (find_rule(list, rule) < json_array_size(list))
		return EXIT_OK;
	return json_array_append_new(list, json_string(rule))
		       ? complain(EXIT_USAGE, "Correct it.", "one of the %s is not UTF-8", name)
		       : EXIT_OK;
}

static enum exit_code apply_rules(const struct cli *cli, json_t *body, const struct rules *rules)
{
	enum exit_code code = EXIT_OK;
	json_t *list = list_of(body, rules->name, cli->options & (rules->put | rules->any));
	for (unsigned i = 0; !code && i < cli->given_count; i++) {
		const struct given *given = &cli->given[i];
		if (given->option == rules->remove)
			code = remove_rule(list, rules->name, given->value);
		else if (given->option & (rules->put | rules->add))
			code = add_rule(list, rules->name, given->value);
	}
	return code;
}

/* ---- CHAP ---------------------------------------------------------------------------------- */

struct chap {
	const char *name; /* of the member */
	unsigned user, file, none;
	const char *user_option;
};

static const struct chap chap = {
	"chap", OPTION_CHAP_USER, OPTION_CHAP_SECRET_FILE, OPTION_NO_CHAP, "--chap-user"};
static const struct chap mutual = {"mutual_chap", OPTION_MUTUAL_USER, OPTION_MUTUAL_SECRET_FILE,
	OPTION_NO_CHAP | OPTION_NO_MUTUAL, "--mutual-user"};

static enum exit_code put_secret(const struct cli *cli, json_t *object, const struct chap *which)
{
	const char *path = option_value(cli, which->file);
	char secret[SECRET_MAX];
	if (!path)
		return EXIT_OK;
	enum exit_code code = secret_read(path, text_of(object, "user"), secret);
	if (!code && json_object_set_new(object, "secret", json_string(secret)))
		code = complain(EXIT_USAGE, "Use another.", "the secret is not UTF-8");
	explicit_bzero(secret, sizeof secret);
	return code;
}

static enum exit_code apply_chap(const struct cli *cli, json_t *body, const struct chap *which)
{
	const char *user = option_value(cli, which->user);
	if (cli->options & which->none)
		json_object_set_new(body, which->name, json_null());
	if (user && json_object_set_new(body, which->name, json_pack("{s:s}", "user", user)))
		return complain(EXIT_USAGE, "Choose another.", "the user is not UTF-8");
	json_t *object = json_object_get(body, which->name);
	if (cli->options & which->file && !json_is_object(object))
		return complain(
			EXIT_USAGE, "Say both.", "a secret needs its user, %s", which->user_option);
	return put_secret(cli, object, which);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static enum exit_code check_stdin(const struct cli *cli)
{
	const char *first = option_value(cli, OPTION_CHAP_SECRET_FILE);
	const char *second = option_value(cli, OPTION_MUTUAL_SECRET_FILE);
	if (first && second && !strcmp(first, "-") && !strcmp(second, "-"))
		return complain(EXIT_USAGE, "Put one of them into a file.",
			"two secrets cannot both come from stdin");
	return EXIT_OK;
}

static enum exit_code apply_rest(const struct cli *cli, json_t *body)
{
	const char *target = option_value(cli, OPTION_TARGET);
	const char *transport = option_value(cli, OPTION_TRANSPORT);
	if (target && json_object_set_new(body, "target", json_string(target)))
		return complain(EXIT_USAGE, "Choose another.", "the target is not UTF-8");
	if (transport && json_object_set_new(body, "transport", json_string(transport)))
		return complain(EXIT_USAGE, "Use portal or kernel.", "the transport is not UTF-8");
	if (cli->options & (OPTION_OPEN | OPTION_NO_OPEN))
		json_object_set_new(body, "open", json_boolean(cli->options & OPTION_OPEN));
	return EXIT_OK;
}

/* What was said, into the body. */
static enum exit_code apply(const struct cli *cli, json_t *body)
{
	enum exit_code code = check_stdin(cli);
	if (!code)
		code = apply_luns(cli, body);
	if (!code)
		code = apply_rules(cli, body, &initiators);
	if (!code)
		code = apply_rules(cli, body, &networks);
	if (!code)
		code = apply_rest(cli, body);
	if (!code)
		code = apply_chap(cli, body, &chap);
	return code ? code : apply_chap(cli, body, &mutual);
}

static void warn(const json_t *export)
{
	if (*text_of(export, "warning"))
		tell("! %s", text_of(export, "warning"));
}

enum exit_code run_export_add(struct cli *cli)
{
	json_t *export = NULL, *body = json_pack("{s:s}", "name", cli->arguments[0]);
	if (!body)
		return complain(EXIT_USAGE, "Choose another.", "the name is not UTF-8");
	enum exit_code code = apply(cli, body);
	if (!code)
		code = client_call(cli, "POST", "/api/v1/exports", body, &export);
	json_decref(body);
	if (!code && cli->json) {
		print_json(cli, export);
	} else if (!code) {
		tell("added %s as %s", text_of(export, "name"), text_of(export, "target"));
		tell("How hosts attach it: carousel export show %s", text_of(export, "name"));
		warn(export);
	}
	json_decref(export);
	return code;
}

/* ---- set ----------------------------------------------------------------------------------- */

/* What a change would have to send again: all but what only the daemon knows. */
static json_t *changeable(const json_t *export)
{
	json_t *body = json_deep_copy(export);
	json_object_del(body, "name");
	json_object_del(body, "warning");
	json_object_del(body, "session_count");
	return body;
}

static bool is_of_kernel(const json_t *export)
{
	return !strcmp(text_of(export, "transport"), "kernel");
}

static void report(const struct cli *cli, const json_t *before, const json_t *after)
{
	char sessions[SESSIONS_TEXT_MAX];
	json_t *old = changeable(before), *new = changeable(after);
	bool secret = cli->options & (OPTION_CHAP_SECRET_FILE | OPTION_MUTUAL_SECRET_FILE);
	closed_sessions(before, sessions);
	if (json_equal(old, new) && !secret)
		tell("%s was so already", text_of(after, "name"));
	else if (json_equal(old, new))
		tell("%s has that secret now%s%s", text_of(after, "name"),
			*sessions ? "; if it is a new one, this closed its " : "", sessions);
	else if (*sessions && is_of_kernel(before) && is_of_kernel(after))
		tell("changed %s; who may not log in any more, or has other drives now, was logged "
		     "out",
			text_of(after, "name"));
	else if (*sessions)
		tell("changed %s and closed its %s; initiators log in again by themselves",
			text_of(after, "name"), sessions);
	else
		tell("changed %s", text_of(after, "name"));
	json_decref(old);
	json_decref(new);
	warn(after);
}

static enum exit_code put(const struct cli *cli, const json_t *before)
{
	char path[CLIENT_PATH_MAX];
	json_t *after = NULL, *body = changeable(before);
	enum exit_code code = apply(cli, body);
	if (!code && !client_path(path, "/api/v1/exports/", text_of(before, "name"), ""))
		code = EXIT_USAGE;
	if (!code)
		code = client_call(cli, "PUT", path, body, &after);
	json_decref(body);
	if (!code && cli->json)
		print_json(cli, after);
	else if (!code)
		report(cli, before, after);
	json_decref(after);
	return code;
}

enum exit_code run_export_set(struct cli *cli)
{
	json_t *before = NULL;
	if (!cli->options)
		return complain(EXIT_USAGE, "carousel export set --help lists what there is.",
			"nothing was said that should change");
	enum exit_code code = export_read(cli, cli->arguments[0], &before);
	if (!code)
		code = put(cli, before);
	json_decref(before);
	return code;
}
