/* SPDX-License-Identifier: Apache-2.0 */
#include "described.h"

#include <string.h>

#include "metrics_text.h"

/* clang-format off */
static const struct described rows[] = {
	{"GET", "/healthz", "isAlive", {{200, "Alive"}}},
	{"GET", "/readyz", "isReady", {{200, "Ready"}, {503, "Ready"}}},
	{"GET", "/metrics", "getMetrics", {{200, "Text"}}, .content = METRICS_CONTENT_TYPE},
	{"GET", "/api/openapi.json", "describe", {{200, "Description"}}},
	{"GET", "/api/v1", "listRoutes", {{200, "Index"}}},
	{"GET", "/api/v1/status", "getStatus", {{200, "Status"}}},
	{"GET", "/api/v1/drives", "listDrives", {{200, "DriveList"}}},
	{"POST", "/api/v1/drives", "addDrive", {{201, "Drive"}}},
	{"GET", "/api/v1/drives/{id}", "getDrive", {{200, "Drive"}}},
	{"DELETE", "/api/v1/drives/{id}", "removeDrive", {{204}}},
	{"PUT", "/api/v1/drives/{id}/medium", "loadMedium", {{200, "Drive"}}},
	{"DELETE", "/api/v1/drives/{id}/medium", "ejectMedium", {{200, "Drive"}}},
	{"DELETE", "/api/v1/drives/{id}/reservation", "releaseDrive", {{200, "Drive"}}},
	{"GET", "/api/v1/drives/{id}/trace", "traceDrive", {{200, "Trace"}}},
	{"GET", "/api/v1/media", "listMedia", {{200, "MediumList"}}},
	{"POST", "/api/v1/media", "addMedia", {{200, "Medium|MediaAdded"}, {201, "Medium"}}},
	{"GET", "/api/v1/media/{id}", "getMedium", {{200, "Medium"}, {304}},
		.condition = "If-None-Match"},
	{"PATCH", "/api/v1/media/{id}", "describeMedium", {{200, "Medium"}},
		.condition = "If-Match"},
	{"DELETE", "/api/v1/media/{id}", "forgetMedium", {{204}}, .condition = "If-Match"},
	{"GET", "/api/v1/media/{id}/details", "getMediumDetails", {{200, "MediumDetails"}}},
	{"GET", "/api/v1/media/{id}/content", "getContent", {{200, "Bytes"}, {206, "Bytes"}, {304}},
		.content = "application/octet-stream", .condition = "If-None-Match"},
	{"PUT", "/api/v1/media/{id}/profile", "setProfile", {{200, "Medium"}}},
	{"PUT", "/api/v1/media/{id}/write-protection", "setWriteProtection", {{200, "Medium"}}},
	{"GET", "/api/v1/tags", "listTags", {{200, "TagList"}}},
	{"POST", "/api/v1/tapes", "makeTapes", {{201, "TapesMade"}}},
	{"POST", "/api/v1/imports", "import", {{200, "Job"}, {202, "Job"}}},
	{"POST", "/api/v1/scans", "scan", {{200, "Job"}, {202, "Job"}}},
	{"POST", "/api/v1/verifications", "verify", {{200, "Job"}, {202, "Job"}}},
	{"OPTIONS", "/api/v1/uploads", "askUploads", {{204}}},
	{"GET", "/api/v1/uploads", "listUploads", {{200, "UploadList"}}},
	{"POST", "/api/v1/uploads", "beginUpload", {{201, "Upload"}}},
	{"GET", "/api/v1/uploads/{id}", "getUpload", {{200, "Upload"}}},
	{"PATCH", "/api/v1/uploads/{id}", "sendPiece", {{204}}},
	{"DELETE", "/api/v1/uploads/{id}", "forgetUpload", {{204}}},
	{"GET", "/api/v1/jobs", "listJobs", {{200, "JobList"}}},
	{"GET", "/api/v1/jobs/{id}", "getJob", {{200, "Job"}}},
	{"DELETE", "/api/v1/jobs/{id}", "cancelJob", {{202, "Job"}}},
	{"GET", "/api/v1/history", "listHistory", {{200, "History"}}},
	{"GET", "/api/v1/events", "followEvents", {{200, "Text"}}, .content = "text/event-stream",
		.condition = "Last-Event-ID"},
	{"GET", "/api/v1/backup", "backUp", {{200, "Text"}}, .content = "application/vnd.sqlite3"},
	{"GET", "/api/v1/audit", "listAudit", {{200, "Audit"}}},
	{"GET", "/api/v1/exports", "listExports", {{200, "ExportList"}}},
	{"POST", "/api/v1/exports", "addExport", {{201, "Export"}}},
	{"GET", "/api/v1/exports/{id}", "getExport", {{200, "Export"}}},
	{"PUT", "/api/v1/exports/{id}", "putExport", {{200, "Export"}, {201, "Export"}}},
	{"DELETE", "/api/v1/exports/{id}", "removeExport", {{204}}},
	{"GET", "/api/v1/exports/{id}/sessions", "listExportSessions", {{200, "SessionList"}}},
	{"GET", "/api/v1/sessions", "listSessions", {{200, "SessionList"}}},
	{"GET", "/api/v1/tokens", "listTokens", {{200, "TokenList"}}},
	{"POST", "/api/v1/tokens", "makeToken", {{201, "Token"}}},
	{"GET", "/api/v1/tokens/{id}", "getToken", {{200, "Token"}}},
	{"DELETE", "/api/v1/tokens/{id}", "removeToken", {{204}}},
};

/* Those of one route come before those of all. */
static const struct described_parameter parameters[] = {
	{"limit", "/api/v1/drives/{id}/trace", NULL, 1, LIBRARY_TRACE_MAX, 50,
		"at most that many commands"},
	{"limit", NULL, NULL, 1, 1000, 100, "the length of a page"},
	{"before", NULL, NULL, 1, INT64_MAX, 0, "the next of the page before"},
	{"after", "/api/v1/events", NULL, 0, INT64_MAX, 0,
		"the number of an event: with what has happened since"},
	{"kind", "/api/v1/events", "drive|medium|export|job|token|upload|pool",
		.meaning = "only what concerns one of these"},
	{"after", "/api/v1/sessions", NULL, 0, INT64_MAX, 0, "the next of the page before"},
	{"after", "/api/v1/exports/{id}/sessions", NULL, 0, INT64_MAX, 0,
		"the next of the page before"},
	{"after", NULL, .meaning = "the next of the page before"},
	{"state", "/api/v1/jobs", "queued|running|succeeded|failed|cancelled",
		.meaning = "only jobs in this state"},
	{"state", "/api/v1/media", "ok|missing|changed",
		.meaning = "only media whose file is so"},
	{"kind", NULL, "disc|tape", .meaning = "only media of this kind"},
	{"force", NULL, "true|false", .meaning = "even though a host or a medium is in the way"},
	{"host", NULL, .meaning = "one host only"},
	{"match", NULL, .meaning = "words, each of which is somewhere in what is known of a medium"},
	{"tag", NULL, .meaning = "only media that have this tag"},
	{"sha256", NULL, .meaning = "a digest: only media that have the same bytes",
		.digest = true},
	{"duplicates", NULL, "true|false",
		.meaning = "only media that have the same bytes as others"},
	{"annotated", NULL, "true|false", .meaning = "only media that have tags or notes"},
	{"medium", NULL, .meaning = "one medium only"},
	{"drive", NULL, .meaning = "one drive only"},
	{"actor", NULL, .meaning = "one actor only"},
	{"subject_kind", NULL, .meaning = "only what concerns things of this kind"},
	{"subject", NULL, .meaning = "only what concerns things of this name; with subject_kind, one thing"},
};
/* clang-format on */

const struct described *described_find(const struct route *route)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i].method, route->method) &&
			!strcmp(rows[i].pattern, route->pattern))
			return &rows[i];
	return NULL;
}

const struct described_parameter *described_parameter_find(
	const struct route *route, const char *name)
{
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
		if (!strcmp(parameters[i].name, name) &&
			(!parameters[i].pattern || !strcmp(parameters[i].pattern, route->pattern)))
			return &parameters[i];
	return NULL;
}
