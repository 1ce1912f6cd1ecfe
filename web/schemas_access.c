/* SPDX-License-Identifier: Apache-2.0 */
/* How drives are reached, who may, and why something was refused. */
#include "schema.h"

static const struct schema_member export[] = {
	{"name", SCHEMA_TEXT},
	{"target", SCHEMA_TEXT},
	{"transport", SCHEMA_TEXT, .words = "portal|kernel"},
	{"luns", SCHEMA_LIST, .of = "Lun"},
	{"initiators", SCHEMA_LIST},
	{"networks", SCHEMA_LIST},
	{"chap", SCHEMA_OBJECT, .nullable = true, .of = "ChapUser"},
	{"mutual_chap", SCHEMA_OBJECT, .nullable = true, .of = "ChapUser"},
	{"open", SCHEMA_BOOL},
	{"warning", SCHEMA_TEXT, .nullable = true},
	{"session_count", SCHEMA_INTEGER},
	{0},
};

static const struct schema_member lun[] = {
	{"lun", SCHEMA_INTEGER},
	{"drive", SCHEMA_TEXT},
	{0},
};

static const struct schema_member chap_user[] = {{"user", SCHEMA_TEXT}, {0}};

static const struct schema_member session[] = {
	{"id", SCHEMA_INTEGER},
	{"export", SCHEMA_TEXT},
	{"initiator", SCHEMA_TEXT},
	{"isid", SCHEMA_TEXT},
	{"address", SCHEMA_TEXT},
	{"since", SCHEMA_MOMENT},
	{0},
};

static const struct schema_member token[] = {
	{"name", SCHEMA_TEXT},
	{"scope", SCHEMA_TEXT, .words = "read|load|admin"},
	{"created", SCHEMA_MOMENT},
	{"created_by", SCHEMA_TEXT},
	{"expires", SCHEMA_MOMENT, .nullable = true},
	{"last_used", SCHEMA_MOMENT, .nullable = true},
	{"token", SCHEMA_TEXT, .optional = true},
	{0},
};

static const struct schema_member exports[] = {
	{"items", SCHEMA_LIST, .of = "Export"},
	{"next", SCHEMA_TEXT, .nullable = true},
	{0},
};
static const struct schema_member sessions[] = {
	{"items", SCHEMA_LIST, .of = "Session"},
	{"next", SCHEMA_INTEGER, .nullable = true},
	{0},
};
static const struct schema_member tokens[] = {
	{"items", SCHEMA_LIST, .of = "Token"},
	{"next", SCHEMA_TEXT, .nullable = true},
	{0},
};

static const struct schema_member problem[] = {
	{"type", SCHEMA_TEXT},
	{"title", SCHEMA_TEXT},
	{"status", SCHEMA_INTEGER},
	{"code", SCHEMA_TEXT},
	{"instance", SCHEMA_TEXT, .optional = true},
	{"detail", SCHEMA_TEXT},
	{"remedy", SCHEMA_TEXT},
	{"job", SCHEMA_INTEGER, .optional = true},
	{0},
};

const struct schema schemas_access[] = {
	{"ChapUser", chap_user},
	{"Export", export},
	{"ExportList", exports},
	{"Lun", lun},
	{"Problem", problem},
	{"Session", session},
	{"SessionList", sessions},
	{"Token", token},
	{"TokenList", tokens},
	{0},
};
