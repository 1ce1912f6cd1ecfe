/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the file: inih takes lines apart; sections and line numbers are seen on the way to it. */
#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "catalog/catalog.h"
#include "config_keys.h"
#include "util/cleanup.h"
#include "util/error.h"

struct parser {
	struct config *config;
	const char *path;
	FILE *file;
	unsigned line;
	const char *section; /* "daemon", "drive" …; NULL before the first */
	uint64_t seen;       /* bit per row of config_keys: stood in the file */
	bool failed;
	struct error *error;
};

#define SECTIONS "[daemon], [web], [media], [portal], [kernel], [drive NAME] and [export NAME]"

static bool fail(struct parser *p, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The first error is the one to tell. */
static bool fail(struct parser *p, const char *remedy, const char *format, ...)
{
	char what[256];
	va_list args;
	if (p->failed)
		return false;
	p->failed = true;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	return error_set(
		p->error, ERROR_CONFIGURATION, remedy, "%s:%u: %s", p->path, p->line, what);
}

static bool no_memory(struct parser *p)
{
	return fail(p, "Give carouseld more memory.", "out of memory");
}

/* Sections of which there may be several, each with a name. */
static bool is_named(const char *section)
{
	return strcmp(section, "drive") == 0 || strcmp(section, "export") == 0;
}

static void *section_struct(struct parser *p)
{
	struct config *config = p->config;
	if (strcmp(p->section, "drive") == 0)
		return &config->drives[config->drive_count - 1];
	if (strcmp(p->section, "export") == 0)
		return &config->exports[config->export_count - 1];
	return config;
}

/* Defaults of keys that did not stand in the section that ends. */
static void set_defaults(struct parser *p, const char *section)
{
	p->section = section;
	for (unsigned i = 0; i < CONFIG_KEYS; i++) {
		const struct config_key *key = &config_keys[i];
		if (strcmp(key->section, section) != 0 || p->seen & UINT64_C(1) << i)
			continue;
		if (!key->set(section_struct(p), key->offset, key->initial))
			no_memory(p);
	}
}

/* Keys are remembered for each named section anew, and for the others in all of the file. */
static void forget_keys(struct parser *p, const char *section)
{
	for (unsigned i = 0; i < CONFIG_KEYS; i++)
		if (strcmp(config_keys[i].section, section) == 0)
			p->seen &= ~(UINT64_C(1) << i);
}

static void end_section(struct parser *p)
{
	if (!p->section || !is_named(p->section))
		return;
	set_defaults(p, p->section);
	forget_keys(p, p->section);
}

static bool name_is_valid(struct parser *p, const char *kind, const char *name)
{
	return catalog_drive_name_valid(name) ||
	       fail(p,
		       "Use at most 32 of a-z, 0-9, '.', '_' and '-', beginning with a letter or "
		       "digit, and not \"any\".",
		       "\"%.64s\" is not allowed as the name of %s", name, kind);
}

static bool given_twice(struct parser *p, const char *section, const char *name)
{
	return fail(
		p, "Give each one section.", "there is a section [%s %s] already", section, name);
}

static bool begin_drive(struct parser *p, const char *name)
{
	struct config *config = p->config;
	for (unsigned i = 0; i < config->drive_count; i++)
		if (strcmp(config->drives[i].name, name) == 0)
			return given_twice(p, "drive", name);
	struct config_drive *drives =
		reallocarray(config->drives, config->drive_count + 1, sizeof *drives);
	if (drives)
		config->drives = drives;
	char *copy = drives ? strdup(name) : NULL;
	if (!copy)
		return no_memory(p);
	drives[config->drive_count++] = (struct config_drive){.name = copy};
	p->section = "drive";
	return true;
}

static bool begin_export(struct parser *p, const char *name)
{
	struct config *config = p->config;
	for (unsigned i = 0; i < config->export_count; i++)
		if (strcmp(config->exports[i].name, name) == 0)
			return given_twice(p, "export", name);
	struct config_export *exports =
		reallocarray(config->exports, config->export_count + 1, sizeof *exports);
	if (exports)
		config->exports = exports;
	char *copy = exports ? strdup(name) : NULL;
	if (!copy)
		return no_memory(p);
	exports[config->export_count++] = (struct config_export){.name = copy};
	p->section = "export";
	return true;
}

/* What stands behind "KIND " in the header of a section, or NULL. */
static const char *name_in(const char *header, const char *kind)
{
	size_t length = strlen(kind);
	if (strncmp(header, kind, length) != 0 || header[length] != ' ')
		return NULL;
	return header + length + strspn(header + length, " \t");
}

static bool begin_section(struct parser *p, const char *name)
{
	end_section(p);
	p->section = NULL;
	const char *drive = name_in(name, "drive"), *export = name_in(name, "export");
	if (drive)
		return name_is_valid(p, "a drive", drive) && begin_drive(p, drive);
	if (export)
		return name_is_valid(p, "an export", export) && begin_export(p, export);
	for (unsigned i = 0; i < CONFIG_KEYS; i++)
		if (strcmp(config_keys[i].section, name) == 0)
			p->section = config_keys[i].section;
	if (!p->section || is_named(p->section)) {
		p->section = NULL;
		return fail(p, "The sections are " SECTIONS ".", "unknown section [%.64s]", name);
	}
	return true;
}

/* A section may be empty, and inih tells of sections only with a key in them. */
static void notice_section(struct parser *p, const char *line)
{
	const char *end = strchr(line, ']');
	if (line[0] != '[' || !end || p->failed)
		return;
	char *name = strndup(line + 1, (size_t)(end - line - 1));
	if (name)
		begin_section(p, name);
	else
		no_memory(p);
	free(name);
}

/*
 * Indentation is taken off: to inih it would mean that the line before goes on. A line that does
 * not fit in its buffer would be taken for two.
 */
static char *read_line(char *line, int size, void *stream)
{
	struct parser *p = stream;
	if (!fgets(line, size, p->file))
		return NULL;
	p->line++;
	size_t length = strlen(line);
	if (length + 1 == (size_t)size && line[length - 1] != '\n')
		fail(p, "Shorten it.", "the line is longer than %d characters", size - 2);
	size_t indentation = strspn(line, " \t");
	memmove(line, line + indentation, length - indentation + 1);
	notice_section(p, line);
	return line;
}

static void list_keys(const char *section, char *ret, size_t size)
{
	FILE *text = fmemopen(ret, size, "w");
	fprintf(text, "Its keys are");
	for (unsigned i = 0, n = 0; i < CONFIG_KEYS; i++)
		if (strcmp(config_keys[i].section, section) == 0)
			fprintf(text, "%s %s", n++ ? "," : "", config_keys[i].name);
	fprintf(text, ".");
	fclose(text);
}

static bool unknown_key(struct parser *p, const char *name)
{
	char known[256];
	list_keys(p->section, known, sizeof known);
	return fail(p, known, "unknown key \"%.64s\" in [%s]", name, p->section);
}

static bool set_key(struct parser *p, const struct config_key *key, const char *value)
{
	uint64_t bit = UINT64_C(1) << (key - config_keys);
	char remedy[224];
	if (p->seen & bit && !key->repeats)
		return fail(p, "Leave one of them.", "%s is given a second time", key->name);
	p->seen |= bit;
	if (key->set(section_struct(p), key->offset, value))
		return true;
	snprintf(remedy, sizeof remedy, "Give %s.", key->expected);
	return fail(p, remedy, "\"%.128s\" is not a value of %s", value, key->name);
}

/* Nonzero is success, as inih wants it. */
static int handle(void *user, const char *section, const char *name, const char *value)
{
	struct parser *p = user;
	(void)section; /* cut to 50 characters */
	if (p->failed)
		return 1;
	if (!p->section)
		return fail(p, "Begin the file with one of " SECTIONS ".",
			"the key \"%.64s\" is in no section", name);
	const struct config_key *key = config_key_find(p->section, name);
	return key ? set_key(p, key, value) : unknown_key(p, name);
}

static bool make_absolute(struct parser *p, char **path, const char *directory)
{
	char *absolute;
	if ((*path)[0] == '/')
		return true;
	if (asprintf(&absolute, "%s/%s", directory, *path) < 0)
		return no_memory(p);
	free(*path);
	*path = absolute;
	return true;
}

static bool complete_exports(struct parser *p)
{
	for (unsigned i = 0; i < p->config->export_count; i++) {
		struct config_export *export = &p->config->exports[i];
		const char *state_dir = p->config->state_dir;
		if ((export->chap_secret_file[0] &&
			    !make_absolute(p, &export->chap_secret_file, state_dir)) ||
			(export->mutual_secret_file[0] &&
				!make_absolute(p, &export->mutual_secret_file, state_dir)))
			return false;
	}
	return true;
}

/* A token must not cross a network that somebody reads. */
static bool check_web(struct parser *p)
{
	const struct config *config = p->config;
	bool tls = config->tls_certificate[0];
	if (tls != (config->tls_key[0] != '\0'))
		return fail(p, "Set both, or none of them.",
			"tls_certificate and tls_key belong together");
	if (!config->listen_host[0] || access_address_is_loopback(config->listen_host) || tls ||
		config->allow_unencrypted)
		return true;
	return fail(p,
		"Set tls_certificate and tls_key, or listen on 127.0.0.1 or ::1, or say "
		"allow_unencrypted = yes.",
		"[web] listens on %s without TLS: tokens would cross the network unencrypted",
		config->listen_host);
}

static bool complete(struct parser *p)
{
	static const char *const sections[] = {"daemon", "web", "media", "portal", "kernel"};
	end_section(p);
	for (unsigned i = 0; i < sizeof sections / sizeof sections[0]; i++)
		set_defaults(p, sections[i]);
	return !p->failed && check_web(p) &&
	       make_absolute(p, &p->config->socket, p->config->runtime_dir) &&
	       make_absolute(p, &p->config->token_file, p->config->state_dir) &&
	       make_absolute(p, &p->config->tape_dir, p->config->state_dir) && complete_exports(p);
}

static bool parse(struct parser *p)
{
	int bad_line = ini_parse_stream(read_line, p, handle, p);
	if (bad_line != 0 && !p->failed) {
		p->line = bad_line > 0 ? (unsigned)bad_line : p->line;
		return fail(p, "Write [section] or key = value; # begins a comment.",
			"the line cannot be understood");
	}
	return !p->failed;
}

static bool unreadable(struct parser *p)
{
	return error_set(p->error, ERROR_CONFIGURATION,
		"Make one with carouseld --print-config, or name another with --config.",
		"cannot read the configuration %.200s: %s", p->path, strerror(errno));
}

static bool load(struct parser *p)
{
	if (!p->path)
		return complete(p);
	p->file = fopen(p->path, "re");
	if (!p->file)
		return unreadable(p);
	bool ok = parse(p) && (!ferror(p->file) || unreadable(p)) && complete(p);
	fclose(p->file);
	return ok;
}

bool config_load(struct config *config, const char *path, struct error *error)
{
	struct config fresh = {0};
	struct parser p = {.config = &fresh, .path = path, .error = error};
	if (!load(&p)) {
		config_finish(&fresh);
		return false;
	}
	*config = fresh;
	return true;
}

static void finish_export(struct config_export *export)
{
	free(export->name);
	free(export->target);
	free(export->transport);
	free(export->luns);
	free(export->initiators);
	free(export->networks);
	free(export->chap_user);
	free(export->chap_secret_file);
	free(export->mutual_user);
	free(export->mutual_secret_file);
}

void config_finish(struct config *config)
{
	for (unsigned i = 0; i < config->pool_count; i++)
		free(config->pools[i]);
	for (unsigned i = 0; i < config->drive_count; i++) {
		free(config->drives[i].name);
		free(config->drives[i].personality);
		free(config->drives[i].medium);
	}
	for (unsigned i = 0; i < config->portal_listen_count; i++)
		free(config->portal_listen[i]);
	for (unsigned i = 0; i < config->export_count; i++)
		finish_export(&config->exports[i]);
	for (unsigned i = 0; i < config->kernel_listen_count; i++)
		free(config->kernel_listen[i]);
	free(config->kernel_listen);
	free(config->portal_listen);
	free(config->portal_prefix);
	free(config->exports);
	free(config->pools);
	free(config->drives);
	free(config->state_dir);
	free(config->runtime_dir);
	free(config->tls_certificate);
	free(config->tls_key);
	free(config->hosts);
	free(config->socket);
	free(config->socket_group);
	free(config->listen_host);
	free(config->token_file);
	free(config->tape_dir);
	*config = (struct config){0};
}

bool config_drive_loopback(const struct config_drive *drive, bool kernel_target)
{
	return drive->shown == SHOWN_LOOPBACK || (drive->shown == SHOWN_AUTO && kernel_target);
}
