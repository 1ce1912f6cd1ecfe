/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own rules for common families of systems: a family is known by a text, and its version taken
 * out of that text, so that a release that came later than the rule is known all the same.
 */
#pragma once

#include "inspect/details.h"

/* Whose text a rule is for. */
enum os_text {
	OS_TEXT_DISK_INFO, /* first line of .disk/info */
	OS_TEXT_RELEASE,   /* family and version, as .treeinfo has them */
	OS_TEXT_VOLUME_ID,
	OS_TEXT_APPLICATION,
	OS_TEXT_FILE_NAME,
};

/* The first rule that fits: id, name, version, variant, installer and live. */
bool os_rules_apply(enum os_text kind, const char *text, struct os_details *ret);

/* Turns the short id and version of another's list into one of ours: "rhel9.1" to "rhel9". */
void os_id_normalise(struct os_details *os);
