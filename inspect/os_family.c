/* SPDX-License-Identifier: Apache-2.0 */
#include "os_family.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

struct family {
	const char *id, *name;
	unsigned parts, flags;
};

#define FAMILY_ROW_(symbol, id, name, parts, flags) {id, name, parts, flags},
static const struct family families[] = {OS_FAMILIES(FAMILY_ROW_)};
#undef FAMILY_ROW_

void os_version_cut(const char *version, unsigned parts, char *ret, size_t capacity)
{
	size_t length = 0;
	for (; parts > 0 && version[length]; parts--) {
		length += version[length] == '.';
		length += strcspn(version + length, ".");
	}
	snprintf(ret, capacity, "%.*s", (int)length, version);
}

void os_family_apply(enum os_family which, const char *version, struct os_details *ret)
{
	const struct family *family = &families[which];
	char release[sizeof ret->version];
	os_version_cut(version, family->parts, release, sizeof release);
	snprintf(ret->id, sizeof ret->id, "%s%s", family->id, release);
	snprintf(ret->name, sizeof ret->name, "%s%s%s", family->name, release[0] ? " " : "",
		release);
	text_copy(ret->version, sizeof ret->version, version);
	ret->installer = family->flags & INSTALLS;
	ret->live = family->flags & IS_LIVE;
}
