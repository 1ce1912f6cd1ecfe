/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing here looks at all media or at all of history: each request costs a walk over the drives,
 * and a handful of rows of the catalog.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>

#include "http_tally.h"
#include "metrics.h"
#include "routes.h"

static void count_request(void *out, const struct route *route, int status, uint64_t count)
{
	char code[8];
	snprintf(code, sizeof code, "%d", status);
	metrics_sample(out, "carousel_http_requests_total",
		LABELS("route", route ? route->pattern : "none", "method",
			route ? route->method : "none", "code", code),
		count);
}

void metrics_of_http(FILE *out, struct http_tally *tally)
{
	metrics_family(out, "carousel_http_requests_total", "counter",
		"requests that were answered; HEAD counts as GET, and what has no route as none");
	http_tally_each(tally, count_request, out);
	metrics_single(out, "carousel_sse_clients", "gauge", "clients that follow events",
		http_tally_streams(tally));
}

static void write_library(FILE *out, struct library *library)
{
	struct library_health health;
	library_health(library, &health);
	metrics_family(out, "carousel_build_info", "gauge", "1; the version is a label");
	metrics_sample(out, "carousel_build_info", LABELS("version", health.version), 1);
	metrics_single(out, "carousel_ready", "gauge", "1 while every configured drive is served",
		health.ready);
	metrics_single(out, "carousel_iscsi_sessions", "gauge", "iSCSI sessions that are open",
		health.sessions);
}

static void write_all(FILE *out, const struct request *request)
{
	write_library(out, request->library);
	metrics_of_drives(out, request->library);
	metrics_of_catalog(out, request->library);
	metrics_of_http(out, request->tally);
	metrics_of_process(out);
}

void get_metrics(struct request *request, struct answer *answer)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (out)
		write_all(out, request);
	if (out && fclose(out)) {
		free(text);
		text = NULL;
	}
	answer_text(answer, MHD_HTTP_OK, METRICS_CONTENT_TYPE, text);
}
