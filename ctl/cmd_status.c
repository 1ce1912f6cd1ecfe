/* SPDX-License-Identifier: Apache-2.0 */
/* carousel status, carousel health. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "drives.h"
#include "human.h"
#include "util/cleanup.h"

static void print_trouble(const char *what, const char *why)
{
	_cleanup_free_ char *clean_what = human_printable(what);
	_cleanup_free_ char *clean_why = human_printable(why);
	printf("! %s: %s\n", clean_what ? clean_what : "", clean_why ? clean_why : "");
}

/* What keeps hosts from seeing drives. */
static void print_troubles(const json_t *health, const json_t *drives)
{
	bool served = !strcmp(text_of(health, "transport"), "target_core_user");
	size_t i;
	json_t *drive;
	if (!served || number_of(health, "drives_failed"))
		putchar('\n');
	if (!served)
		print_trouble("no host sees the drives", text_of(health, "transport"));
	json_array_foreach(drives, i, drive) if (*text_of(drive, "failure"))
		print_trouble(text_of(drive, "name"), text_of(drive, "failure"));
}

static void print_summary(const json_t *health)
{
	char uptime[32];
	printf("carousel %s: %s, %lld drives, %lld media, up %s\n", text_of(health, "version"),
		is_set(health, "ready") ? "ready" : "NOT READY", number_of(health, "drives"),
		number_of(health, "media"),
		human_duration(number_of(health, "uptime_s"), uptime, sizeof uptime));
}

static void print_status(const struct cli *cli, const json_t *health, const json_t *drives)
{
	print_summary(health);
	putchar('\n');
	if (json_array_size(drives))
		drive_print_all(cli, drives);
	else
		puts("No drives yet: carousel drive add dvd0");
	print_troubles(health, drives);
}

enum exit_code run_status(struct cli *cli)
{
	json_t *health = NULL, *answer = NULL;
	enum exit_code code = client_call(cli, "GET", "/api/v1/status", NULL, &health);
	if (!code)
		code = drive_read_all(cli, &answer);
	json_t *drives = json_object_get(answer, "items");
	if (!code && cli->json) {
		json_t *both = json_pack("{s:O, s:O}", "health", health, "drives", drives);
		print_json(both);
		json_decref(both);
	} else if (!code) {
		print_status(cli, health, drives);
	}
	json_decref(health);
	json_decref(answer);
	return code;
}

static void print_health(const json_t *health)
{
	char uptime[32], drives[64], media[32];
	snprintf(drives, sizeof drives, "%lld, %lld failed", number_of(health, "drives"),
		number_of(health, "drives_failed"));
	snprintf(media, sizeof media, "%lld", number_of(health, "media"));
	print_field("version", text_of(health, "version"));
	print_field("ready", is_set(health, "ready") ? "yes" : "no");
	print_field("up", human_duration(number_of(health, "uptime_s"), uptime, sizeof uptime));
	print_field("drives", drives);
	print_field("media", media);
	print_field("transport", text_of(health, "transport"));
}

enum exit_code run_health(struct cli *cli)
{
	json_t *health = NULL;
	enum exit_code code = client_call(cli, "GET", "/api/v1/status", NULL, &health);
	if (code)
		return code;
	if (cli->json)
		print_json(health);
	else
		print_health(health);
	bool ready = is_set(health, "ready");
	json_decref(health);
	return ready ? EXIT_OK : EXIT_FAILED;
}
