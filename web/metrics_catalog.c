/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include <string.h>

#include "daemon/metrics.h"

static bool media(void *out, const struct library_total *total)
{
	metrics_sample(out, "carousel_media", LABELS("kind", total->kind, "state", total->state),
		total->count);
	return true;
}

static bool media_bytes(void *out, const struct library_total *total)
{
	metrics_sample(out, "carousel_media_bytes",
		LABELS("kind", total->kind, "state", total->state), total->bytes);
	return true;
}

static bool jobs(void *out, const struct library_total *total)
{
	metrics_sample(out, "carousel_jobs", LABELS("kind", total->kind, "state", total->state),
		total->count);
	return true;
}

/* Buckets are cumulative, and the last one is all there is. */
static bool job_durations(void *out, const struct library_job_durations *row)
{
	uint64_t count = 0;
	for (unsigned b = 0; b <= LIBRARY_JOB_DURATIONS; b++) {
		char bound[32] = "+Inf";
		if (b < LIBRARY_JOB_DURATIONS)
			snprintf(bound, sizeof bound, "%g", library_job_bounds_ms[b] / 1e3);
		count += row->count[b];
		metrics_sample(out, "carousel_job_duration_seconds_bucket",
			LABELS("kind", row->kind, "result", row->result, "le", bound), count);
	}
	metrics_real(out, "carousel_job_duration_seconds_sum",
		LABELS("kind", row->kind, "result", row->result), (double)row->sum_ns / 1e9);
	metrics_sample(out, "carousel_job_duration_seconds_count",
		LABELS("kind", row->kind, "result", row->result), count);
	return true;
}

static bool keep_last_scan(void *last, const struct library_total *total)
{
	if (!strcmp(total->kind, "scan") && !strcmp(total->state, "succeeded"))
		*(int64_t *)last = total->ended;
	return true;
}

/* Absent, not 0, when there was none: an alert on its age would fire at once. */
static void last_scan(FILE *out, struct library *library)
{
	int64_t last = 0;
	library_job_totals(library, keep_last_scan, &last, NULL);
	if (last)
		metrics_single(out, "carousel_last_scan_timestamp_seconds", "gauge",
			"when the pools were last looked through", (uint64_t)last);
}

void metrics_of_catalog(FILE *out, struct library *library)
{
	metrics_family(out, "carousel_media", "gauge", "media of the catalog");
	library_media_totals(library, media, out, NULL);
	metrics_family(out, "carousel_media_bytes", "gauge", "the sum of the sizes of their files");
	library_media_totals(library, media_bytes, out, NULL);
	metrics_family(out, "carousel_jobs", "gauge", "jobs that are not forgotten");
	library_job_totals(library, jobs, out, NULL);
	metrics_family(out, "carousel_job_duration_seconds", "histogram",
		"how long jobs ran that have ended");
	library_job_durations(library, job_durations, out);
	last_scan(out, library);
}
