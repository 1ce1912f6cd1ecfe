/* SPDX-License-Identifier: Apache-2.0 */
/* Drives, what hosts do with them, and the daemon itself. */
#include "schema.h"

static const struct schema_member alive[] = {{"alive", SCHEMA_BOOL}, {0}};
static const struct schema_member ready[] = {{"ready", SCHEMA_BOOL}, {0}};

static const struct schema_member index_members[] = {
	{"version", SCHEMA_TEXT},
	{"routes", SCHEMA_LIST, .of = "Route"},
	{0},
};

static const struct schema_member route[] = {
	{"method", SCHEMA_TEXT, .words = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"},
	{"path", SCHEMA_TEXT},
	{"summary", SCHEMA_TEXT},
	{"query", SCHEMA_LIST, .optional = true},
	{"body", SCHEMA_OBJECT, .optional = true},
	{0},
};

static const struct schema_member status[] = {
	{"version", SCHEMA_TEXT},
	{"ready", SCHEMA_BOOL},
	{"drives", SCHEMA_INTEGER},
	{"drives_failed", SCHEMA_INTEGER},
	{"media", SCHEMA_INTEGER},
	{"transport", SCHEMA_TEXT},
	{"portal", SCHEMA_LIST},
	{"kernel", SCHEMA_LIST},
	{"kernel_reason", SCHEMA_TEXT, .nullable = true},
	{"sessions", SCHEMA_INTEGER},
	{"warning", SCHEMA_TEXT, .nullable = true},
	{"uptime_s", SCHEMA_INTEGER},
	{"certificate_expires", SCHEMA_MOMENT, .nullable = true},
	{"pools", SCHEMA_LIST, .of = "Pool"},
	{"pool_rescan_s", SCHEMA_INTEGER},
	{0},
};

static const struct schema_member pool[] = {
	{"path", SCHEMA_TEXT},
	{"watch", SCHEMA_TEXT, .words = "watched|rescan|absent|off"},
	{"reason", SCHEMA_TEXT, .nullable = true},
	{"directories", SCHEMA_INTEGER},
	{0},
};

static const struct schema_member drive[] = {
	{"name", SCHEMA_TEXT},
	{"kind", SCHEMA_TEXT, .words = "optical|tape"},
	{"personality", SCHEMA_TEXT},
	{"serial", SCHEMA_TEXT},
	{"tray", SCHEMA_TEXT, .nullable = true, .words = "closed|open"},
	{"state", SCHEMA_TEXT, .words = "empty|loaded|unloaded|changing|failed"},
	{"locked", SCHEMA_BOOL},
	{"reservation", SCHEMA_OBJECT, .nullable = true, .of = "Reservation"},
	{"failure", SCHEMA_TEXT, .nullable = true},
	{"address", SCHEMA_TEXT, .nullable = true},
	{"medium", SCHEMA_OBJECT, .nullable = true, .of = "Medium"},
	{"tape", SCHEMA_OBJECT, .nullable = true, .of = "LoadedTape"},
	{"alerts", SCHEMA_LIST, .of = "TapeAlert"},
	{"hosts", SCHEMA_LIST, .of = "Host"},
	{"counters", SCHEMA_OBJECT, .of = "Counters"},
	{0},
};

static const struct schema_member reservation[] = {
	{"type", SCHEMA_TEXT, .nullable = true,
		.words = "reserve|write exclusive|exclusive access|"
			 "write exclusive, registrants only|exclusive access, registrants only|"
			 "write exclusive, all registrants|exclusive access, all registrants"},
	{"holder", SCHEMA_TEXT, .nullable = true},
	{"key", SCHEMA_TEXT, .nullable = true},
	{"registrants", SCHEMA_INTEGER},
	{"lasting", SCHEMA_BOOL},
	{0},
};

static const struct schema_member loaded_tape[] = {
	{"threaded", SCHEMA_BOOL},
	{"writable", SCHEMA_BOOL},
	{"reason", SCHEMA_TEXT, .nullable = true},
	{"damaged", SCHEMA_BOOL},
	{"damaged_object", SCHEMA_INTEGER, .nullable = true},
	{"position", SCHEMA_INTEGER},
	{"end", SCHEMA_INTEGER},
	{"filemarks", SCHEMA_INTEGER},
	{"bytes", SCHEMA_INTEGER},
	{"used", SCHEMA_INTEGER},
	{"capacity", SCHEMA_INTEGER},
	{"mounts", SCHEMA_INTEGER},
	{0},
};

static const struct schema_member tape_alert_members[] = {
	{"flag", SCHEMA_INTEGER},
	{"name", SCHEMA_TEXT},
	{"severity", SCHEMA_TEXT, .nullable = true, .words = "critical|warning|information"},
	{0},
};

static const struct schema_member host[] = {
	{"name", SCHEMA_TEXT},
	{"locks", SCHEMA_BOOL},
	{"reserves", SCHEMA_BOOL},
	{"key", SCHEMA_TEXT, .nullable = true},
	{"sees_medium", SCHEMA_BOOL},
	{"told", SCHEMA_BOOL},
	{"commands", SCHEMA_INTEGER},
	{0},
};

static const struct schema_member counters[] = {
	{"commands", SCHEMA_INTEGER},
	{"bytes_read", SCHEMA_INTEGER},
	{"bytes_written", SCHEMA_INTEGER},
	{"inline_reads", SCHEMA_INTEGER},
	{"pool_reads", SCHEMA_INTEGER},
	{"wakeups", SCHEMA_INTEGER},
	{"kicks", SCHEMA_INTEGER},
	{"allocations", SCHEMA_INTEGER},
	{0},
};

static const struct schema_member command[] = {
	{"host", SCHEMA_TEXT},
	{"number", SCHEMA_INTEGER},
	{"age_s", SCHEMA_REAL},
	{"duration_us", SCHEMA_INTEGER},
	{"name", SCHEMA_TEXT},
	{"cdb", SCHEMA_TEXT},
	{"status", SCHEMA_INTEGER},
	{"sense", SCHEMA_OBJECT, .nullable = true, .of = "Sense"},
	{"transferred", SCHEMA_INTEGER},
	{0},
};

static const struct schema_member sense[] = {
	{"key", SCHEMA_INTEGER},
	{"asc", SCHEMA_INTEGER},
	{"ascq", SCHEMA_INTEGER},
	{"text", SCHEMA_TEXT},
	{0},
};

static const struct schema_member drives[] = {
	{"items", SCHEMA_LIST, .of = "Drive"},
	{"next", SCHEMA_TEXT, .nullable = true},
	{0},
};
static const struct schema_member trace[] = {{"items", SCHEMA_LIST, .of = "Command"}, {0}};

const struct schema schemas_library[] = {
	{"Alive", alive},
	{"Command", command},
	{"Counters", counters},
	{"Drive", drive},
	{"DriveList", drives},
	{"Host", host},
	{"Index", index_members},
	{"LoadedTape", loaded_tape},
	{"Pool", pool},
	{"Ready", ready},
	{"Reservation", reservation},
	{"Route", route},
	{"Sense", sense},
	{"Status", status},
	{"TapeAlert", tape_alert_members},
	{"Trace", trace},
	{0},
};
