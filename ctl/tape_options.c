/* SPDX-License-Identifier: Apache-2.0 */
/* The options of commands that make a cartridge. */
#include <string.h>

#include "ssc/medium.h"
#include "tape.h"
#include "util/size_text.h"

#define DEFAULT_TYPE "LTO-8"

/* As on a label: nothing that cannot be seen, and no spaces. */
static bool is_barcode(const char *text)
{
	size_t length = strlen(text);
	if (length < 1 || length >= CARTRIDGE_BARCODE_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] < 0x21 || text[i] > 0x7e)
			return false;
	return true;
}

enum exit_code tape_options(const struct cli *cli, struct native_create *ret)
{
	const char *type = option_value(cli, OPTION_TYPE);
	const char *barcode = option_value(cli, OPTION_BARCODE);
	const char *capacity = option_value(cli, OPTION_CAPACITY);
	long long bytes = 0;
	struct native_create create;
	struct error error = {0};
	if (!medium_describe(type ? type : DEFAULT_TYPE, &create, &error))
		return complain(EXIT_USAGE, error.remedy, "%s", error.sentence);
	if (barcode && !is_barcode(barcode))
		return complain(EXIT_USAGE,
			"Use 1 to 32 letters, digits and signs, and no spaces: ARC001L8.",
			"--barcode cannot be \"%s\"", barcode);
	if (capacity && (!size_read(capacity, &bytes) || bytes < 1))
		return complain(EXIT_USAGE, "Use bytes, or a number with k, M, G or T: 2.5T.",
			"--capacity cannot be \"%s\"", capacity);
	if (capacity)
		create.capacity = (uint64_t)bytes;
	create.barcode = barcode ? barcode : create.barcode;
	*ret = create;
	return EXIT_OK;
}
