/* SPDX-License-Identifier: Apache-2.0 */
#include "export_row.h"

#include <stdio.h>
#include <string.h>

#include "access.h"
#include "library_private.h"

_Static_assert(LIBRARY_RULE_MAX == (int)CATALOG_RULE_MAX &&
		       LIBRARY_EXPORT_RULES_MAX == (int)CATALOG_EXPORT_RULES_MAX &&
		       LIBRARY_EXPORT_LUNS_MAX == (int)CATALOG_EXPORT_LUNS_MAX &&
		       LIBRARY_SECRET_MAX == (int)CATALOG_SECRET_MAX &&
		       LIBRARY_ISCSI_NAME_MAX == (int)CATALOG_ISCSI_NAME_MAX,
	"what an operator may ask for fits the catalog");

static unsigned copy_rules(char (*to)[CATALOG_RULE_MAX], const struct library_rules *from)
{
	for (unsigned i = 0; i < from->count; i++)
		snprintf(to[i], CATALOG_RULE_MAX, "%s", from->rules[i]);
	return from->count;
}

/* NULL: the one that is stored for that user. */
static void copy_secret(char ret[CATALOG_SECRET_MAX], const char *secret, const char *user,
	const char *old_user, const char *old_secret)
{
	if (!secret)
		secret = user[0] && strcmp(user, old_user) == 0 ? old_secret : "";
	snprintf(ret, CATALOG_SECRET_MAX, "%s", secret);
}

static void default_target(struct library *library, struct catalog_export *row)
{
	snprintf(row->target, sizeof row->target, "%.*s:%s",
		(int)(sizeof row->target - sizeof row->name - 1), library->config.portal_prefix,
		row->name);
}

void export_row_make(struct library *library, const struct library_export_put *put,
	const struct catalog_export *old, struct catalog_export *row)
{
	snprintf(row->name, sizeof row->name, "%s", put->name);
	snprintf(row->target, sizeof row->target, "%s", put->target);
	if (!row->target[0] && old)
		snprintf(row->target, sizeof row->target, "%s", old->target);
	else if (!row->target[0])
		default_target(library, row);
	access_iscsi_name_normalize(row->target);
	row->lun_count = put->lun_count;
	for (unsigned i = 0; i < put->lun_count; i++) {
		row->luns[i].lun = put->luns[i].lun;
		snprintf(row->luns[i].drive, sizeof row->luns[i].drive, "%s", put->luns[i].drive);
	}
	row->kernel = strcmp(put->transport, "kernel") == 0;
	row->initiator_count = copy_rules(row->initiators, &put->initiators);
	row->network_count = copy_rules(row->networks, &put->networks);
	for (unsigned i = 0; row->kernel && i < row->initiator_count; i++)
		access_iscsi_name_normalize(row->initiators[i]);
	row->open = put->open;
	snprintf(row->chap_user, sizeof row->chap_user, "%s", put->chap_user);
	snprintf(row->mutual_user, sizeof row->mutual_user, "%s", put->mutual_user);
	copy_secret(row->chap_secret, put->chap_secret, put->chap_user, old ? old->chap_user : "",
		old ? old->chap_secret : "");
	copy_secret(row->mutual_secret, put->mutual_secret, put->mutual_user,
		old ? old->mutual_user : "", old ? old->mutual_secret : "");
}

static bool same_rules(
	const char (*a)[CATALOG_RULE_MAX], const char (*b)[CATALOG_RULE_MAX], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static bool same_luns(const struct catalog_export *a, const struct catalog_export *b)
{
	for (unsigned i = 0; i < a->lun_count; i++)
		if (a->luns[i].lun != b->luns[i].lun ||
			strcmp(a->luns[i].drive, b->luns[i].drive) != 0)
			return false;
	return true;
}

bool export_row_same(const struct catalog_export *a, const struct catalog_export *b)
{
	return strcmp(a->target, b->target) == 0 && a->open == b->open && a->kernel == b->kernel &&
	       strcmp(a->chap_user, b->chap_user) == 0 &&
	       strcmp(a->chap_secret, b->chap_secret) == 0 &&
	       strcmp(a->mutual_user, b->mutual_user) == 0 &&
	       strcmp(a->mutual_secret, b->mutual_secret) == 0 && a->lun_count == b->lun_count &&
	       a->initiator_count == b->initiator_count && a->network_count == b->network_count &&
	       same_luns(a, b) && same_rules(a->initiators, b->initiators, a->initiator_count) &&
	       same_rules(a->networks, b->networks, a->network_count);
}

static void fill_rules(
	const char (*from)[CATALOG_RULE_MAX], unsigned count, struct library_rules *ret)
{
	ret->count = count;
	for (unsigned i = 0; i < count; i++)
		snprintf(ret->rules[i], sizeof ret->rules[i], "%s", from[i]);
}

void export_row_show(
	struct library *library, const struct catalog_export *row, struct library_export *ret)
{
	struct targets_policy policy = targets_policy(&library->targets);
	memset(ret, 0, sizeof *ret);
	snprintf(ret->name, sizeof ret->name, "%s", row->name);
	snprintf(ret->target, sizeof ret->target, "%s", row->target);
	snprintf(ret->transport, sizeof ret->transport, "%s", row->kernel ? "kernel" : "portal");
	ret->lun_count = row->lun_count;
	for (unsigned i = 0; i < row->lun_count; i++) {
		ret->luns[i].lun = row->luns[i].lun;
		snprintf(ret->luns[i].drive, sizeof ret->luns[i].drive, "%s", row->luns[i].drive);
	}
	fill_rules(row->initiators, row->initiator_count, &ret->initiators);
	fill_rules(row->networks, row->network_count, &ret->networks);
	snprintf(ret->chap_user, sizeof ret->chap_user, "%s", row->chap_user);
	snprintf(ret->mutual_user, sizeof ret->mutual_user, "%s", row->mutual_user);
	ret->open = row->open;
	target_warning(&policy, row, ret->warning);
	if (row->kernel && !ret->warning[0])
		kernel_exports_warning(&library->kernel, row, ret->warning);
	ret->session_count = targets_session_count(&library->targets, row->name) +
			     kernel_exports_session_count(&library->kernel, row->name);
}
