/* SPDX-License-Identifier: Apache-2.0 */
/* The words of details, for people and programs. */
#include "inspect/details.h"

#define WORD(table, index) ((index) < sizeof(table) / sizeof(table)[0] ? (table)[index] : NULL)

const char *boot_target_badge(unsigned index)
{
#define BADGE_(symbol, badge) badge,
	static const char *const badges[] = {BOOT_TARGETS(BADGE_)};
#undef BADGE_
	return WORD(badges, index);
}

const char *boot_platform_name(unsigned platform)
{
	static const char *const names[] = {"bios", "powerpc", "mac"};
	return platform == BOOT_PLATFORM_UEFI ? "uefi" : WORD(names, platform);
}

const char *boot_emulation_name(unsigned emulation)
{
	static const char *const names[] = {
		"none", "floppy-1200", "floppy-1440", "floppy-2880", "hard-disk"};
	return WORD(names, emulation);
}

const char *os_confidence_name(enum os_confidence confidence)
{
	static const char *const names[] = {"unknown", "guess", "likely", "certain"};
	return WORD(names, (unsigned)confidence);
}

const char *os_evidence_name(enum os_evidence evidence)
{
	static const char *const names[] = {"none", "disk-info", "tree-info", "windows-setup",
		"database", "label", "file-name"};
	return WORD(names, (unsigned)evidence);
}
