/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "portal_lab.h"

#include <stdio.h>

static const char *const listen_anywhere[] = {"127.0.0.1:0"};

int portal_setup(void **state)
{
	lab_setup(state);
	struct lab *lab = *state;
	lab->config.portal.listen = listen_anywhere;
	lab->config.portal.listen_count = 1;
	lab->config.portal_prefix = "iqn.2026-01.local.tests";
	lab_restart(lab);
	assert_ok(load(lab, "dvd0", "a", 0));
	return 0;
}

const char *address_of(struct lab *lab)
{
	static struct library_health health;
	library_health(lab->library, &health);
	assert_non_null(strchr(health.portal, ':'));
	return health.portal;
}

/* ---- the operator ---------------------------------------------------------------------------- */

struct library_export_put wanted(const char *name, const char *drive)
{
	struct library_export_put put = {.lun_count = drive[0] != '\0'};
	snprintf(put.name, sizeof put.name, "%s", name);
	snprintf(put.luns[0].drive, sizeof put.luns[0].drive, "%s", drive);
	return put;
}

void add_rule(struct library_rules *rules, const char *rule)
{
	snprintf(rules->rules[rules->count++], LIBRARY_RULE_MAX, "%s", rule);
}

void set_chap(struct library_export_put *put, const char *user, const char *secret)
{
	snprintf(put->chap_user, sizeof put->chap_user, "%s", user);
	put->chap_secret = secret;
}

void set_mutual(struct library_export_put *put, const char *user, const char *secret)
{
	snprintf(put->mutual_user, sizeof put->mutual_user, "%s", user);
	put->mutual_secret = secret;
}

struct library_export see_export(struct lab *lab, const char *name)
{
	static struct library_export export;
	struct error error = {0};
	if (!library_export_get(lab->library, name, &export, &error))
		fail_msg("%s", error.sentence);
	return export;
}

void make_export(struct lab *lab, const char *name, const char *drive)
{
	struct library_export_put put = wanted(name, drive);
	assert_ok(export_put(lab, &put, true));
}

/* ---- the initiator --------------------------------------------------------------------------- */

struct initiator *try_login(
	struct lab *lab, const char *target, struct initiator_login login, char *ret_why)
{
	char name[LIBRARY_ISCSI_NAME_MAX];
	snprintf(name, sizeof name, "iqn.2026-01.local.tests:%s", target);
	login.address = address_of(lab);
	login.target = name;
	return initiator_login(&login, ret_why, LIBRARY_TEXT_MAX);
}

struct initiator *login_as(struct lab *lab, const char *target, struct initiator_login login)
{
	char why[LIBRARY_TEXT_MAX];
	struct initiator *initiator = try_login(lab, target, login, why);
	if (!initiator)
		fail_msg("%s", why);
	return initiator;
}

struct initiator *login_to(struct lab *lab, const char *target)
{
	return login_as(lab, target, (struct initiator_login){.qualifier = 1});
}

/* Refused with a word of libiscsi's reason. */
void refused(struct lab *lab, const char *target, struct initiator_login login, const char *word)
{
	char why[LIBRARY_TEXT_MAX];
	struct initiator *initiator = try_login(lab, target, login, why);
	assert_null(initiator);
	if (!strstr(why, word))
		fail_msg("%s", why);
}

void assert_disc_a(struct initiator *initiator)
{
	uint8_t first = 0xee;
	assert_int_equal(initiator_read(initiator, 0, 16, &first), 0);
	assert_int_equal(first, 0x01); /* the primary volume descriptor */
}

void await_sessions(struct lab *lab, unsigned count)
{
	struct library_health health;
	for (unsigned i = 0; i < LAB_PATIENCE_S * 100; i++) {
		library_health(lab->library, &health);
		if (health.sessions == count)
			return;
		sleep_ms(10);
	}
	fail_msg("%u sessions, not %u", health.sessions, count);
}
