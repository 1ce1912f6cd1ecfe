/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the rungs: files of the installer itself, the database, our own rules, the file
 * name. Windows' files come before the database, for its labels do not tell 10 from 11.
 */
#include <string.h>

#include "os.h"
#include "os_rules.h"
#include "os_words.h"
#include "text.h"

struct ladder {
	struct volume *volume;
	const struct image_details *details;
	const char *file_name;
	struct os_database *database;
	struct os_details *os;
};

/* A rung that found nothing leaves nothing behind. */
static bool settle(
	struct ladder *ladder, bool found, enum os_evidence evidence, enum os_confidence confidence)
{
	if (!found) {
		*ladder->os = (struct os_details){0};
		return false;
	}
	ladder->os->evidence = evidence;
	if (ladder->os->confidence == OS_UNKNOWN)
		ladder->os->confidence = confidence;
	return true;
}

static bool by_files(struct ladder *l)
{
	return settle(l, os_from_disk_info(l->volume, l->os), OS_EVIDENCE_DISK_INFO, OS_CERTAIN) ||
	       settle(l, os_from_tree_info(l->volume, l->os), OS_EVIDENCE_TREE_INFO, OS_CERTAIN) ||
	       settle(l, os_from_windows_setup(l->volume, l->os), OS_EVIDENCE_WINDOWS_SETUP,
		       OS_CERTAIN);
}

bool os_from_label(const struct iso9660_details *iso9660, const struct udf_details *udf,
	struct os_details *ret)
{
	return os_rules_apply(OS_TEXT_VOLUME_ID, iso9660->volume_id, ret) ||
	       os_rules_apply(OS_TEXT_APPLICATION, iso9660->application, ret) ||
	       os_rules_apply(OS_TEXT_VOLUME_ID, udf->volume_id, ret);
}

/* A vague answer of the database counts when our rules have none. */
static bool by_labels(struct ladder *l)
{
	const struct image_details *details = l->details;
	struct os_details vague = {0};
	enum os_answer answer = os_from_database(l->database, &details->iso9660, &vague);
	if (answer == OS_ANSWER_EXACT) {
		*l->os = vague;
		return settle(l, true, OS_EVIDENCE_DATABASE, OS_LIKELY);
	}
	if (settle(l, os_from_label(&details->iso9660, &details->udf, l->os), OS_EVIDENCE_LABEL,
		    OS_LIKELY))
		return true;
	*l->os = vague;
	return settle(l, answer == OS_ANSWER_VAGUE, OS_EVIDENCE_DATABASE, OS_GUESS);
}

bool os_from_file_name(const char *file_name, struct os_details *ret)
{
	char name[256];
	const char *slash = file_name ? strrchr(file_name, '/') : NULL;
	if (!file_name)
		return false;
	file_name = slash ? slash + 1 : file_name;
	text_utf8(file_name, strlen(file_name), name, sizeof name);
	return os_rules_apply(OS_TEXT_FILE_NAME, name, ret);
}

/* One processor that the firmware has a program for is the one that the system is for. */
static void architecture_by_boot(unsigned targets, struct os_details *os)
{
	static const struct {
		unsigned target;
		const char *architecture;
	} only[] = {{BOOTS_UEFI_X64, "x86_64"}, {BOOTS_UEFI_ARM64, "aarch64"},
		{BOOTS_UEFI_RISCV64, "riscv64"}, {BOOTS_UEFI_LOONGARCH64, "loongarch64"}};
	targets &= ~(unsigned)(BOOTS_BIOS | BOOTS_UEFI_IA32 | BOOTS_UEFI);
	for (size_t i = 0; i < sizeof only / sizeof only[0]; i++)
		if (targets == only[i].target)
			text_copy(os->architecture, sizeof os->architecture, only[i].architecture);
}

static void complete(struct ladder *l)
{
	const struct boot_details *boot = &l->details->boot;
	struct os_details words = {0};
	if (l->os->architecture[0] == 0) {
		os_scan_words(l->details->iso9660.volume_id, &words);
		text_copy(l->os->architecture, sizeof words.architecture, words.architecture);
	}
	if (l->os->architecture[0] == 0)
		architecture_by_boot(
			boot->targets | boot->disk_targets | boot->file_targets, l->os);
}

void os_find(struct volume *volume, struct image_details *details, const char *file_name,
	struct os_database *database)
{
	struct os_details os = {0};
	struct ladder ladder = {volume, details, file_name, database, &os};
	if (by_files(&ladder) || by_labels(&ladder) ||
		settle(&ladder, os_from_file_name(file_name, &os), OS_EVIDENCE_FILE_NAME, OS_GUESS))
		complete(&ladder);
	details->os = os;
}
