/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <ctype.h>
#include <locale.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <wctype.h>

/* ---- ASCII -------------------------------------------------------------------------------------
 */

static bool is_ascii(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)word[i] >= 0x80)
			return false;
	return true;
}

static bool has_ascii(const char *text, const char *word, size_t length)
{
	const char first[] = {
		(char)tolower((unsigned char)*word), (char)toupper((unsigned char)*word), '\0'};
	for (text += strcspn(text, first); *text; text += 1 + strcspn(text + 1, first))
		if (strncasecmp(text, word, length) == 0)
			return true;
	return false;
}

/* ---- all letters -------------------------------------------------------------------------------
 */

static locale_t letters; /* for ever; 0: the machine knows those of ASCII alone */
static pthread_once_t letters_known = PTHREAD_ONCE_INIT;

static void learn_letters(void)
{
	letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Of a character in UTF-8; of what is none, one byte. */
static size_t length_of(const char *at)
{
	unsigned char first = (unsigned char)*at;
	size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < length; i++)
		if (((unsigned char)at[i] & 0xc0) != 0x80)
			return 1;
	return length;
}

/* In lower case. */
static wint_t letter_at(const char *at, size_t length)
{
	uint32_t letter = (unsigned char)*at;
	if (length == 1)
		return letter < 0x80 ? (wint_t)tolower((int)letter) : letter;
	letter &= 0x7fu >> length;
	for (size_t i = 1; i < length; i++)
		letter = letter << 6 | ((unsigned char)at[i] & 0x3f);
	return letters ? towlower_l(letter, letters) : letter;
}

static bool begins_with(const char *text, const char *word, size_t length)
{
	const char *end = word + length;
	while (word < end) {
		size_t here = length_of(text), wanted = length_of(word);
		if (letter_at(text, here) != letter_at(word, wanted))
			return false;
		text += here;
		word += wanted;
	}
	return true;
}

static bool has_letters(const char *text, const char *word, size_t length)
{
	pthread_once(&letters_known, learn_letters);
	for (; *text; text += length_of(text))
		if (begins_with(text, word, length))
			return true;
	return false;
}

bool words_are_in(const char *words, const char *text)
{
	for (words += strspn(words, WORDS_BLANKS); *words; words += strspn(words, WORDS_BLANKS)) {
		size_t length = strcspn(words, WORDS_BLANKS);
		if (!(is_ascii(words, length) ? has_ascii : has_letters)(text, words, length))
			return false;
		words += length;
	}
	return true;
}
