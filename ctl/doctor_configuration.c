/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's own opinion of its configuration and of its catalog. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "shell.h"

enum { SAID_MAX = 2048 };

/* Two lines: what is wrong, and what to do about it. */
static void take_apart(char *said, const char **ret_what, const char **ret_remedy)
{
	static const char prefix[] = "carouseld: ";
	char *end = strchr(said, '\n');
	*ret_what = strncmp(said, prefix, sizeof prefix - 1) ? said : said + sizeof prefix - 1;
	*ret_remedy = NULL;
	if (!end)
		return;
	*end = '\0';
	char *remedy = end + 1 + strspn(end + 1, " ");
	remedy[strcspn(remedy, "\n")] = '\0';
	*ret_remedy = remedy;
}

static bool is_kept_from_us(const struct machine *machine, const char *path)
{
	char full[MACHINE_PATH_MAX];
	return !machine->is_root && path && *path &&
	       access(machine_path(full, machine, "%s", path), R_OK) < 0 && errno == EACCES;
}

/* What a daemon that runs has read is behind it: a mistake counts at its next start. */
void doctor_configuration(const struct machine *machine, const struct program *program)
{
	struct findings *findings = machine->findings;
	const char *what, *remedy, *file = program->configuration;
	char said[SAID_MAX], quoted[DOCTOR_TEXT_MAX - 128];
	if (!file && machine_has(machine, "/etc/carousel/carousel.conf"))
		file = "/etc/carousel/carousel.conf";
	if (is_kept_from_us(machine, file)) {
		not_looked_at(findings, "configuration", "this user may not read it");
		return;
	}
	int status = program_ask(program, "--check-config", said, sizeof said);
	if (status == 0) {
		found(findings, DOCTOR_FINE, "configuration", NULL, "%s is as it should be",
			file ? file : "every setting is the default, which");
		return;
	}
	if (status < 0 || status == 127) {
		found(findings, DOCTOR_NOTE, "carouseld", "Install carouseld, or add it to PATH.",
			"it is not installed here");
		return;
	}
	take_apart(said, &what, &remedy);
	found(findings, machine->daemon ? DOCTOR_WARNING : DOCTOR_PROBLEM, "configuration", remedy,
		"%s", *what ? what : "carouseld does not start");
	if (file)
		mend(findings, "\"${EDITOR:-vi}\" %s", shell_quote(file, quoted, sizeof quoted));
}

void doctor_catalog(const struct machine *machine, const struct program *program,
	const struct settings *settings)
{
	struct findings *findings = machine->findings;
	const char *what, *remedy;
	char said[SAID_MAX], path[SETTINGS_PATH_MAX + 16], quoted[256];
	snprintf(path, sizeof path, "%s/catalog.db", settings->state_dir);
	if (is_kept_from_us(machine, path)) {
		not_looked_at(findings, "catalog", "only root and the daemon may read it");
		return;
	}
	int status = program_ask(program, "--check-catalog", said, sizeof said);
	take_apart(said, &what, &remedy);
	if (status == 0) {
		found(findings, DOCTOR_FINE, "catalog", NULL, "%s", what);
		return;
	}
	found(findings, DOCTOR_PROBLEM, "catalog", remedy, "%s",
		*what ? what : "carouseld cannot check it");
	shell_quote(path, quoted, sizeof quoted);
	if (strstr(what, "damaged") || strstr(what, "malformed"))
		mend(findings, "sqlite3 %s .recover | sqlite3 recovered.db", quoted);
	else
		mend(findings, "ls -l %s", quoted);
}
