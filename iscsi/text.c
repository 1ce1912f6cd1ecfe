/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdio.h>
#include <string.h>

/* ---- taking apart --------------------------------------------------------------------------- */

void text_reader_init(struct text_reader *reader, const void *data, size_t length)
{
	const char *start = data ? data : "";
	*reader = (struct text_reader){.at = start, .end = start + length};
}

static bool key_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr(".-+@_#", c));
}

static bool take_key(const char *pair, const char *equals, struct text_pair *ret)
{
	size_t length = (size_t)(equals - pair);
	if (length == 0 || length > TEXT_KEY_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!key_character(pair[i]))
			return false;
	memcpy(ret->key, pair, length);
	ret->key[length] = '\0';
	ret->value = equals + 1;
	return true;
}

bool text_next(struct text_reader *reader, struct text_pair *ret)
{
	while (reader->at < reader->end && *reader->at == '\0')
		reader->at++; /* some initiators count the padding */
	if (reader->at == reader->end)
		return false;
	const char *pair = reader->at;
	const char *nul = memchr(pair, '\0', (size_t)(reader->end - pair));
	const char *equals = nul ? memchr(pair, '=', (size_t)(nul - pair)) : NULL;
	if (!equals || !take_key(pair, equals, ret)) {
		reader->malformed = true;
		return false;
	}
	reader->at = nul + 1;
	return true;
}

bool text_number(const char *value, uint32_t *ret)
{
	bool hexadecimal = value[0] == '0' && (value[1] == 'x' || value[1] == 'X');
	const char *digits = hexadecimal ? value + 2 : value;
	uint64_t number = 0;
	if (!*digits)
		return false;
	for (; *digits; digits++) {
		unsigned digit;
		if (*digits >= '0' && *digits <= '9')
			digit = (unsigned)(*digits - '0');
		else if (hexadecimal && (*digits | 0x20) >= 'a' && (*digits | 0x20) <= 'f')
			digit = (unsigned)((*digits | 0x20) - 'a') + 10;
		else
			return false;
		number = number * (hexadecimal ? 16 : 10) + digit;
		if (number > UINT32_MAX)
			return false;
	}
	*ret = (uint32_t)number;
	return true;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* An odd number of digits has a zero in front (RFC 7143 6.1). */
static size_t hexadecimal_bytes(const char *digits, uint8_t *ret, size_t capacity)
{
	size_t count = strlen(digits), odd = count % 2, length = (count + odd) / 2;
	if (count == 0 || length > capacity)
		return 0;
	memset(ret, 0, length);
	for (size_t i = 0; i < count; i++) {
		int value = nibble(digits[i]);
		if (value < 0)
			return 0;
		ret[(i + odd) / 2] = (uint8_t)(ret[(i + odd) / 2] << 4 | value);
	}
	return length;
}

static int sextet(char c)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

static size_t base64_bytes(const char *text, uint8_t *ret, size_t capacity)
{
	size_t count = strlen(text), length = 0;
	uint32_t bits = 0, have = 0;
	if (count == 0 || count % 4)
		return 0;
	for (unsigned i = 0; i < 2 && text[count - 1] == '='; i++)
		count--;
	for (size_t i = 0; i < count; i++) {
		int value = sextet(text[i]);
		if (value < 0)
			return 0;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have < 8)
			continue;
		if (length == capacity)
			return 0;
		have -= 8;
		ret[length++] = (uint8_t)(bits >> have);
	}
	return length;
}

size_t text_bytes(const char *value, uint8_t *ret, size_t capacity)
{
	if (value[0] != '0' || !value[1])
		return 0;
	switch (value[1] | 0x20) {
	case 'x':
		return hexadecimal_bytes(value + 2, ret, capacity);
	case 'b':
		return base64_bytes(value + 2, ret, capacity);
	default:
		return 0;
	}
}

int text_list_first(const char *list, const char *const *items, int count)
{
	for (;;) {
		size_t part = strcspn(list, ",");
		for (int i = 0; i < count; i++)
			if (strlen(items[i]) == part && !memcmp(list, items[i], part))
				return i;
		if (!list[part])
			return -1;
		list += part + 1;
	}
}

bool text_list_has(const char *list, const char *item)
{
	return text_list_first(list, &item, 1) == 0;
}

/* ---- putting together ----------------------------------------------------------------------- */

void text_writer_init(struct text_writer *writer, void *data, size_t capacity)
{
	*writer = (struct text_writer){.data = data, .capacity = capacity};
}

void text_put(struct text_writer *writer, const char *key, const char *value)
{
	size_t key_length = strlen(key), value_length = strlen(value);
	size_t length = key_length + 1 + value_length + 1;
	if (length > writer->capacity - writer->length) {
		writer->overflowed = true;
		return;
	}
	char *at = writer->data + writer->length;
	memcpy(at, key, key_length);
	at[key_length] = '=';
	memcpy(at + key_length + 1, value, value_length + 1);
	writer->length += length;
}

void text_put_number(struct text_writer *writer, const char *key, uint32_t value)
{
	char digits[16];
	snprintf(digits, sizeof digits, "%u", value);
	text_put(writer, key, digits);
}

void text_put_bytes(
	struct text_writer *writer, const char *key, const uint8_t *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char value[2 + 2 * TEXT_BYTES_MAX + 1] = "0x";
	if (length > TEXT_BYTES_MAX) {
		writer->overflowed = true;
		return;
	}
	for (size_t i = 0; i < length; i++) {
		value[2 + 2 * i] = digits[bytes[i] >> 4];
		value[3 + 2 * i] = digits[bytes[i] & 15];
	}
	value[2 + 2 * length] = '\0';
	text_put(writer, key, value);
}
