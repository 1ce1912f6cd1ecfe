/* SPDX-License-Identifier: Apache-2.0 */
/* Media, what happened to them, and the jobs that look after them. */
#include "schema.h"

static const struct schema_member medium[] = {
	{"id", SCHEMA_TEXT},
	{"kind", SCHEMA_TEXT, .words = "disc|tape"},
	{"path", SCHEMA_TEXT},
	{"format", SCHEMA_TEXT},
	{"file_system", SCHEMA_TEXT, .nullable = true},
	{"volume_id", SCHEMA_TEXT, .nullable = true},
	{"profile", SCHEMA_TEXT, .nullable = true, .words = "CD-ROM|DVD-ROM|BD-ROM"},
	{"profile_set", SCHEMA_BOOL, .nullable = true},
	{"size", SCHEMA_INTEGER},
	{"fault", SCHEMA_TEXT, .nullable = true},
	{"added", SCHEMA_MOMENT},
	{"loads", SCHEMA_INTEGER},
	{"drive", SCHEMA_TEXT, .nullable = true},
	{"barcode", SCHEMA_TEXT, .nullable = true},
	{"medium_type", SCHEMA_TEXT, .nullable = true},
	{"capacity", SCHEMA_INTEGER, .nullable = true},
	{"write_protected", SCHEMA_BOOL, .nullable = true},
	{"version", SCHEMA_INTEGER},
	{"state", SCHEMA_TEXT, .words = "ok|missing|changed"},
	{"sha256", SCHEMA_TEXT, .nullable = true},
	{"verified", SCHEMA_MOMENT, .nullable = true},
	{"verify_result", SCHEMA_TEXT, .nullable = true, .words = "ok|mismatch|unreadable"},
	{"owned", SCHEMA_BOOL},
	{"os", SCHEMA_TEXT, .nullable = true},
	{"tags", SCHEMA_LIST},
	{"notes", SCHEMA_TEXT},
	{0},
};

static const struct schema_member media[] = {
	{"items", SCHEMA_LIST, .of = "Medium"},
	{"next", SCHEMA_TEXT, .nullable = true},
	{"total", SCHEMA_INTEGER, .nullable = true},
	{"total_at_least", SCHEMA_INTEGER},
	{0},
};

static const struct schema_member media_added[] = {
	{"added", SCHEMA_INTEGER},
	{"known", SCHEMA_INTEGER},
	{"refused", SCHEMA_INTEGER},
	{"first_refusal", SCHEMA_OBJECT, .nullable = true, .of = "Refusal"},
	{0},
};

static const struct schema_member refusal[] = {
	{"code", SCHEMA_TEXT},
	{"detail", SCHEMA_TEXT},
	{"remedy", SCHEMA_TEXT},
	{0},
};

static const struct schema_member tapes_made[] = {
	{"added", SCHEMA_INTEGER},
	{"media", SCHEMA_LIST},
	{0},
};

static const struct schema_member details[] = {
	{"id", SCHEMA_TEXT},
	{"details", SCHEMA_OBJECT, .nullable = true},
	{0},
};

static const struct schema_member tag[] = {
	{"tag", SCHEMA_TEXT},
	{"media", SCHEMA_INTEGER},
	{0},
};

static const struct schema_member tags[] = {
	{"items", SCHEMA_LIST, .of = "Tag"},
	{"next", SCHEMA_TEXT, .nullable = true},
	{0},
};

#define EVENT_MEMBERS                                                                              \
	{"number", SCHEMA_INTEGER}, {"when", SCHEMA_MOMENT}, {"actor", SCHEMA_TEXT},               \
		{"verb", SCHEMA_TEXT}, {"drive", SCHEMA_TEXT, .nullable = true},                   \
		{"medium", SCHEMA_TEXT, .nullable = true},                                         \
	{                                                                                          \
		"detail", SCHEMA_OBJECT, .nullable = true                                          \
	}

static const struct schema_member event[] = {EVENT_MEMBERS, {0}};

static const struct schema_member audit_event[] = {
	EVENT_MEMBERS,
	{"subject", SCHEMA_OBJECT, .nullable = true, .of = "Subject"},
	{"outcome", SCHEMA_TEXT},
	{0},
};

static const struct schema_member subject[] = {
	{"kind", SCHEMA_TEXT},
	{"name", SCHEMA_TEXT},
	{0},
};

static const struct schema_member history[] = {
	{"items", SCHEMA_LIST, .of = "Event"},
	{"next", SCHEMA_INTEGER, .nullable = true},
	{0},
};

static const struct schema_member audit[] = {
	{"items", SCHEMA_LIST, .of = "AuditEvent"},
	{"next", SCHEMA_INTEGER, .nullable = true},
	{0},
};

static const struct schema_member job[] = {
	{"id", SCHEMA_INTEGER},
	{"kind", SCHEMA_TEXT},
	{"state", SCHEMA_TEXT, .words = "queued|running|succeeded|failed|cancelled"},
	{"actor", SCHEMA_TEXT},
	{"parameters", SCHEMA_OBJECT, .nullable = true},
	{"result", SCHEMA_OBJECT, .nullable = true},
	{"error", SCHEMA_OBJECT, .nullable = true, .of = "Refusal"},
	{"created", SCHEMA_MOMENT},
	{"started", SCHEMA_MOMENT, .nullable = true},
	{"ended", SCHEMA_MOMENT, .nullable = true},
	{"done", SCHEMA_INTEGER},
	{"total", SCHEMA_INTEGER, .nullable = true},
	{"rate", SCHEMA_INTEGER},
	{"eta_s", SCHEMA_INTEGER, .nullable = true},
	{0},
};

static const struct schema_member jobs[] = {
	{"items", SCHEMA_LIST, .of = "Job"},
	{"next", SCHEMA_INTEGER, .nullable = true},
	{0},
};

static const struct schema_member upload[] = {
	{"id", SCHEMA_TEXT},
	{"name", SCHEMA_TEXT},
	{"length", SCHEMA_INTEGER, .nullable = true},
	{"offset", SCHEMA_INTEGER},
	{"receiving", SCHEMA_BOOL},
	{"metadata", SCHEMA_TEXT},
	{"sha256", SCHEMA_TEXT, .nullable = true},
	{"pool", SCHEMA_TEXT},
	{"actor", SCHEMA_TEXT},
	{"created", SCHEMA_MOMENT},
	{"expires", SCHEMA_MOMENT},
	{"job", SCHEMA_INTEGER, .nullable = true},
	{0},
};

static const struct schema_member uploads[] = {
	{"items", SCHEMA_LIST, .of = "Upload"},
	{0},
};

const struct schema schemas_catalog[] = {
	{"Audit", audit},
	{"AuditEvent", audit_event},
	{"Event", event},
	{"History", history},
	{"Job", job},
	{"JobList", jobs},
	{"MediaAdded", media_added},
	{"Medium", medium},
	{"MediumDetails", details},
	{"MediumList", media},
	{"Refusal", refusal},
	{"Subject", subject},
	{"Tag", tag},
	{"TagList", tags},
	{"TapesMade", tapes_made},
	{"Upload", upload},
	{"UploadList", uploads},
	{0},
};
