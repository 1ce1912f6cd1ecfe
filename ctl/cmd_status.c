/* SPDX-License-Identifier: Apache-2.0 */
/* carousel status, carousel health. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "drives.h"
#include "human.h"
#include "tapes.h"
#include "util/cleanup.h"

static void print_trouble(const char *what, const char *why)
{
	static bool any;
	if (!any)
		putchar('\n');
	any = true;
	_cleanup_free_ char *clean_what = human_printable(what);
	_cleanup_free_ char *clean_why = human_printable(why);
	printf("! %s: %s\n", clean_what ? clean_what : "", clean_why ? clean_why : "");
}

/* "127.0.0.1:3260 [::1]:3260", or "" when `what` listens nowhere. */
static const char *addresses_text(const json_t *health, const char *what, char *ret, size_t size)
{
	size_t i, length = 0;
	json_t *address;
	*ret = '\0';
	json_array_foreach(json_object_get(health, what), i, address) if (length < size) length +=
		(size_t)snprintf(ret + length, size - length, "%s%s", i ? " " : "",
			json_string_value(address) ? json_string_value(address) : "");
	return ret;
}

static bool has_portal(const json_t *health)
{
	return json_array_size(json_object_get(health, "portal"));
}

static bool has_kernel_target(const json_t *health)
{
	return !strcmp(text_of(health, "transport"), "target_core_user");
}

static size_t count_exports(const json_t *exports, const char *transport)
{
	size_t i, count = 0;
	json_t *export;
	json_array_foreach(exports, i, export) count +=
		!strcmp(text_of(export, "transport"), transport);
	return count;
}

static long long count_sessions(const json_t *exports, const char *transport)
{
	size_t i;
	long long count = 0;
	json_t *export;
	json_array_foreach(exports, i, export) if (!strcmp(text_of(export, "transport"), transport))
		count += number_of(export, "session_count");
	return count;
}

static void print_drive_troubles(const json_t *drive)
{
	char tape[TAPE_TEXT_MAX], alerts[TAPE_TEXT_MAX], said[TAPE_TEXT_MAX + 16];
	snprintf(said, sizeof said, *tape_alerts(drive, alerts) ? "TapeAlert: %s" : "%s", alerts);
	const char *troubles[] = {text_of(drive, "failure"), tape_trouble(drive, tape), said};
	for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
		if (*troubles[i])
			print_trouble(text_of(drive, "name"), troubles[i]);
}

/* A pool that is not watched because that is not wanted is none. */
static void print_pool_troubles(const json_t *pool)
{
	char what[512];
	const char *watch = text_of(pool, "watch");
	snprintf(what, sizeof what, "pool %.400s%s", text_of(pool, "path"),
		!strcmp(watch, "rescan") ? " is looked through in turn only" : "");
	if (!strcmp(watch, "rescan") || !strcmp(watch, "absent"))
		print_trouble(what, text_of(pool, "reason"));
}

/* What keeps hosts from seeing drives, and what is wrong with those. */
static void print_troubles(const json_t *health, const json_t *drives, const json_t *exports)
{
	size_t i;
	json_t *item;
	if (!has_portal(health) && !has_kernel_target(health))
		print_trouble("no host sees the drives: there is no portal, and no kernel target",
			text_of(health, "transport"));
	if (!has_portal(health) && count_exports(exports, "portal"))
		print_trouble("nobody can log in to the exports", "there is no portal");
	if (*text_of(health, "kernel_reason") && count_exports(exports, "kernel"))
		print_trouble("nobody can log in to exports of the kernel",
			text_of(health, "kernel_reason"));
	if (*text_of(health, "warning"))
		print_trouble("a device of another program", text_of(health, "warning"));
	json_array_foreach(json_object_get(health, "pools"), i, item) print_pool_troubles(item);
	json_array_foreach(drives, i, item) print_drive_troubles(item);
	json_array_foreach(exports, i, item) if (*text_of(item, "warning"))
		print_trouble(text_of(item, "name"), text_of(item, "warning"));
}

/* Of exports by one transport: "portal 127.0.0.1:3260: 2 exports, 1 session". */
static void print_transport(const json_t *health, const json_t *exports, const char *transport)
{
	char addresses[512];
	size_t count = count_exports(exports, transport);
	long long sessions = count_sessions(exports, transport);
	printf("%s %s: %zu export%s, %lld session%s\n", transport,
		addresses_text(health, transport, addresses, sizeof addresses), count,
		count == 1 ? "" : "s", sessions, sessions == 1 ? "" : "s");
}

static void print_transports(const json_t *health, const json_t *exports)
{
	if (has_portal(health))
		print_transport(health, exports, "portal");
	if (json_array_size(json_object_get(health, "kernel")) && count_exports(exports, "kernel"))
		print_transport(health, exports, "kernel");
}

static void print_summary(const json_t *health)
{
	char uptime[32];
	printf("carousel %s: %s, %lld %s, %lld %s, up %s\n", text_of(health, "version"),
		is_set(health, "ready") ? "ready" : "NOT READY", number_of(health, "drives"),
		number_of(health, "drives") == 1 ? "drive" : "drives", number_of(health, "media"),
		number_of(health, "media") == 1 ? "medium" : "media",
		human_duration(number_of(health, "uptime_s"), uptime, sizeof uptime));
}

static void print_status(
	const struct cli *cli, const json_t *health, const json_t *drives, const json_t *exports)
{
	print_summary(health);
	print_transports(health, exports);
	putchar('\n');
	if (json_array_size(drives))
		drive_print_all(cli, drives);
	else
		puts("No drives yet: carousel drive add dvd0");
	print_troubles(health, drives, exports);
}

enum exit_code run_status(struct cli *cli)
{
	json_t *health = NULL, *drives = NULL, *exports = NULL;
	enum exit_code code = client_call(cli, "GET", "/api/v1/status", NULL, &health);
	if (!code)
		code = drive_read_all(cli, &drives);
	if (!code)
		code = client_list(cli, "/api/v1/exports", &exports);
	json_t *all = json_pack("{s:O*, s:O*, s:O*}", "health", health, "drives",
		json_object_get(drives, "items"), "exports", json_object_get(exports, "items"));
	if (!code && cli->json)
		print_json(cli, all);
	else if (!code)
		print_status(cli, health, json_object_get(all, "drives"),
			json_object_get(all, "exports"));
	json_decref(all);
	json_decref(health);
	json_decref(drives);
	json_decref(exports);
	return code;
}

static void print_health(const json_t *health)
{
	char uptime[32], drives[64], media[32], portal[512], kernel[512], sessions[32];
	snprintf(drives, sizeof drives, "%lld, %lld failed", number_of(health, "drives"),
		number_of(health, "drives_failed"));
	snprintf(media, sizeof media, "%lld", number_of(health, "media"));
	snprintf(sessions, sizeof sessions, "%lld", number_of(health, "sessions"));
	print_field("version", text_of(health, "version"));
	print_field("ready", is_set(health, "ready") ? "yes" : "no");
	print_field("up", human_duration(number_of(health, "uptime_s"), uptime, sizeof uptime));
	print_field("drives", drives);
	print_field("media", media);
	print_field("transport", text_of(health, "transport"));
	addresses_text(health, "portal", portal, sizeof portal);
	print_field("portal", *portal ? portal : "none");
	addresses_text(health, "kernel", kernel, sizeof kernel);
	print_field("kernel", *kernel ? kernel : text_of(health, "kernel_reason"));
	print_field("sessions", sessions);
	if (*text_of(health, "warning"))
		print_field("warning", text_of(health, "warning"));
}

enum exit_code run_health(struct cli *cli)
{
	json_t *health = NULL;
	enum exit_code code = client_call(cli, "GET", "/api/v1/status", NULL, &health);
	if (code)
		return code;
	if (cli->json)
		print_json(cli, health);
	else
		print_health(health);
	bool ready = is_set(health, "ready");
	json_decref(health);
	return ready ? EXIT_OK : EXIT_FAILED;
}
