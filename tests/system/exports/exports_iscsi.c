/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program that exports (exports.c) is asked of targets in the kernel's own iSCSI:
 *
 *	available
 *	show TARGET PORTAL[,PORTAL…] -|USER:SECRET[:USER:SECRET] HOST=LUN:UNIT[,LUN:UNIT…]…
 *						HOST "anybody"; in secrets %0a is a byte
 *	hide TARGET
 *	targets [KEEP…]				removes orphans: "ok N"
 *	session TARGET HOST			"ok ID ISID ADDRESS there|ending", or an error
 *	dynamic TARGET				"ok N NAME…"
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exports.h"
#include "tcmu/iscsi_target.h"

enum { HOSTS_MAX = 8, LUNS_MAX = 8, PORTALS_MAX = 4, NAMES_MAX = 8 };

/* ---- show ---------------------------------------------------------------------------------- */

struct wish {
	const char *portals[PORTALS_MAX + 1];
	struct tcmu_iscsi_lun luns[HOSTS_MAX][LUNS_MAX];
	struct tcmu_iscsi_host hosts[HOSTS_MAX];
	struct tcmu_iscsi_config config;
};

static void decode(char *text)
{
	char *to = text;
	for (; *text; text++) {
		char digits[3] = {text[0] == '%' ? text[1] : 0, 0, 0};
		digits[1] = digits[0] ? text[2] : 0;
		bool coded =
			isxdigit((unsigned char)digits[0]) && isxdigit((unsigned char)digits[1]);
		*to++ = coded ? (char)strtoul(digits, NULL, 16) : *text;
		text += coded ? 2 : 0;
	}
	*to = '\0';
}

static const char *next_secret(char **rest)
{
	char *word = *rest ? strsep(rest, ":") : NULL;
	if (word)
		decode(word);
	return word;
}

static void read_chap(struct tcmu_iscsi_config *config, char *word)
{
	if (strcmp(word, "-") == 0)
		return;
	config->chap_user = next_secret(&word);
	config->chap_secret = next_secret(&word);
	config->mutual_user = next_secret(&word);
	config->mutual_secret = next_secret(&word);
}

static bool read_lun(struct tcmu_iscsi_lun *lun, char *word)
{
	char *name = strchr(word, ':');
	struct unit *unit = name ? unit_find(name + 1) : NULL;
	if (!unit)
		return false;
	*lun = (struct tcmu_iscsi_lun){(uint16_t)atoi(word), unit->device};
	return true;
}

static bool read_host(struct tcmu_iscsi_host *host, struct tcmu_iscsi_lun *luns, char *word)
{
	char *initiator = strsep(&word, "="), *lun;
	host->initiator = strcmp(initiator, "anybody") == 0 ? NULL : initiator;
	host->luns = luns;
	while ((lun = strsep(&word, ","))) {
		if (host->lun_count == LUNS_MAX || !read_lun(&luns[host->lun_count++], lun))
			return false;
	}
	return true;
}

static bool read_wish(struct wish *wish, char **words)
{
	char *portal;
	struct tcmu_iscsi_config *config = &wish->config;
	config->target = words[0];
	for (int i = 0; i < PORTALS_MAX && (portal = strsep(&words[1], ",")); i++)
		wish->portals[i] = portal;
	read_chap(config, words[2]);
	for (words += 3; *words && config->host_count < HOSTS_MAX; words++) {
		unsigned i = config->host_count++;
		if (!read_host(&wish->hosts[i], wish->luns[i], *words))
			return false;
	}
	config->portals = wish->portals;
	config->hosts = wish->hosts;
	return true;
}

static void show(char **words)
{
	struct error error = {.sentence = "no such unit"};
	struct wish wish = {0};
	answer(read_wish(&wish, words) && tcmu_iscsi_show(transport, &wish.config, &error), "",
		&error);
}

/* ---- sessions ------------------------------------------------------------------------------ */

static void tell_session(const char *target, const char *initiator)
{
	struct tcmu_iscsi_session session;
	int status = tcmu_iscsi_session(transport, target, initiator, &session);
	if (status < 0)
		printf("error %s\n", strerror(-status));
	else if (status)
		printf("ok %llu %s %s %s\n", (unsigned long long)session.id, session.isid,
			session.address, session.ending ? "ending" : "there");
	else
		printf("error no session\n");
}

static void tell_dynamic_sessions(const char *target)
{
	char names[NAMES_MAX][TCMU_ISCSI_NAME_MAX];
	int count = tcmu_iscsi_dynamic_sessions(transport, target, names, NAMES_MAX);
	printf("ok %d", count);
	for (int i = 0; i < count && i < NAMES_MAX; i++)
		printf(" %s", names[i]);
	printf("\n");
}

bool ask_iscsi(char **words)
{
	struct error error = {0};
	const char *what = words[0];
	if (strcmp(what, "available") == 0)
		answer(tcmu_iscsi_available(transport, &error), "", &error);
	else if (strcmp(what, "targets") == 0)
		printf("ok %u\n",
			tcmu_iscsi_remove_orphans(transport, (const char *const *)words + 1));
	else if (strcmp(what, "show") == 0 && words[1] && words[2] && words[3])
		show(words + 1);
	else if (strcmp(what, "hide") == 0 && words[1])
		answer(tcmu_iscsi_hide(transport, words[1], &error), "", &error);
	else if (strcmp(what, "session") == 0 && words[1] && words[2])
		tell_session(words[1], words[2]);
	else if (strcmp(what, "dynamic") == 0 && words[1])
		tell_dynamic_sessions(words[1]);
	else
		return false;
	return true;
}
