/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the database: which systems' rules fit the identifiers of a volume. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "os_database_private.h"
#include "os_rules.h"
#include "os_words.h"
#include "text.h"
#include "util/cleanup.h"

/* Steps of one match; a rule of the database takes some hundred. */
enum { MATCH_LIMIT = 100000 };

struct question {
	const char *identifier[ID_COUNT];
	uint64_t volume_bytes;
	pcre2_match_context *context;
	pcre2_match_data *data;
};

/* The best so far. */
struct answer {
	const struct os_media *media;
	unsigned weight; /* how much the rule asks for */
	bool several;    /* systems, whose rules ask for as much */
};

void os_media_finish(struct os_media *media)
{
	for (unsigned i = 0; i < ID_COUNT; i++) {
		pcre2_code_free(media->compiled[i]);
		free(media->pattern[i]);
		media->compiled[i] = NULL;
		media->pattern[i] = NULL;
	}
}

static pcre2_code *compiled(struct os_media *media, unsigned which)
{
	int error;
	PCRE2_SIZE where;
	if (!media->compiled[which])
		media->compiled[which] = pcre2_compile((PCRE2_SPTR)media->pattern[which],
			PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error, &where, NULL);
	if (!media->compiled[which])
		media->broken = true;
	return media->compiled[which];
}

static bool pattern_fits(struct os_media *media, unsigned which, const struct question *question)
{
	const char *text = question->identifier[which];
	pcre2_code *code = compiled(media, which);
	return code && pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, question->data,
			       question->context) >= 0;
}

/* How many things the rule asks for, all of which fit; 0: it does not. */
static unsigned weigh(struct os_media *media, const struct question *question)
{
	unsigned weight = 0;
	if (media->volume_bytes && media->volume_bytes != question->volume_bytes)
		return 0;
	for (unsigned i = 0; i < ID_COUNT && !media->broken; i++)
		if (media->pattern[i]) {
			if (!pattern_fits(media, i, question))
				return 0;
			weight++;
		}
	return media->broken ? 0 : weight + (media->volume_bytes != 0);
}

static bool is_same_system(
	const struct os_database *database, const struct os_media *a, const struct os_media *b)
{
	return strcmp(database->system[a->system].id, database->system[b->system].id) == 0;
}

static struct answer best(struct os_database *database, const struct question *question)
{
	struct answer answer = {0};
	for (size_t i = 0; i < database->media_count; i++) {
		struct os_media *media = &database->media[i];
		unsigned weight = weigh(media, question);
		if (weight > answer.weight)
			answer = (struct answer){media, weight, false};
		else if (weight > 0 && weight == answer.weight &&
			 !is_same_system(database, media, answer.media))
			answer.several = true;
	}
	return answer;
}

static void take(const struct os_database *database, const struct os_media *media,
	const char *volume_id, struct os_details *ret)
{
	const struct os_system *system = &database->system[media->system];
	text_copy(ret->id, sizeof ret->id, system->id);
	text_copy(ret->name, sizeof ret->name, system->name);
	text_copy(ret->version, sizeof ret->version, system->version);
	text_copy(ret->architecture, sizeof ret->architecture, media->architecture);
	ret->installer = media->installer;
	os_scan_words(media->variant, ret);
	os_scan_words(volume_id, ret);
	ret->live = media->live;
	os_id_normalise(ret);
}

/* "rhel9-unknown": the family is known, this version came after the database. */
static bool is_vague(const char *id)
{
	size_t length = strlen(id);
	return length >= 8 && strcmp(id + length - 8, "-unknown") == 0;
}

static bool question_init(struct question *question, const struct iso9660_details *iso9660)
{
	*question = (struct question){
		.identifier = {iso9660->volume_id, iso9660->system_id, iso9660->publisher,
			iso9660->application},
		.volume_bytes = iso9660->bytes,
		.context = pcre2_match_context_create(NULL),
		.data = pcre2_match_data_create(1, NULL),
	};
	if (question->context)
		pcre2_set_match_limit(question->context, MATCH_LIMIT);
	return question->context && question->data;
}

static void question_finish(struct question *question)
{
	pcre2_match_context_free(question->context);
	pcre2_match_data_free(question->data);
}

enum os_answer os_from_database(
	struct os_database *database, const struct iso9660_details *iso9660, struct os_details *ret)
{
	struct question question;
	struct answer answer = {0};
	if (!database || !iso9660->found || os_database_rules(database) == 0)
		return OS_ANSWER_NONE;
	SCOPED_LOCK(&database->lock);
	if (question_init(&question, iso9660))
		answer = best(database, &question);
	question_finish(&question);
	if (!answer.media)
		return OS_ANSWER_NONE;
	take(database, answer.media, iso9660->volume_id, ret);
	return answer.several || is_vague(ret->id) ? OS_ANSWER_VAGUE : OS_ANSWER_EXACT;
}
