/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP request and its answer, between the HTTP library and the route table. All of it runs on
 * the thread of its listener; only operations come back from elsewhere, see operation.h.
 */
#pragma once

#include <microhttpd.h>

struct listener;

/* For MHD_start_daemon, with the struct listener as the closure of both. */
enum MHD_Result exchange_handle(void *listener, struct MHD_Connection *connection, const char *path,
	const char *method, const char *version, const char *data, size_t *size, void **state);
void exchange_completed(void *listener, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode why);

/* Leaves escapes in paths and parameters as they came: router.h and percent.h decode. */
size_t exchange_keep_escapes(void *listener, struct MHD_Connection *connection, char *text);
