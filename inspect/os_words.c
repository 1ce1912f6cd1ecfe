/* SPDX-License-Identifier: Apache-2.0 */
#include "os_words.h"

#include <string.h>

#include "text.h"

struct word {
	const char *word, *meaning;
};

static const struct word architectures[] = {
	{"x86_64", "x86_64"},
	{"amd64", "x86_64"},
	{"x64", "x86_64"},
	{"64bit", "x86_64"},
	{"x64fre", "x86_64"},
	{"x64free", "x86_64"},
	{"x64chk", "x86_64"},
	{"i386", "i386"},
	{"i486", "i386"},
	{"i586", "i386"},
	{"i686", "i386"},
	{"x86", "i386"},
	{"32bit", "i386"},
	{"x86fre", "i386"},
	{"x86free", "i386"},
	{"x86chk", "i386"},
	{"aarch64", "aarch64"},
	{"arm64", "aarch64"},
	{"a64fre", "aarch64"},
	{"a64free", "aarch64"},
	{"armhf", "armv7l"},
	{"armv7", "armv7l"},
	{"armv7l", "armv7l"},
	{"armel", "armv5tel"},
	{"ppc64le", "ppc64le"},
	{"ppc64el", "ppc64le"},
	{"powerpc64le", "ppc64le"},
	{"ppc64", "ppc64"},
	{"powerpc64", "ppc64"},
	{"ppc", "ppc"},
	{"powerpc", "ppc"},
	{"s390x", "s390x"},
	{"riscv64", "riscv64"},
	{"loongarch64", "loongarch64"},
	{"loong64", "loongarch64"},
	{"ia64", "ia64"},
	{"mips64el", "mips64"},
	{"sparc64", "sparc64"},
};

/* Those in front say more than those behind. */
static const struct word variants[] = {
	{"netinst", "netinst"},
	{"netinstall", "netinst"},
	{"net", "netinst"},
	{"boot", "netinst"},
	{"bootonly", "netinst"},
	{"server", "server"},
	{"desktop", "desktop"},
	{"workstation", "desktop"},
	{"ws", "desktop"},
	{"kde", "desktop"},
	{"gnome", "desktop"},
	{"xfce", "desktop"},
	{"cinnamon", "desktop"},
	{"mate", "desktop"},
	{"minimal", "minimal"},
	{"min", "minimal"},
	{"live", "live"},
	{"dvd", "dvd"},
	{"dvd1", "dvd"},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static size_t find(const struct word *words, size_t count, const char *word, size_t length)
{
	size_t i = 0;
	while (i < count && !text_same(words[i].word, strlen(words[i].word), word, length))
		i++;
	return i;
}

/* openSUSE has the number of the build behind it, and room for the first digits: x86_64710. */
static bool is_glued(const char *word, size_t length)
{
	static const char x86_64[] = "x86_64";
	size_t width = sizeof x86_64 - 1;
	return length > width && text_same(word, width, x86_64, width) && word[width] >= '0' &&
	       word[width] <= '9';
}

const char *os_architecture(const char *word, size_t length)
{
	if (is_glued(word, length))
		return "x86_64";
	size_t i = find(architectures, COUNT(architectures), word, length);
	return i < COUNT(architectures) ? architectures[i].meaning : NULL;
}

/* ASCII only: what locale the daemon runs in does not matter. */
static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The next word, at `*at`; its length, 0 behind the last. `joined`: '_' is a part of words. */
static size_t next_word(const char **at, bool joined)
{
	const char *p = *at;
	while (*p && !is_word(*p))
		p++;
	*at = p;
	while (is_word(*p) || (joined && *p == '_'))
		p++;
	return (size_t)(p - *at);
}

static const char *scan_architecture(const char *text, bool joined)
{
	const char *found = NULL;
	for (size_t length; !found && (length = next_word(&text, joined)) > 0; text += length)
		found = os_architecture(text, length);
	return found;
}

static void scan_variant(const char *text, struct os_details *os)
{
	size_t best = COUNT(variants);
	for (size_t length; (length = next_word(&text, false)) > 0; text += length) {
		size_t i = find(variants, COUNT(variants), text, length);
		best = i < best ? i : best;
		if (i < COUNT(variants) && strcmp(variants[i].meaning, "live") == 0)
			os->live = true;
	}
	if (best < COUNT(variants) && os->variant[0] == 0)
		text_copy(os->variant, sizeof os->variant, variants[best].meaning);
}

/* "x86_64" is a word of its own where '_' joins words, and "AMD64" in "14_0_AMD64" where it parts.
 */
void os_scan_words(const char *text, struct os_details *os)
{
	const char *architecture = scan_architecture(text, true);
	if (!architecture)
		architecture = scan_architecture(text, false);
	if (architecture && os->architecture[0] == 0)
		text_copy(os->architecture, sizeof os->architecture, architecture);
	scan_variant(text, os);
}
