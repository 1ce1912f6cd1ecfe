/* SPDX-License-Identifier: Apache-2.0 */
/* carousel doctor. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"
#include "human.h"
#include "util/cleanup.h"

enum { ISCSI_PORT = 3260 };

static const char *const level_names[] = {"fine", "note", "warning", "problem"};

void findings_finish(struct findings *findings)
{
	free(findings->items);
	*findings = (struct findings){0};
}

static struct finding *next(struct findings *findings)
{
	if (findings->count == findings->capacity) {
		size_t capacity = findings->capacity ? 2 * findings->capacity : 16;
		struct finding *items =
			reallocarray(findings->items, capacity, sizeof *findings->items);
		if (!items)
			return NULL;
		findings->items = items;
		findings->capacity = capacity;
	}
	return &findings->items[findings->count++];
}

void found(struct findings *findings, enum doctor_level level, const char *subject,
	const char *remedy, const char *format, ...)
{
	struct finding *finding = next(findings);
	if (!finding)
		return;
	va_list arguments;
	va_start(arguments, format);
	finding->level = level;
	snprintf(finding->subject, sizeof finding->subject, "%s", subject);
	vsnprintf(finding->what, sizeof finding->what, format, arguments);
	snprintf(finding->remedy, sizeof finding->remedy, "%s", remedy ? remedy : "");
	va_end(arguments);
}

enum doctor_level findings_worst(const struct findings *findings)
{
	enum doctor_level worst = DOCTOR_FINE;
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].level > worst)
			worst = findings->items[i].level;
	return worst;
}

/* ---- telling ------------------------------------------------------------------------------------
 */

static void print(const struct finding *finding)
{
	_cleanup_free_ char *subject = human_printable(finding->subject);
	_cleanup_free_ char *what = human_printable(finding->what);
	_cleanup_free_ char *remedy = human_printable(finding->remedy);
	printf("%-7s  %s: %s\n", level_names[finding->level], subject ? subject : "",
		what ? what : "");
	if (remedy && *remedy)
		printf("         %s\n", remedy);
}

/* The worst first. */
static void print_findings(const struct findings *findings, bool all)
{
	bool any = false;
	for (int level = DOCTOR_PROBLEM; level >= (all ? DOCTOR_FINE : DOCTOR_NOTE); level--)
		for (size_t i = 0; i < findings->count; i++)
			if (findings->items[i].level == (enum doctor_level)level) {
				print(&findings->items[i]);
				any = true;
			}
	if (!any)
		puts("Nothing is wrong.");
}

static json_t *shape(const struct findings *findings)
{
	json_t *items = json_array();
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		json_array_append_new(items,
			json_pack("{s:s, s:s%, s:s%, s:s%}", "level", level_names[finding->level],
				"subject", finding->subject, strlen(finding->subject), "what",
				finding->what, strlen(finding->what), "remedy", finding->remedy,
				strlen(finding->remedy)));
	}
	return json_pack(
		"{s:s, s:o}", "worst", level_names[findings_worst(findings)], "items", items);
}

/* ---- looking ------------------------------------------------------------------------------------
 */

/* The daemon that was installed or built with this program, else the one in PATH. */
static const char *daemon_program(char ret[4096])
{
	static const char *const beside[] = {
		"carouseld", "../sbin/carouseld", "../daemon/carouseld"};
	char own[2048];
	ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
	char *slash = length > 0 ? (own[length] = '\0', strrchr(own, '/')) : NULL;
	for (size_t i = 0; slash && i < sizeof beside / sizeof *beside; i++) {
		snprintf(ret, 4096, "%.*s/%s", (int)(slash - own), own, beside[i]);
		if (access(ret, X_OK) == 0)
			return ret;
	}
	return "carouseld";
}

static void look(struct findings *findings, const struct cli *cli)
{
	struct utsname kernel;
	char program[4096];
	bool is_root = geteuid() == 0, has_portal;
	bool answers = doctor_daemon(findings, cli, &has_portal);
	if (cli->url)
		return; /* the daemon may be of another machine, and this one is no matter then */
	if (!answers)
		doctor_configuration(findings, daemon_program(program));
	if (!has_portal)
		doctor_port(findings, "", ISCSI_PORT, is_root);
	doctor_kernel(findings, "", uname(&kernel) == 0 ? kernel.release : "", is_root);
}

enum exit_code run_doctor(struct cli *cli)
{
	struct findings findings = {0};
	look(&findings, cli);
	if (cli->json) {
		json_t *all = shape(&findings);
		print_json(all);
		json_decref(all);
	} else {
		print_findings(&findings, cli->options & OPTION_ALL);
	}
	enum doctor_level worst = findings_worst(&findings);
	findings_finish(&findings);
	return worst > DOCTOR_NOTE ? EXIT_FAILED : EXIT_OK;
}
