/* SPDX-License-Identifier: Apache-2.0 */
#include "tapes.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "human.h"

bool is_tape(const json_t *medium)
{
	return !strcmp(text_of(medium, "kind"), "tape");
}

const char *medium_name(const json_t *medium)
{
	const char *barcode = text_of(medium, "barcode");
	return *barcode ? barcode : text_of(medium, "id");
}

const char *medium_type(const json_t *medium)
{
	return text_of(medium, is_tape(medium) ? "medium_type" : "profile");
}

const char *medium_size(const json_t *medium, char *ret, size_t size)
{
	return human_size(number_of(medium, is_tape(medium) ? "capacity" : "size"), ret, size);
}

const char *tape_position(const json_t *tape, char ret[TAPE_TEXT_MAX])
{
	long long position = number_of(tape, "position"), end = number_of(tape, "end"),
		  filemarks = number_of(tape, "filemarks");
	char where[96];
	if (!end)
		snprintf(where, sizeof where, "blank");
	else if (!position || position == end)
		snprintf(where, sizeof where, "at the %s of %lld object%s",
			position ? "end" : "beginning", end, end == 1 ? "" : "s");
	else
		snprintf(where, sizeof where, "at object %lld of %lld", position, end);
	if (end)
		snprintf(ret, TAPE_TEXT_MAX, "%s, %lld filemark%s", where, filemarks,
			filemarks == 1 ? "" : "s");
	else
		snprintf(ret, TAPE_TEXT_MAX, "%s", where);
	return ret;
}

const char *tape_used(const json_t *tape, char *ret, size_t size)
{
	return human_percent(number_of(tape, "used"), number_of(tape, "capacity"), ret, size);
}

const char *tape_alerts(const json_t *drive, char ret[TAPE_TEXT_MAX])
{
	size_t i, length = 0;
	json_t *alert;
	*ret = '\0';
	json_array_foreach(json_object_get(drive, "alerts"), i, alert)
	{
		const char *severity = text_of(alert, "severity");
		if (length < TAPE_TEXT_MAX)
			length += (size_t)snprintf(ret + length, TAPE_TEXT_MAX - length,
				*severity ? "%s%s (%s)" : "%s%s", i ? ", " : "",
				text_of(alert, "name"), severity);
	}
	return ret;
}

const char *tape_damage(const json_t *tape, char ret[TAPE_TEXT_MAX])
{
	*ret = '\0';
	if (is_set(tape, "damaged"))
		snprintf(ret, TAPE_TEXT_MAX, "nothing from object %lld on can be read",
			number_of(tape, "damaged_object"));
	return ret;
}

const char *tape_trouble(const json_t *drive, char ret[TAPE_TEXT_MAX])
{
	const json_t *tape = json_object_get(drive, "tape");
	const json_t *medium = json_object_get(drive, "medium");
	char damage[TAPE_TEXT_MAX];
	*ret = '\0';
	if (is_set(tape, "damaged"))
		snprintf(ret, TAPE_TEXT_MAX, "%.100s is damaged: %.300s", medium_name(medium),
			tape_damage(tape, damage));
	else if (json_is_object(tape) && !is_set(tape, "writable") &&
		 !is_set(medium, "write_protected"))
		snprintf(ret, TAPE_TEXT_MAX, "%s cannot be written: %s", medium_name(medium),
			text_of(tape, "reason"));
	return ret;
}
