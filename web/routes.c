/* SPDX-License-Identifier: Apache-2.0 */
#include "routes.h"

#include "body_fields.h"
#include "router.h"

static const char *const force_query[] = {"force", NULL};
static const char *const trace_query[] = {"host", "limit", NULL};
static const char *const media_query[] = {
	"after", "limit", "match", "kind", "tag", "state", "sha256", NULL};
static const char *const jobs_query[] = {"state", "before", "limit", NULL};
static const char *const audit_query[] = {
	"medium", "drive", "actor", "subject_kind", "subject", "before", "limit", NULL};
static const char *const history_query[] = {"medium", "drive", "before", "limit", NULL};

/* clang-format off */
const struct route routes[] = {
	{"GET", "/healthz", SCOPE_PUBLIC, .handle = get_alive,
		.summary = "200 while the daemon lives"},
	{"GET", "/readyz", SCOPE_PUBLIC, .handle = get_ready,
		.summary = "200 when every configured drive is served, 503 before"},
	{"GET", "/api/v1", SCOPE_READ, .handle = get_index,
		.summary = "this list"},
	{"GET", "/api/v1/status", SCOPE_READ, .handle = get_status,
		.summary = "health of the library"},
	{"GET", "/api/v1/drives", SCOPE_READ, .handle = get_drives,
		.summary = "all drives and what is in them"},
	{"POST", "/api/v1/drives", SCOPE_ADMIN, .fields = drive_add_fields, .handle = post_drive,
		.summary = "add a drive"},
	{"GET", "/api/v1/drives/{id}", SCOPE_READ, .handle = get_drive,
		.summary = "one drive"},
	{"DELETE", "/api/v1/drives/{id}", SCOPE_ADMIN, .silent = true, .query = force_query,
		.handle = delete_drive, .summary = "remove a drive"},
	{"PUT", "/api/v1/drives/{id}/medium", SCOPE_LOAD, .fields = load_fields,
		.handle = put_drive_medium,
		.summary = "load a medium; the drive \"any\" is the first empty one it fits in"},
	{"DELETE", "/api/v1/drives/{id}/medium", SCOPE_LOAD, .query = force_query,
		.handle = delete_drive_medium, .summary = "eject the medium"},
	{"DELETE", "/api/v1/drives/{id}/reservation", SCOPE_ADMIN,
		.handle = delete_drive_reservation,
		.summary = "take back what hosts have reserved or registered"},
	{"GET", "/api/v1/drives/{id}/trace", SCOPE_READ, .query = trace_query,
		.handle = get_trace, .summary = "the last commands of the hosts, oldest first"},
	{"GET", "/api/v1/media", SCOPE_READ, .query = media_query, .handle = get_media,
		.summary = "the catalog, page by page"},
	{"POST", "/api/v1/media", SCOPE_ADMIN, .fields = media_add_fields, .handle = post_medium,
		.summary = "add an image file, or all of a directory"},
	{"GET", "/api/v1/media/{id}", SCOPE_READ, .handle = get_medium,
		.summary = "one medium"},
	{"PATCH", "/api/v1/media/{id}", SCOPE_ADMIN, .fields = media_words_fields,
		.handle = patch_medium,
		.summary = "tags, notes or another id; If-Match: only if it is as it was seen"},
	{"GET", "/api/v1/media/{id}/details", SCOPE_READ, .handle = get_details,
		.summary = "what is in an image: volumes, how it boots, operating system"},
	{"GET", "/api/v1/tags", SCOPE_READ, .handle = get_tags,
		.summary = "all tags, and how many media have them"},
	{"POST", "/api/v1/imports", SCOPE_ADMIN, .fields = import_fields,
		.handle = post_import,
		.summary = "add an image, or all of a directory, with its digest; copied if wanted"},
	{"POST", "/api/v1/scans", SCOPE_ADMIN, .fields = scan_fields, .handle = post_scan,
		.summary = "look for new, moved, changed and missing files in the pools"},
	{"POST", "/api/v1/verifications", SCOPE_ADMIN, .fields = verify_fields,
		.handle = post_verification,
		.summary = "read one disc, or all, and compare the digests"},
	{"GET", "/api/v1/jobs", SCOPE_READ, .query = jobs_query, .handle = get_jobs,
		.summary = "long work, newest first, page by page"},
	{"GET", "/api/v1/jobs/{id}", SCOPE_READ, .handle = get_job,
		.summary = "one job: how far it is, or what came of it"},
	{"DELETE", "/api/v1/jobs/{id}", SCOPE_ADMIN, .handle = delete_job,
		.summary = "cancel a job that has not ended"},
	{"PUT", "/api/v1/media/{id}/profile", SCOPE_ADMIN, .fields = media_profile_fields,
		.handle = put_profile,
		.summary = "what a disc is pressed to: cd-rom, dvd-rom, bd-rom or auto"},
	{"DELETE", "/api/v1/media/{id}", SCOPE_ADMIN, .silent = true, .handle = delete_medium,
		.summary = "forget a medium; its file stays"},
	{"PUT", "/api/v1/media/{id}/write-protection", SCOPE_ADMIN,
		.fields = tape_protect_fields, .handle = put_write_protection,
		.summary = "set or clear the write-protect tab of a tape"},
	{"POST", "/api/v1/tapes", SCOPE_ADMIN, .fields = tape_create_fields,
		.handle = post_tapes, .summary = "make blank tapes, all of them or none"},
	{"GET", "/api/v1/history", SCOPE_READ, .query = history_query, .handle = get_history,
		.summary = "what happened to media and drives, newest first, page by page"},
	{"GET", "/api/v1/audit", SCOPE_ADMIN, .query = audit_query, .handle = get_audit,
		.summary = "who did what to anything, and what was refused, newest first"},
	{"GET", "/api/v1/exports", SCOPE_READ, .handle = get_exports,
		.summary = "all targets of the iSCSI portal"},
	{"POST", "/api/v1/exports", SCOPE_ADMIN, .fields = export_add_fields,
		.handle = post_export, .summary = "add a target of the iSCSI portal"},
	{"GET", "/api/v1/exports/{id}", SCOPE_READ, .handle = get_export,
		.summary = "one target; secrets are not given out"},
	{"PUT", "/api/v1/exports/{id}", SCOPE_ADMIN, .fields = export_put_fields,
		.handle = put_export,
		.summary = "make or change a target; sessions that the change concerns are closed"},
	{"DELETE", "/api/v1/exports/{id}", SCOPE_ADMIN, .silent = true,
		.handle = delete_export, .summary = "remove a target and close its sessions"},
	{"GET", "/api/v1/exports/{id}/sessions", SCOPE_READ, .handle = get_export_sessions,
		.summary = "who is logged in to a target"},
	{"GET", "/api/v1/sessions", SCOPE_READ, .handle = get_sessions,
		.summary = "who is logged in to the portal"},
};
/* clang-format on */

const size_t routes_count = sizeof routes / sizeof *routes;
