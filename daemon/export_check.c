/* SPDX-License-Identifier: Apache-2.0 */
#include "export_check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "library_private.h"

/* ---- what is asked for, checked -------------------------------------------------------------- */

static bool check_name(const struct catalog_export *row, struct error *error)
{
	if (catalog_drive_name_valid(row->name))
		return true;
	return error_set(error, ERROR_INVALID,
		"Use at most 32 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.",
		"\"%.64s\" is not allowed as the name of an export", row->name);
}

static bool check_target(const struct catalog_export *row, struct error *error)
{
	if (access_iscsi_name_valid(row->target))
		return true;
	return error_set(error, ERROR_INVALID,
		"Use iqn.YYYY-MM.REVERSED.DOMAIN:NAME with a-z, 0-9, '.', ':' and '-', at most 223 "
		"bytes.",
		"\"%.100s\" is no iSCSI name", row->target);
}

static int by_lun(const void *a, const void *b)
{
	const struct catalog_export_lun *left = a, *right = b;
	return (int)left->lun - (int)right->lun;
}

/* A drive is in a map once: a nexus is one initiator's path to it. */
static bool check_luns(struct library *library, struct catalog_export *row, struct error *error)
{
	struct catalog_drive drive;
	qsort(row->luns, row->lun_count, sizeof row->luns[0], by_lun);
	for (unsigned i = 0; i < row->lun_count; i++) {
		const struct catalog_export_lun *lun = &row->luns[i];
		if (lun->lun > LIBRARY_LUN_MAX)
			return error_set(error, ERROR_INVALID, "Use 0 to 16383.", "%u is not a LUN",
				lun->lun);
		if (i > 0 && lun->lun == lun[-1].lun)
			return error_set(error, ERROR_INVALID, "Give every drive a LUN of its own.",
				"LUN %u is given twice", lun->lun);
		if (!catalog_drive_find(library->catalog, lun->drive, &drive, error))
			return false;
		for (unsigned j = 0; j < i; j++)
			if (strcmp(row->luns[j].drive, lun->drive) == 0)
				return error_set(error, ERROR_INVALID,
					"Give every drive one LUN in an export.",
					"drive %s is given twice", lun->drive);
	}
	return true;
}

static bool check_rules(const struct catalog_export *row, struct error *error)
{
	for (unsigned i = 0; i < row->initiator_count; i++)
		if (!access_pattern_valid(row->initiators[i]))
			return error_set(error, ERROR_INVALID,
				"Use an iSCSI name; * stands for any characters.",
				"\"%.100s\" is no pattern of initiator names", row->initiators[i]);
	for (unsigned i = 0; i < row->network_count; i++)
		if (!access_network_valid(row->networks[i]))
			return error_set(error, ERROR_INVALID,
				"Use an address, or ADDRESS/BITS with zeros behind the prefix, as "
				"10.0.0.0/8 or fd00::/8.",
				"\"%.100s\" is no network", row->networks[i]);
	return true;
}

static bool is_text(const char *text)
{
	for (; *text; text++)
		if (!isgraph((unsigned char)*text))
			return false;
	return true;
}

static bool check_secret(
	const char *whose, const char *user, const char *secret, struct error *error)
{
	size_t length = strlen(secret);
	if (!is_text(user))
		return error_set(error, ERROR_INVALID, "Use printable ASCII without spaces.",
			"the user name of %s has other characters", whose);
	if (user[0] && !length)
		return error_set(error, ERROR_INVALID, "Give a secret of 12 to 255 bytes.",
			"%s has a user name and no secret", whose);
	if (!user[0] && length)
		return error_set(error, ERROR_INVALID, "Give a user name too.",
			"%s has a secret and no user name", whose);
	if (length && (length < LIBRARY_CHAP_SECRET_MIN || length >= LIBRARY_SECRET_MAX))
		return error_set(error, ERROR_INVALID, "Use 12 to 255 bytes (RFC 7143 9.2.1).",
			"the secret of %s has %zu bytes", whose, length);
	return true;
}

static bool check_chap(const struct catalog_export *row, struct error *error)
{
	if (!check_secret("CHAP", row->chap_user, row->chap_secret, error) ||
		!check_secret("mutual CHAP", row->mutual_user, row->mutual_secret, error))
		return false;
	if (row->mutual_user[0] && !row->chap_user[0])
		return error_set(error, ERROR_INVALID, "Set the initiator's user and secret too.",
			"mutual CHAP needs CHAP");
	if (row->mutual_user[0] && strcmp(row->mutual_secret, row->chap_secret) == 0)
		return error_set(error, ERROR_INVALID,
			"Use two different secrets (RFC 7143 9.2.1).",
			"the secrets of CHAP and mutual CHAP are the same");
	return true;
}

/* ---- what the kernel's own iSCSI can do -------------------------------------------------------
 */

static bool check_kernel_initiator(
	const struct catalog_export *row, unsigned index, struct error *error)
{
	const char *name = row->initiators[index];
	if (!access_iscsi_name_valid(name))
		return error_set(error, ERROR_INVALID,
			"Use whole iSCSI names (iqn.YYYY-MM.DOMAIN:NAME, eui. and 16 hexadecimal "
			"digits, naa. and 16 or 32), or transport portal, where * stands for any "
			"characters.",
			"\"%.100s\" is no iSCSI name, and the kernel knows no patterns", name);
	for (unsigned i = 0; i < index; i++)
		if (strcmp(row->initiators[i], name) == 0)
			return error_set(error, ERROR_INVALID, "Give each initiator once.",
				"the initiator %.150s is given twice", name);
	return true;
}

static bool check_kernel_access(const struct catalog_export *row, struct error *error)
{
	if (row->network_count)
		return error_set(error, ERROR_INVALID,
			"Leave them out and use CHAP, [kernel] listen or a firewall; or use "
			"transport portal.",
			"the kernel's own iSCSI target cannot tell networks apart");
	if (!row->initiator_count && !row->open)
		return error_set(error, ERROR_EXPORT_UNPROTECTED,
			"Name initiators, and each has a nexus of its own; or say open, and all "
			"share one.",
			"export %s names no initiator", row->name);
	return true;
}

/* LIO takes a text that begins so for none. */
static bool check_kernel_chap(const struct catalog_export *row, struct error *error)
{
	static const char none[] = "NULL";
	const char *const texts[] = {
		row->chap_user, row->chap_secret, row->mutual_user, row->mutual_secret};
	for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strncmp(texts[i], none, strlen(none)) == 0)
			return error_set(error, ERROR_INVALID, "Use another one.",
				"a user or secret begins with \"NULL\", which the kernel takes for "
				"none");
	return true;
}

static bool check_kernel(const struct catalog_export *row, struct error *error)
{
	if (row->lun_count && row->luns[row->lun_count - 1].lun > LIBRARY_KERNEL_LUN_MAX)
		return error_set(error, ERROR_INVALID, "Use 0 to 255, or transport portal.",
			"LUN %u is too large for the kernel's own iSCSI target",
			row->luns[row->lun_count - 1].lun);
	for (unsigned i = 0; i < row->initiator_count; i++)
		if (!check_kernel_initiator(row, i, error))
			return false;
	return check_kernel_access(row, error) && check_kernel_chap(row, error);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool check_protection(
	struct library *library, const struct catalog_export *row, struct error *error)
{
	struct targets_policy policy = targets_policy(&library->targets);
	char warning[LIBRARY_TEXT_MAX];
	target_warning(&policy, row, warning);
	if (!warning[0])
		return true;
	return error_set(error, ERROR_EXPORT_UNPROTECTED,
		row->open
			? "Say allow_open = yes in [portal] of the configuration too, or give "
			  "rules or "
			  "CHAP."
			: "Give initiators, networks or CHAP; or open, and allow_open = yes in the "
			  "configuration.",
		"%s listens beyond this machine, and anybody there could log in to export %s",
		row->kernel ? "the kernel's target" : "the portal", row->name);
}

bool export_check_transport(const char *transport, struct error *error)
{
	return !transport[0] || strcmp(transport, "portal") == 0 ||
	       strcmp(transport, "kernel") == 0 ||
	       error_set(error, ERROR_INVALID, "Use portal or kernel.",
		       "\"%.16s\" is no transport of exports", transport);
}

bool export_check(struct library *library, struct catalog_export *row, struct error *error)
{
	return check_name(row, error) && check_target(row, error) &&
	       check_luns(library, row, error) &&
	       (row->kernel ? check_kernel(row, error) : check_rules(row, error)) &&
	       check_chap(row, error) && check_protection(library, row, error);
}
