/* SPDX-License-Identifier: Apache-2.0 */
#include "util/response.h"

#include <string.h>

#include "util/bytes.h"

void response_init(struct response *r, void *data, size_t capacity)
{
	*r = (struct response){.data = data, .capacity = capacity};
}

static uint8_t *extend(struct response *r, size_t count)
{
	if (count > r->capacity - r->length) {
		r->overflowed = true;
		return NULL;
	}
	uint8_t *at = r->data + r->length;
	r->length += count;
	return at;
}

void response_u8(struct response *r, unsigned value)
{
	uint8_t *at = extend(r, 1);
	if (at)
		*at = (uint8_t)value;
}

void response_be16(struct response *r, unsigned value)
{
	uint8_t *at = extend(r, 2);
	if (at)
		put_be16(at, (uint16_t)value);
}

void response_be24(struct response *r, uint32_t value)
{
	uint8_t *at = extend(r, 3);
	if (at)
		put_be24(at, value);
}

void response_be32(struct response *r, uint32_t value)
{
	uint8_t *at = extend(r, 4);
	if (at)
		put_be32(at, value);
}

void response_be64(struct response *r, uint64_t value)
{
	uint8_t *at = extend(r, 8);
	if (at)
		put_be64(at, value);
}

void response_zero(struct response *r, size_t count)
{
	uint8_t *at = extend(r, count);
	if (at)
		memset(at, 0, count);
}

void response_bytes(struct response *r, const void *data, size_t length)
{
	uint8_t *at = extend(r, length);
	if (at && length > 0)
		memcpy(at, data, length);
}

void response_ascii(struct response *r, const char *text, size_t width)
{
	size_t length = strnlen(text, width);
	uint8_t *at = extend(r, width);
	if (!at)
		return;
	memset(at, ' ', width);
	memcpy(at, text, length);
}

size_t response_length_open(struct response *r, unsigned width)
{
	size_t position = r->length;
	response_zero(r, width);
	return position;
}

void response_length_close(struct response *r, size_t position, unsigned width, int adjust)
{
	if (r->overflowed)
		return;
	size_t counted = r->length - position - width + (size_t)adjust;
	uint8_t *at = r->data + position;
	switch (width) {
	case 1:
		*at = (uint8_t)counted;
		break;
	case 2:
		put_be16(at, (uint16_t)counted);
		break;
	default:
		put_be32(at, (uint32_t)counted);
		break;
	}
}

void response_set_u8(struct response *r, size_t position, unsigned value)
{
	if (position >= r->length)
		r->overflowed = true;
	else
		r->data[position] = (uint8_t)value;
}
