/* SPDX-License-Identifier: Apache-2.0 */
/* An XML file of osinfo-db, and a label, which is what stands before the first '<'. */
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "os_database_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(struct os_database *database, const char *label, size_t length)
{
	struct iso9660_details iso = {.found = true};
	struct os_details os = {0};
	memcpy(iso.volume_id, label, length < DETAILS_TEXT ? length : DETAILS_TEXT - 1);
	for (char *at = iso.volume_id; *at; at++)
		if (*at & 0x80)
			*at = '?'; /* the database is asked in UTF-8 */
	if (os_from_database(database, &iso, &os) != OS_ANSWER_NONE && os.id[0] == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *xml = memchr(data, '<', size);
	size_t label = xml ? (size_t)(xml - data) : size;
	struct os_database *database = os_database_create((const char *const[]){NULL});
	if (xml)
		os_database_parse(database, (const char *)xml, size - label);
	for (size_t i = 0; i < database->media_count; i++)
		if (database->media[i].system >= database->systems)
			abort(); /* a rule of no system */
	ask(database, (const char *)data, label);
	os_database_destroy(database);
	return 0;
}
