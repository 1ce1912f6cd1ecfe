/* SPDX-License-Identifier: Apache-2.0 */
/* carousel events. */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "client.h"
#include "event_stream.h"
#include "human.h"
#include "patience.h"
#include "util/cleanup.h"

enum {
	SILENCE_S = 45, /* three heartbeats */
	RETRY_MS = 1000,
	PART_MAX = 320,
};

struct following {
	const struct cli *cli;
	char path[CLIENT_PATH_MAX];
	struct event_stream stream;
	struct patience patience;
	long long left;     /* events that are wanted still; -1: all */
	bool met;           /* it has answered once */
	bool over;          /* nothing more is wanted */
	enum exit_code end; /* then */
	char told[sizeof((struct failure *)NULL)->sentence]; /* why it does not answer; "": it does
							      */
};

/* ---- one event -------------------------------------------------------------------------------
 */

static bool is_wanted(const struct cli *cli, const char *verb)
{
	bool wanted = !(cli->options & OPTION_TYPE);
	for (unsigned i = 0; i < cli->given_count; i++)
		if (cli->given[i].option == OPTION_TYPE)
			wanted |= fnmatch(cli->given[i].value, verb, 0) == 0;
	return wanted;
}

static void add_part(char ret[PART_MAX], const char *before, const char *text)
{
	size_t length = strlen(ret);
	if (*text)
		snprintf(ret + length, PART_MAX - length, "%s%s%.100s", length ? ", " : "", before,
			text);
}

/* "drive dvd0, medium netinst"; "job 17". */
static const char *subject_of(const json_t *event, char ret[PART_MAX])
{
	const json_t *subject = json_object_get(event, "subject");
	char kind[32];
	ret[0] = '\0';
	snprintf(kind, sizeof kind, "%.30s ", text_of(subject, "kind"));
	add_part(ret, "drive ", text_of(event, "drive"));
	add_part(ret, "medium ", text_of(event, "medium"));
	add_part(ret, kind, text_of(subject, "name"));
	return ret;
}

static void print_line(const struct cli *cli, const json_t *event)
{
	char subject[PART_MAX], changes[CHANGES_TEXT_MAX], line[2 * PART_MAX + CHANGES_TEXT_MAX];
	changes_text(event, changes);
	snprintf(line, sizeof line, "%.32s  %-16.32s %s  by %.160s%s%s", text_of(event, "when"),
		text_of(event, "verb"), subject_of(event, subject), text_of(event, "actor"),
		*changes ? "  " : "", changes);
	_cleanup_free_ char *clean = human_printable(line);
	if (cli->output == OUTPUT_WIDE)
		printf("%lld  ", number_of(event, "number"));
	puts(clean ? clean : "");
}

/* Whoever reads our lines may have gone: then we go as others do. */
static bool flush(struct following *following)
{
	if (!fflush(stdout))
		return true;
	if (errno == EPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	following->end = complain(
		EXIT_FAILED, "Make room for it.", "cannot write what happens: %s", strerror(errno));
	following->over = true;
	return false;
}

static bool show(struct following *following, const json_t *event)
{
	const struct cli *cli = following->cli;
	if (!is_wanted(cli, text_of(event, "verb")))
		return true;
	if (cli->json)
		print_json(cli, event);
	else
		print_line(cli, event);
	if (!flush(following))
		return false;
	following->over = following->left > 0 && --following->left == 0;
	return !following->over;
}

static bool take_event(void *context, const char *data)
{
	struct following *following = context;
	json_t *event = json_loads(data, 0, NULL);
	bool more = !json_is_object(event) || show(following, event);
	json_decref(event);
	return more;
}

/* ---- one connection --------------------------------------------------------------------------
 */

static bool begin(void *context, const struct client_head *head)
{
	struct following *following = context;
	if (strncmp(head->type, "text/event-stream", strlen("text/event-stream")) != 0) {
		following->end =
			complain(EXIT_FAILED, "Correct the URL.", "what answers sends no events");
		following->over = true;
		return false;
	}
	if (*following->told)
		tell("the daemon answers again");
	following->told[0] = '\0';
	following->met = true;
	event_stream_begin(&following->stream);
	return true;
}

static bool take(void *context, const char *data, size_t length)
{
	struct following *following = context;
	enum event_verdict verdict =
		event_stream_take(&following->stream, data, length, take_event, following);
	if (verdict == EVENT_WRONG) {
		following->end =
			complain(EXIT_FAILED, "See what is there.", "an event is too long");
		following->over = true;
	}
	return verdict == EVENT_MORE;
}

static enum exit_code connect_once(struct following *following, struct failure *failure)
{
	char last[32 + EVENT_ID_MAX];
	const char *const headers[] = {last, NULL};
	struct client_sink sink = {.begin = begin,
		.take = take,
		.context = following,
		.silence_s = SILENCE_S,
		.all_ms = patience_left_ms(&following->patience)};
	snprintf(last, sizeof last, "Last-Event-ID: %s", following->stream.id);
	if (*following->stream.id)
		sink.headers = headers;
	*failure = (struct failure){.sentence = "the daemon has ended the stream of events"};
	return client_receive(following->cli, following->path, &sink, failure);
}

/* ---- all of them -----------------------------------------------------------------------------
 */

/* What may be otherwise in a while, once there was a daemon. */
static bool is_passing(const struct following *following, enum exit_code code)
{
	return following->met && (!code || code == EXIT_UNREACHABLE || code == EXIT_TIMEOUT);
}

/* Said once for each reason. */
static void tell_lost(struct following *following, const struct failure *failure)
{
	if (strcmp(following->told, failure->sentence) != 0)
		tell("carousel: %s; trying again", failure->sentence);
	snprintf(following->told, sizeof following->told, "%s", failure->sentence);
}

static void pause_between(const struct following *following)
{
	long left = patience_left_ms(&following->patience);
	unsigned wanted = following->stream.retry_ms ? following->stream.retry_ms : RETRY_MS;
	pause_ms(left && left < wanted ? (unsigned)left : wanted);
}

/* --timeout is over: a failure only for who waits for so many. */
static enum exit_code end_of_time(const struct following *following)
{
	if (following->left < 0)
		return EXIT_OK;
	return complain(EXIT_TIMEOUT, "Wait longer with --timeout.",
		"%lld more did not happen within %ld s", following->left,
		following->cli->timeout_s);
}

static enum exit_code follow(struct following *following)
{
	struct failure failure;
	for (;;) {
		enum exit_code code = connect_once(following, &failure);
		if (following->over)
			return following->end;
		if (patience_is_over(&following->patience))
			return following->met ? end_of_time(following)
					      : failure_complain(code, &failure);
		if (!is_passing(following, code))
			return failure_complain(code, &failure);
		tell_lost(following, &failure);
		pause_between(following);
	}
}

static bool make_path(const struct cli *cli, char path[CLIENT_PATH_MAX])
{
	const char *medium = option_value(cli, OPTION_MEDIUM);
	const char *drive = option_value(cli, OPTION_DRIVE);
	const char *since = option_value(cli, OPTION_SINCE);
	snprintf(path, CLIENT_PATH_MAX, "/api/v1/events");
	return (!medium || client_query(path, "medium", medium)) &&
	       (!drive || client_query(path, "drive", drive)) &&
	       (!since || client_query(path, "after", since));
}

enum exit_code run_events(struct cli *cli)
{
	struct following following = {.cli = cli, .left = -1};
	long long since = 0;
	if (!option_number(cli, OPTION_SINCE, "since", 0, LLONG_MAX, &since) ||
		!option_number(cli, OPTION_COUNT, "count", 1, INT_MAX, &following.left) ||
		!make_path(cli, following.path))
		return EXIT_USAGE;
	patience_begin_long(&following.patience, cli);
	enum exit_code code = follow(&following);
	event_stream_finish(&following.stream);
	return code;
}
