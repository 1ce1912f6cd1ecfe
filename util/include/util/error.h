/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors for operators and the REST API. (Hosts get sense, see scsi/sense.h; the inside uses
 *-errno.)
 *
 * An error is a stable code for programs, a sentence that names the cause, and a sentence that says
 * what to do about it. Neither sentence ends in a newline.
 *
 *	if (!S_ISREG(st.st_mode))
 *		return error_set(error, ERROR_NOT_A_FILE,
 *			"Give the path of an image file, not of a directory or device.",
 *			"%s is not a regular file", path);
 */
#pragma once

#include <stdbool.h>

/* X(symbol, code in problem+json, HTTP status) — one row per code, nowhere else. */
#define ERROR_CODES(X)                                                                             \
	X(ERROR_NONE, "none", 200)                                                                 \
	X(ERROR_INVALID, "invalid_request", 400)                                                   \
	X(ERROR_UNAUTHORIZED, "unauthorized", 401)                                                 \
	X(ERROR_FORBIDDEN, "forbidden", 403)                                                       \
	X(ERROR_NOT_FOUND, "not_found", 404)                                                       \
	X(ERROR_DRIVE_NOT_FOUND, "drive_not_found", 404)                                           \
	X(ERROR_MEDIUM_NOT_FOUND, "medium_not_found", 404)                                         \
	X(ERROR_EXPORT_NOT_FOUND, "export_not_found", 404)                                         \
	X(ERROR_JOB_NOT_FOUND, "job_not_found", 404)                                               \
	X(ERROR_TOKEN_NOT_FOUND, "token_not_found", 404)                                           \
	X(ERROR_UPLOAD_NOT_FOUND, "upload_not_found", 404)                                         \
	X(ERROR_METHOD_NOT_ALLOWED, "method_not_allowed", 405)                                     \
	X(ERROR_EXISTS, "already_exists", 409)                                                     \
	X(ERROR_DRIVE_FULL, "drive_full", 409)                                                     \
	X(ERROR_DRIVE_EMPTY, "drive_empty", 409)                                                   \
	X(ERROR_DRIVE_BUSY, "drive_busy", 409)                                                     \
	X(ERROR_REMOVAL_PREVENTED, "removal_prevented", 409)                                       \
	X(ERROR_MEDIUM_IN_USE, "medium_in_use", 409)                                               \
	X(ERROR_EXPORT_UNPROTECTED, "export_unprotected", 409)                                     \
	X(ERROR_JOB_ENDED, "job_ended", 409)                                                       \
	X(ERROR_UPLOAD_OFFSET, "upload_offset", 409)                                               \
	X(ERROR_UNDER_WAY, "under_way", 409)                                                       \
	X(ERROR_FILE_CHANGED, "file_changed", 409)                                                 \
	X(ERROR_UPLOAD_ENDED, "upload_ended", 410)                                                 \
	X(ERROR_UPLOAD_VERSION, "upload_version", 412)                                             \
	X(ERROR_CHANGED_MEANWHILE, "changed_meanwhile", 412)                                       \
	X(ERROR_TOO_LARGE, "too_large", 413)                                                       \
	X(ERROR_UNSUPPORTED_TYPE, "unsupported_media_type", 415)                                   \
	X(ERROR_RANGE, "range_not_satisfiable", 416)                                               \
	X(ERROR_FILE_MISSING, "file_missing", 422)                                                 \
	X(ERROR_FILE_UNREADABLE, "file_unreadable", 422)                                           \
	X(ERROR_FILE_OUTSIDE_POOLS, "outside_media_pools", 422)                                    \
	X(ERROR_FILE_TYPE, "not_a_regular_file", 422)                                              \
	X(ERROR_IMAGE_EMPTY, "image_empty", 422)                                                   \
	X(ERROR_IMAGE_UNRECOGNISED, "image_unrecognised", 422)                                     \
	X(ERROR_IMAGE_TRUNCATED, "image_truncated", 422)                                           \
	X(ERROR_IMAGE_CHANGED, "image_changed", 422)                                               \
	X(ERROR_MEDIUM_DOES_NOT_FIT, "medium_does_not_fit", 422)                                   \
	X(ERROR_DIGEST, "digest_mismatch", 422)                                                    \
	X(ERROR_KEY_REUSED, "idempotency_key_reused", 422)                                         \
	X(ERROR_CANCELLED, "cancelled", 422)                                                       \
	X(ERROR_TOO_MANY, "too_many_requests", 429)                                                \
	X(ERROR_HEADERS, "headers_too_large", 431)                                                 \
	X(ERROR_UPLOAD_CHECKSUM, "upload_checksum", 460)                                           \
	X(ERROR_CONFIGURATION, "configuration", 500)                                               \
	X(ERROR_CATALOG, "catalog", 500)                                                           \
	X(ERROR_CATALOG_NEWER, "catalog_newer", 500)                                               \
	X(ERROR_CATALOG_DAMAGED, "catalog_damaged", 500)                                           \
	X(ERROR_KERNEL_TARGET, "kernel_target", 500)                                               \
	X(ERROR_PERMISSION, "permission", 500)                                                     \
	X(ERROR_STATE_IN_USE, "state_in_use", 500)                                                 \
	X(ERROR_NO_MEMORY, "no_memory", 500)                                                       \
	X(ERROR_INTERNAL, "internal", 500)                                                         \
	X(ERROR_CATALOG_BUSY, "catalog_busy", 503)                                                 \
	X(ERROR_SEARCH_SLOW, "search_too_slow", 503)                                               \
	X(ERROR_STOPPING, "stopping", 503)                                                         \
	X(ERROR_FOLLOWERS, "too_many_followers", 503)                                              \
	X(ERROR_HOST_FULL, "host_full", 507)

#define ERROR_ENUM_(symbol, code, status) symbol,
enum error_code { ERROR_CODES(ERROR_ENUM_) };
#undef ERROR_ENUM_

struct error {
	enum error_code code;
	char sentence[384]; /* what is wrong, naming the object */
	char remedy[256];   /* what to do, in the imperative */
};

/* Always returns false, so that `return error_set(…)` reads well. A NULL error is allowed. */
bool error_set(struct error *error, enum error_code code, const char *remedy, const char *format,
	...) __attribute__((format(printf, 4, 5)));

const char *error_code_name(enum error_code code); /* "drive_full" */
int error_http_status(enum error_code code);
