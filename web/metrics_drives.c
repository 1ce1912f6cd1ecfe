/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/metrics.h"
#include "tape_alerts.h"
#include "util/cleanup.h"

/* One drive as all families see it: a sample of each at the same moment. */
struct observed {
	char name[LIBRARY_ID_MAX];
	char kind[16], personality[32], profile[16], state[24];
	bool loaded, tape;
	uint64_t alerts, bytes_read, bytes_written;
	unsigned hosts;
	struct library_commands commands;
};

struct observations {
	size_t count;
	struct observed *drives;
};

static void observe(
	struct library *library, const struct library_drive *drive, struct observed *ret)
{
	*ret = (struct observed){.loaded = drive->has_medium,
		.tape = !strcmp(drive->kind, "tape"),
		.alerts = drive->alerts,
		.bytes_read = drive->bytes_read,
		.bytes_written = drive->bytes_written,
		.hosts = drive->host_count};
	snprintf(ret->name, sizeof ret->name, "%s", drive->name);
	snprintf(ret->kind, sizeof ret->kind, "%s", drive->kind);
	snprintf(ret->personality, sizeof ret->personality, "%s", drive->personality);
	snprintf(ret->profile, sizeof ret->profile, "%s",
		drive->has_medium ? drive->medium.profile : "");
	snprintf(ret->state, sizeof ret->state, "%s", drive->state);
	library_drive_commands(library, drive->name, &ret->commands, NULL);
}

/* A drive is large: no more than one at a time, and none on the stack. */
static void observe_all(struct library *library, struct observations *ret)
{
	_cleanup_free_ struct library_drive *drive = malloc(sizeof *drive);
	size_t room = library_drive_count(library);
	ret->drives = calloc(room ? room : 1, sizeof *ret->drives);
	while (drive && ret->drives && ret->count < room &&
		library_drive_at(library, (unsigned)ret->count, drive))
		observe(library, drive, &ret->drives[ret->count++]);
}

static void info(FILE *out, const struct observations *all)
{
	metrics_family(out, "carousel_drive_info", "gauge",
		"1 for every drive; profile is that of the disc in it");
	for (size_t i = 0; i < all->count; i++)
		metrics_sample(out, "carousel_drive_info",
			LABELS("drive", all->drives[i].name, "kind", all->drives[i].kind,
				"personality", all->drives[i].personality, "profile",
				all->drives[i].profile),
			1);
}

static void states(FILE *out, const struct observations *all)
{
	static const char *const known[] = {"empty", "loaded", "unloaded", "changing", "failed"};
	metrics_family(out, "carousel_drive_state", "gauge", "1 for the state that a drive is in");
	for (size_t i = 0; i < all->count; i++)
		for (size_t s = 0; s < sizeof known / sizeof *known; s++)
			metrics_sample(out, "carousel_drive_state",
				LABELS("drive", all->drives[i].name, "state", known[s]),
				!strcmp(all->drives[i].state, known[s]));
}

/* A figure of every drive. */
static void each_drive(FILE *out, const struct observations *all, const char *name,
	const char *type, const char *help, uint64_t (*figure)(const struct observed *drive))
{
	metrics_family(out, name, type, help);
	for (size_t i = 0; i < all->count; i++)
		metrics_sample(
			out, name, LABELS("drive", all->drives[i].name), figure(&all->drives[i]));
}

static uint64_t loaded(const struct observed *drive)
{
	return drive->loaded;
}

static uint64_t hosts(const struct observed *drive)
{
	return drive->hosts;
}

static uint64_t bytes_read(const struct observed *drive)
{
	return drive->bytes_read;
}

static uint64_t bytes_written(const struct observed *drive)
{
	return drive->bytes_written;
}

/* ---- commands ------------------------------------------------------------------------------ */

static void count_commands(FILE *out, const struct observed *drive)
{
	for (unsigned c = 0; c < LIBRARY_COMMAND_CLASSES; c++)
		for (unsigned s = 0; s < LIBRARY_COMMAND_STATUSES; s++)
			metrics_sample(out, "carousel_scsi_commands_total",
				LABELS("drive", drive->name, "class", library_command_classes[c],
					"status", library_command_statuses[s]),
				drive->commands.count[c][s]);
}

static void commands(FILE *out, const struct observations *all)
{
	metrics_family(out, "carousel_scsi_commands_total", "counter",
		"commands of hosts that have ended");
	for (size_t i = 0; i < all->count; i++)
		count_commands(out, &all->drives[i]);
}

static void sum_durations(
	const struct observations *all, unsigned class, struct library_commands *ret)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct library_commands *drive = &all->drives[i].commands;
		for (unsigned b = 0; b <= LIBRARY_DURATIONS; b++)
			ret->durations[class][b] += drive->durations[class][b];
		ret->duration_us[class] += drive->duration_us[class];
		memcpy(ret->bounds_us, drive->bounds_us, sizeof ret->bounds_us);
	}
}

/* Buckets are cumulative, and the last one is all there is. */
static void histogram(FILE *out, const struct library_commands *sum, unsigned class)
{
	const char *name = library_command_classes[class];
	uint64_t count = 0;
	for (unsigned b = 0; b <= LIBRARY_DURATIONS; b++) {
		char bound[32] = "+Inf";
		if (b < LIBRARY_DURATIONS)
			snprintf(bound, sizeof bound, "%g", sum->bounds_us[b] / 1e6);
		count += sum->durations[class][b];
		metrics_sample(out, "carousel_scsi_command_duration_seconds_bucket",
			LABELS("class", name, "le", bound), count);
	}
	metrics_real(out, "carousel_scsi_command_duration_seconds_sum", LABELS("class", name),
		(double)sum->duration_us[class] / 1e6);
	metrics_sample(
		out, "carousel_scsi_command_duration_seconds_count", LABELS("class", name), count);
}

static void durations(FILE *out, const struct observations *all)
{
	struct library_commands sum = {0};
	metrics_family(out, "carousel_scsi_command_duration_seconds", "histogram",
		"how long the commands of hosts took, of all drives");
	for (unsigned c = 0; all->count && c < LIBRARY_COMMAND_CLASSES; c++) {
		sum_durations(all, c, &sum);
		histogram(out, &sum, c);
	}
}

static void sense(FILE *out, const struct observations *all)
{
	metrics_family(out, "carousel_sense_total", "counter",
		"CHECK CONDITIONs by sense key, in hexadecimal");
	for (size_t i = 0; i < all->count; i++)
		for (unsigned key = 0; key < LIBRARY_SENSE_KEYS; key++) {
			char text[8];
			snprintf(text, sizeof text, "%x", key);
			metrics_sample(out, "carousel_sense_total",
				LABELS("drive", all->drives[i].name, "key", text),
				all->drives[i].commands.sense_keys[key]);
		}
}

/* Flags that are obsolete or reserved have no severity, and are never set. */
static void alerts(FILE *out, const struct observations *all)
{
	metrics_family(out, "carousel_tape_alert", "gauge", "1 while a TapeAlert flag is set");
	for (size_t i = 0; i < all->count; i++)
		for (unsigned flag = 1; all->drives[i].tape && flag <= TAPE_ALERTS; flag++)
			if (tape_alert(flag)->severity)
				metrics_sample(out, "carousel_tape_alert",
					LABELS("drive", all->drives[i].name, "alert",
						tape_alert(flag)->name, "severity",
						tape_alert(flag)->severity),
					all->drives[i].alerts >> (flag - 1) & 1);
}

void metrics_of_drives(FILE *out, struct library *library)
{
	struct observations all = {0};
	observe_all(library, &all);
	info(out, &all);
	states(out, &all);
	each_drive(out, &all, "carousel_drive_loaded", "gauge", "1 while a medium is in the drive",
		loaded);
	each_drive(out, &all, "carousel_drive_hosts", "gauge", "hosts that the drive is shown to",
		hosts);
	each_drive(out, &all, "carousel_drive_read_bytes_total", "counter",
		"bytes that hosts have read", bytes_read);
	each_drive(out, &all, "carousel_drive_written_bytes_total", "counter",
		"bytes that hosts have written", bytes_written);
	commands(out, &all);
	durations(out, &all);
	sense(out, &all);
	alerts(out, &all);
	free(all.drives);
}
