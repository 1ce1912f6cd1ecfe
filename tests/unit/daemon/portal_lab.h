/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab with the portal on a free port of this machine, and disc a in dvd0: what its operator and
 * its initiators do.
 */
#pragma once

#include "initiator.h"
#include "library_lab.h"

/* What an optical drive tells initiators, as initiator_ready says it. */
enum { POWER_ON = 0x062900, MEDIUM_CHANGED = 0x062800, NO_MEDIUM = 0x023a02 };

int portal_setup(void **state);
#define WITH_PORTAL(test) cmocka_unit_test_setup_teardown(test, portal_setup, lab_teardown)

/* Of the portal. The next call reuses it. */
const char *address_of(struct lab *lab);

/* ---- the operator ---------------------------------------------------------------------------- */

/* An export of this drive as LUN 0, or of none (""). */
struct library_export_put wanted(const char *name, const char *drive);
void add_rule(struct library_rules *rules, const char *rule);
/* The secret is borrowed. */
void set_chap(struct library_export_put *put, const char *user, const char *secret);
void set_mutual(struct library_export_put *put, const char *user, const char *secret);
struct library_export see_export(struct lab *lab, const char *name);
void make_export(struct lab *lab, const char *name, const char *drive);
/* Until there are so many. */
void await_sessions(struct lab *lab, unsigned count);

/* ---- the initiator --------------------------------------------------------------------------- */

/* To iqn.2026-01.local.tests:TARGET; `login` needs neither address nor target. */
struct initiator *try_login(
	struct lab *lab, const char *target, struct initiator_login login, char *ret_why);
struct initiator *login_as(struct lab *lab, const char *target, struct initiator_login login);
/* With ISID qualifier 1. */
struct initiator *login_to(struct lab *lab, const char *target);
/* Refused with a word of libiscsi's reason. */
void refused(struct lab *lab, const char *target, struct initiator_login login, const char *word);
/* Reads its first byte. */
void assert_disc_a(struct initiator *initiator);
