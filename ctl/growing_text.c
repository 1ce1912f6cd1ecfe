/* SPDX-License-Identifier: Apache-2.0 */
#include "growing_text.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 64 };

static bool make_room(struct growing_text *text, size_t needed)
{
	if (needed <= text->room)
		return true;
	size_t room = 2 * text->room > needed ? 2 * text->room : needed;
	if (room < ROOM_MIN)
		room = ROOM_MIN;
	char *grown = realloc(text->bytes, room);
	if (!grown)
		return false;
	text->bytes = grown;
	text->room = room;
	return true;
}

bool growing_text_append(struct growing_text *text, const char *bytes, size_t length)
{
	if (!make_room(text, text->length + length + 1))
		return false;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
	return true;
}
