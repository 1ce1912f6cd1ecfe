/* SPDX-License-Identifier: Apache-2.0 */
#include "json_shapes.h"

#include "daemon/jobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tape_alerts.h"
#include "utf8.h"
#include "util/cleanup.h"

json_t *shape_text(const char *text)
{
	json_t *string = json_string(text);
	if (string)
		return string;
	_cleanup_free_ char *repaired = utf8_repair(text);
	return repaired ? json_string(repaired) : NULL;
}

json_t *shape_optional(const char *text)
{
	return *text ? shape_text(text) : json_null();
}

json_t *shape_number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* RFC 3339 in UTC. */
static json_t *moment(int64_t seconds)
{
	char text[32];
	time_t time = (time_t)seconds;
	struct tm tm;
	if (!gmtime_r(&time, &tm) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return json_null();
	return json_string(text);
}

json_t *shape_object(const char *json)
{
	json_t *object = *json ? json_loads(json, 0, NULL) : NULL;
	return object ? object : json_null();
}

json_t *shape_words(const char *words)
{
	json_t *list = json_array();
	for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
		size_t length = strcspn(words, " ");
		json_array_append_new(list, json_stringn(words, length));
		words += length;
	}
	return list;
}

json_t *shape_moment(int64_t seconds)
{
	return seconds ? moment(seconds) : json_null();
}

static void add_findings(const struct library_medium *medium, json_t *shape)
{
	json_object_set_new(shape, "version", shape_number((uint64_t)medium->version));
	json_object_set_new(shape, "state", shape_text(medium->state));
	json_object_set_new(shape, "sha256", shape_optional(medium->sha256));
	json_object_set_new(shape, "verified", shape_moment(medium->verified));
	json_object_set_new(shape, "verify_result", shape_optional(medium->verify_result));
	json_object_set_new(shape, "owned", json_boolean(medium->owned));
	json_object_set_new(shape, "os", shape_optional(medium->os));
	json_object_set_new(shape, "tags", shape_words(medium->tags));
	json_object_set_new(shape, "notes", shape_text(medium->notes));
}

/* What only tapes have is null for a disc, and what only discs have for a tape. */
static void add_members_of_kind(const struct library_medium *medium, json_t *shape)
{
	bool tape = !strcmp(medium->kind, "tape");
	json_object_set_new(
		shape, "profile_set", tape ? json_null() : json_boolean(medium->profile_set));
	json_object_set_new(shape, "barcode", shape_optional(medium->barcode));
	json_object_set_new(shape, "medium_type", shape_optional(medium->medium_type));
	json_object_set_new(shape, "capacity", tape ? shape_number(medium->capacity) : json_null());
	json_object_set_new(shape, "write_protected",
		tape ? json_boolean(medium->write_protected) : json_null());
}

json_t *shape_medium(const struct library_medium *medium)
{
	json_t *shape = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"id", shape_text(medium->id), "kind", shape_text(medium->kind), "path",
		shape_text(medium->path), "format", shape_text(medium->format), "file_system",
		shape_optional(medium->file_system), "volume_id", shape_optional(medium->volume_id),
		"profile", shape_optional(medium->profile), "size", shape_number(medium->size),
		"fault", shape_optional(medium->fault), "added", moment(medium->added), "loads",
		shape_number(medium->loads), "drive", shape_optional(medium->drive));
	if (shape) {
		add_members_of_kind(medium, shape);
		add_findings(medium, shape);
	}
	return shape;
}

/* Reservation keys are written in hexadecimal by whoever makes them: sg_persist, for one. */
static json_t *shape_key(uint64_t key)
{
	char text[32];
	snprintf(text, sizeof text, "0x%" PRIx64, key);
	return key ? json_string(text) : json_null();
}

static json_t *shape_reservation(const struct library_reservation *reservation)
{
	if (!*reservation->type && !reservation->registrants)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:i, s:b}", "type", shape_optional(reservation->type),
		"holder", shape_optional(reservation->holder), "key", shape_key(reservation->key),
		"registrants", (int)reservation->registrants, "lasting", reservation->lasting);
}

static json_t *shape_host(const struct library_host *host)
{
	return json_pack("{s:o, s:b, s:b, s:o, s:b, s:b, s:o}", "name", shape_text(host->name),
		"locks", host->locks, "reserves", host->reserves, "key", shape_key(host->key),
		"sees_medium", host->sees_medium, "told", host->told, "commands",
		shape_number(host->commands));
}

static json_t *shape_hosts(const struct library_drive *drive)
{
	json_t *hosts = json_array();
	for (unsigned i = 0; i < drive->host_count && i < LIBRARY_NEXUSES_MAX; i++)
		json_array_append_new(hosts, shape_host(&drive->hosts[i]));
	return hosts;
}

static json_t *shape_counters(const struct library_drive *drive)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "commands",
		shape_number(drive->commands), "bytes_read", shape_number(drive->bytes_read),
		"bytes_written", shape_number(drive->bytes_written), "inline_reads",
		shape_number(drive->inline_reads), "pool_reads", shape_number(drive->pool_reads),
		"wakeups", shape_number(drive->wakeups), "kicks", shape_number(drive->kicks),
		"allocations", shape_number(drive->allocations));
}

json_t *shape_tape(const struct library_tape *tape)
{
	json_t *damaged_object = tape->damaged ? shape_number(tape->damaged_object) : json_null();
	return json_pack("{s:b, s:b, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "threaded",
		tape->threaded, "writable", tape->writable, "reason", shape_optional(tape->reason),
		"damaged", tape->damaged, "damaged_object", damaged_object, "position",
		shape_number(tape->position), "end", shape_number(tape->end), "filemarks",
		shape_number(tape->filemarks), "bytes", shape_number(tape->bytes), "used",
		shape_number(tape->used), "capacity", shape_number(tape->capacity), "mounts",
		shape_number(tape->mounts));
}

json_t *shape_drive(const struct library_drive *drive)
{
	json_t *medium = drive->has_medium ? shape_medium(&drive->medium) : json_null();
	json_t *tape = drive->has_tape ? shape_tape(&drive->tape) : json_null();
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"name", shape_text(drive->name), "kind", shape_text(drive->kind), "personality",
		shape_text(drive->personality), "serial", shape_text(drive->serial), "tray",
		shape_optional(drive->tray), "state", shape_text(drive->state), "locked",
		drive->locked, "reservation", shape_reservation(&drive->reservation), "failure",
		shape_optional(drive->failure), "address", shape_optional(drive->export_address),
		"medium", medium, "tape", tape, "alerts", shape_tape_alerts(drive->alerts), "hosts",
		shape_hosts(drive), "counters", shape_counters(drive));
}

json_t *shape_history_entry(const struct library_history_entry *entry)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "number", (json_int_t)entry->number,
		"when", moment(entry->when), "actor", shape_text(entry->actor), "verb",
		shape_text(entry->verb), "drive", shape_optional(entry->drive), "medium",
		shape_optional(entry->medium), "detail",
		shape_object(entry->detail ? entry->detail : ""));
}

static json_t *shape_subject(const struct library_history_entry *entry)
{
	if (!*entry->subject)
		return json_null();
	return json_pack("{s:o, s:o}", "kind", shape_text(entry->subject_kind), "name",
		shape_text(entry->subject));
}

json_t *shape_notice(const struct library_history_entry *entry)
{
	json_t *shape = shape_history_entry(entry);
	if (shape)
		json_object_set_new(shape, "subject", shape_subject(entry));
	return shape;
}

json_t *shape_event(const struct library_history_entry *entry)
{
	json_t *shape = shape_history_entry(entry);
	if (!shape)
		return NULL;
	json_object_set_new(shape, "subject", shape_subject(entry));
	json_object_set_new(shape, "outcome", shape_text(*entry->outcome ? entry->outcome : "ok"));
	return shape;
}

static json_t *shape_failure(const struct library_job *job)
{
	if (!*job->error)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "code", shape_text(job->error), "detail",
		shape_text(job->sentence), "remedy", shape_text(job->remedy));
}

json_t *shape_job(const struct library_job *job)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"id", (json_int_t)job->id, "kind", shape_text(job->kind), "state",
		shape_text(job->state), "actor", shape_text(job->actor), "parameters",
		shape_object(job->parameters), "result", shape_object(job->result), "error",
		shape_failure(job), "created", moment(job->created), "started",
		shape_moment(job->started), "ended", shape_moment(job->ended), "done",
		shape_number(job->done), "total",
		job->total ? shape_number(job->total) : json_null(), "rate",
		shape_number(job->rate), "eta_s",
		job->eta >= 0 ? json_integer((json_int_t)job->eta) : json_null());
}

/* "28 00 00 00 00 10": as SCSI people write a CDB. */
static json_t *shape_cdb(const struct library_trace_entry *entry)
{
	char text[3 * sizeof entry->cdb + 1] = "";
	for (unsigned i = 0; i < entry->cdb_length && i < sizeof entry->cdb; i++)
		snprintf(text + (i ? 3 * i - 1 : 0), 4, i ? " %02x" : "%02x", entry->cdb[i]);
	return json_string(text);
}

static json_t *shape_sense(const struct library_trace_entry *entry)
{
	if (entry->status != 0x02) /* only CHECK CONDITION brings sense (SAM-5 5.3.1) */
		return json_null();
	return json_pack("{s:i, s:i, s:i, s:o}", "key", entry->sense_key, "asc", entry->asc, "ascq",
		entry->ascq, "text", shape_text(entry->sense_text));
}

json_t *shape_trace_entry(const struct library_trace_entry *entry)
{
	return json_pack("{s:o, s:o, s:f, s:o, s:o, s:o, s:i, s:o, s:o}", "host",
		shape_text(entry->host), "number", shape_number(entry->number), "age_s",
		entry->age_s, "duration_us", shape_number(entry->duration_us), "name",
		shape_text(entry->name), "cdb", shape_cdb(entry), "status", entry->status, "sense",
		shape_sense(entry), "transferred", shape_number(entry->transferred));
}

static json_t *shape_luns(const struct library_export *export)
{
	json_t *luns = json_array();
	for (unsigned i = 0; i < export->lun_count && i < LIBRARY_EXPORT_LUNS_MAX; i++)
		json_array_append_new(luns, json_pack("{s:i, s:o}", "lun", export->luns[i].lun,
						    "drive", shape_text(export->luns[i].drive)));
	return luns;
}

static json_t *shape_rules(const struct library_rules *rules)
{
	json_t *list = json_array();
	for (unsigned i = 0; i < rules->count && i < LIBRARY_EXPORT_RULES_MAX; i++)
		json_array_append_new(list, shape_text(rules->rules[i]));
	return list;
}

/* Without the secret, which is never given out. */
static json_t *shape_chap(const char *user)
{
	return *user ? json_pack("{s:o}", "user", shape_text(user)) : json_null();
}

json_t *shape_export(const struct library_export *export)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "name",
		shape_text(export->name), "target", shape_text(export->target), "transport",
		shape_text(export->transport), "luns", shape_luns(export), "initiators",
		shape_rules(&export->initiators), "networks", shape_rules(&export->networks),
		"chap", shape_chap(export->chap_user), "mutual_chap",
		shape_chap(export->mutual_user), "open", export->open, "warning",
		shape_optional(export->warning), "session_count",
		shape_number(export->session_count));
}

json_t *shape_session(const struct library_session *session)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "id", shape_number(session->number),
		"export", shape_text(session->export), "initiator", shape_text(session->initiator),
		"isid", shape_text(session->isid), "address", shape_text(session->address), "since",
		moment(session->since));
}

/* Of addresses separated by spaces, a list. */
static json_t *shape_addresses(const char *text)
{
	json_t *list = json_array();
	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t length = strcspn(text, " ");
		json_array_append_new(list, json_stringn(text, length));
		text += length;
	}
	return list;
}

json_t *shape_health(const struct library_health *health)
{
	return json_pack("{s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version",
		shape_text(health->version), "ready", health->ready, "drives",
		shape_number(health->drives), "drives_failed", shape_number(health->drives_failed),
		"media", shape_number(health->media), "transport", shape_text(health->transport),
		"portal", shape_addresses(health->portal), "kernel",
		shape_addresses(health->kernel), "kernel_reason",
		shape_optional(health->kernel_reason), "sessions", shape_number(health->sessions),
		"warning", shape_optional(health->warning), "uptime_s",
		shape_number(health->uptime_s));
}

static json_t *shape_refusal(const struct library_result *result)
{
	if (!result->refused)
		return json_null();
	const struct error *error = &result->first_refusal;
	return json_pack("{s:s, s:o, s:o}", "code", error_code_name(error->code), "detail",
		shape_text(error->sentence), "remedy", shape_text(error->remedy));
}

static json_t *shape_made(const struct library_result *result)
{
	json_t *media = json_array();
	for (unsigned i = 0; i < result->id_count; i++)
		json_array_append_new(media, shape_text(result->ids[i]));
	return json_pack("{s:o, s:o}", "added", shape_number(result->id_count), "media", media);
}

json_t *shape_result(const struct library_result *result)
{
	if (result->id_count)
		return shape_made(result);
	if (result->has_drive)
		return shape_drive(&result->drive);
	if (result->has_medium)
		return shape_medium(&result->medium);
	if (result->export)
		return shape_export(result->export);
	if (result->token)
		return shape_token(result->token);
	return json_pack("{s:o, s:o, s:o, s:o}", "added", shape_number(result->added), "known",
		shape_number(result->known), "refused", shape_number(result->refused),
		"first_refusal", shape_refusal(result));
}
