/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of a uio device, of which anybody who may make a TCMU device writes the most. What is
 * taken from it are names fit for files, logs and the told record; one that is for us and cannot be
 * served says so in words fit to print, and one that is not for us changes nothing.
 */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "tcmu/foreign.h"
#include "util/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LETTERS  "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static void check_printable(const char *text)
{
	for (; *text; text++)
		assert_in_range(*text, ' ', '~');
}

static void check_name(const char *text, const char *characters)
{
	assert_int_not_equal(strlen(text), 0);
	assert_int_not_equal(text[0], '.');
	assert_int_equal(strspn(text, characters), strlen(text));
}

/* What was understood is all that the name says. */
static void check_complete(const char *name, const struct tcmu_foreign *foreign)
{
	const char *device = strchr(name + strlen("tcm-user/"), '/') + 1;
	const char *drive = strchr(device, '/') + strlen("/carousel/"), *slash = strchr(drive, '/');
	assert_int_equal(strtoul(name + strlen("tcm-user/"), NULL, 10), foreign->hba);
	assert_memory_equal(device, foreign->device, strlen(foreign->device));
	assert_int_equal(device[strlen(foreign->device)], '/');
	assert_memory_equal(drive, foreign->drive, strlen(foreign->drive));
	assert_int_equal(drive[strlen(foreign->drive)], slash ? '/' : '\0');
	if (!slash) {
		assert_string_equal(strchr(foreign->nexus, '/') + 1, foreign->device);
		return;
	}
	assert_string_equal(slash + 1, foreign->nexus);
	check_name(foreign->nexus, LETTERS CAPITALS "0123456789._-:");
}

static void check_served(const char *name, const struct tcmu_foreign *foreign)
{
	check_name(foreign->drive, LETTERS "0123456789._-");
	check_printable(foreign->device);
	assert_null(strchr(foreign->device, ' '));
	check_printable(foreign->nexus);
	check_complete(name, foreign);
}

static void check_refused(const struct tcmu_foreign *foreign)
{
	assert_int_equal(foreign->problem.code, ERROR_KERNEL_TARGET);
	assert_true(foreign->problem.sentence[0] && foreign->problem.remedy[0]);
	check_printable(foreign->problem.sentence);
	check_printable(foreign->problem.remedy);
}

static void check(const char *name)
{
	struct tcmu_foreign foreign, untouched;
	memset(&foreign, 0xa5, sizeof foreign);
	untouched = foreign;
	if (!tcmu_foreign_parse(name, &foreign))
		assert_memory_equal(&foreign, &untouched, sizeof foreign);
	else if (foreign.problem.code == ERROR_NONE)
		check_served(name, &foreign);
	else
		check_refused(&foreign);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = malloc(size + 1);
	if (size)
		memcpy(name, data, size);
	name[size] = '\0';
	check(name);
	free(name);
	return 0;
}
