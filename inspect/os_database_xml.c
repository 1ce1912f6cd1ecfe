/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of osinfo-db: <libosinfo><os> with <short-id>, <name>, <version>, and <media> with <iso>
 * (docs: osinfo-db's data/schema/osinfo.rng). A document type is refused, and with it entities.
 */
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "os_database_private.h"
#include "os_words.h"
#include "text.h"

enum { NESTED_MAX = 16, TEXT_MAX = 1024 };

enum element {
	ELEMENT_OTHER,
	ELEMENT_OS,
	ELEMENT_SHORT_ID,
	ELEMENT_NAME,
	ELEMENT_VERSION,
	ELEMENT_MEDIA,
	ELEMENT_ISO,
	ELEMENT_VARIANT,
	ELEMENT_VOLUME_ID,
	ELEMENT_SYSTEM_ID,
	ELEMENT_PUBLISHER_ID,
	ELEMENT_APPLICATION_ID,
	ELEMENT_VOLUME_SIZE,
};

static const char *const element_names[] = {"", "os", "short-id", "name", "version", "media", "iso",
	"variant", "volume-id", "system-id", "publisher-id", "application-id", "volume-size"};

struct parsing {
	XML_Parser parser;
	struct os_database *database;
	enum element open[NESTED_MAX];
	unsigned depth;
	bool translated; /* the element that is open is in a language */
	bool in_system, in_media, has_iso;
	struct os_system system; /* the one that is read */
	struct os_media media;
	size_t first_media; /* of this system */
	char text[TEXT_MAX];
	size_t length;
};

static void stop(struct parsing *parsing)
{
	XML_StopParser(parsing->parser, XML_FALSE);
}

static enum element element_of(const char *name)
{
	for (size_t i = 1; i < sizeof element_names / sizeof element_names[0]; i++)
		if (strcmp(name, element_names[i]) == 0)
			return (enum element)i;
	return ELEMENT_OTHER;
}

static const char *attribute(const char **attributes, const char *name)
{
	for (; attributes[0]; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return attributes[1];
	return NULL;
}

static enum element parent(const struct parsing *parsing)
{
	return parsing->depth < 2 ? ELEMENT_OTHER : parsing->open[parsing->depth - 2];
}

static void begin_system(struct parsing *parsing)
{
	parsing->in_system = true;
	parsing->system = (struct os_system){0};
	parsing->first_media = parsing->database->media_count;
}

static void begin_media(struct parsing *parsing, const char **attributes)
{
	const char *arch = attribute(attributes, "arch"), *live = attribute(attributes, "live");
	const char *installer = attribute(attributes, "installer");
	const char *known = arch ? os_architecture(arch, strlen(arch)) : NULL;
	parsing->in_media = true;
	parsing->has_iso = false;
	parsing->media = (struct os_media){
		.live = live && strcmp(live, "true") == 0,
		.installer = !installer || strcmp(installer, "true") == 0,
	};
	text_copy(parsing->media.architecture, sizeof parsing->media.architecture,
		known ? known : "");
}

static void begin(void *data, const char *name, const char **attributes)
{
	struct parsing *parsing = data;
	if (parsing->depth == NESTED_MAX) {
		stop(parsing);
		return;
	}
	enum element element = element_of(name);
	parsing->open[parsing->depth++] = element;
	parsing->translated = attribute(attributes, "xml:lang");
	parsing->length = 0;
	const char *id = attribute(attributes, "id");
	if (element == ELEMENT_OS && !parsing->in_system)
		begin_system(parsing);
	else if (element == ELEMENT_MEDIA && parent(parsing) == ELEMENT_OS && !parsing->in_media)
		begin_media(parsing, attributes);
	else if (element == ELEMENT_ISO && parent(parsing) == ELEMENT_MEDIA)
		parsing->has_iso = true;
	else if (element == ELEMENT_VARIANT && parent(parsing) == ELEMENT_MEDIA && id)
		text_copy(parsing->media.variant, sizeof parsing->media.variant, id);
}

static void text(void *data, const char *bytes, int length)
{
	struct parsing *parsing = data;
	size_t room = sizeof parsing->text - 1 - parsing->length;
	size_t taken = (size_t)length < room ? (size_t)length : room;
	memcpy(parsing->text + parsing->length, bytes, taken);
	parsing->length += taken;
}

/* The first one that is in no language. */
static void take_text(const struct parsing *parsing, char *ret, size_t capacity)
{
	if (ret[0] == 0 && !parsing->translated)
		text_utf8(parsing->text, parsing->length, ret, capacity);
}

static void end_of_system_part(struct parsing *parsing, enum element element)
{
	struct os_system *system = &parsing->system;
	if (element == ELEMENT_SHORT_ID)
		take_text(parsing, system->id, sizeof system->id);
	else if (element == ELEMENT_NAME)
		take_text(parsing, system->name, sizeof system->name);
	else if (element == ELEMENT_VERSION)
		take_text(parsing, system->version, sizeof system->version);
}

/* A pattern that was cut off would match what it should not: the rule is then none. */
static void end_of_iso_part(struct parsing *parsing, enum element element)
{
	struct os_media *media = &parsing->media;
	if (element == ELEMENT_VOLUME_SIZE)
		media->volume_bytes = strtoull(parsing->text, NULL, 10);
	if (element < ELEMENT_VOLUME_ID || element > ELEMENT_APPLICATION_ID)
		return;
	char **pattern = &media->pattern[element - ELEMENT_VOLUME_ID];
	if (parsing->length + 1 == sizeof parsing->text || *pattern ||
		!(*pattern = strdup(parsing->text)))
		media->broken = true;
}

/* What has no rule but a size, or none that can be used, would be every disc. */
static void end_of_media(struct parsing *parsing)
{
	struct os_media *media = &parsing->media;
	bool ruled = false;
	for (unsigned i = 0; i < ID_COUNT; i++)
		ruled |= media->pattern[i] != NULL;
	parsing->in_media = false;
	struct os_media *kept = parsing->has_iso && ruled && !media->broken
					? os_database_add_media(parsing->database)
					: NULL;
	if (kept)
		*kept = *media;
	else
		os_media_finish(media);
	*media = (struct os_media){0};
}

static void drop_media(struct os_database *database, size_t first)
{
	while (database->media_count > first)
		os_media_finish(&database->media[--database->media_count]);
}

static void end_of_system(struct parsing *parsing)
{
	struct os_database *database = parsing->database;
	struct os_system *system = parsing->system.id[0] ? os_database_add_system(database) : NULL;
	parsing->in_system = false;
	if (!system) {
		drop_media(database, parsing->first_media);
		return;
	}
	*system = parsing->system;
	for (size_t i = parsing->first_media; i < database->media_count; i++)
		database->media[i].system = (uint32_t)(database->systems - 1);
}

static void end(void *data, const char *name)
{
	struct parsing *parsing = data;
	enum element element = parsing->open[parsing->depth - 1], above = parent(parsing);
	parsing->text[parsing->length] = 0;
	if (above == ELEMENT_OS)
		end_of_system_part(parsing, element);
	if (above == ELEMENT_ISO && parsing->in_media)
		end_of_iso_part(parsing, element);
	if (element == ELEMENT_MEDIA && parsing->in_media)
		end_of_media(parsing);
	if (element == ELEMENT_OS && above == ELEMENT_OTHER && parsing->in_system)
		end_of_system(parsing);
	parsing->depth--;
	parsing->length = 0;
}

static void refuse_type(
	void *data, const char *name, const char *system, const char *public, int internal)
{
	stop(data);
}

void os_database_parse(struct os_database *database, const char *xml, size_t length)
{
	struct parsing parsing = {.database = database};
	parsing.parser = XML_ParserCreate(NULL);
	if (!parsing.parser)
		return;
	XML_SetUserData(parsing.parser, &parsing);
	XML_SetElementHandler(parsing.parser, begin, end);
	XML_SetCharacterDataHandler(parsing.parser, text);
	XML_SetStartDoctypeDeclHandler(parsing.parser, refuse_type);
	XML_Parse(parsing.parser, xml, (int)length, 1);
	XML_ParserFree(parsing.parser);
	os_media_finish(&parsing.media);
	if (parsing.in_system)
		drop_media(database, parsing.first_media);
}
