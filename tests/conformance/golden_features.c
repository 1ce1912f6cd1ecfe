/* SPDX-License-Identifier: Apache-2.0 */
/* The features of every personality with every medium, against tests/golden/features.txt. */
#include <stdio.h>
#include <stdlib.h>

#include "optical.h"

static const enum mmc_profile media[] = {
	PROFILE_NONE, PROFILE_CD_ROM, PROFILE_DVD_ROM, PROFILE_BD_ROM};

static void print_features(FILE *out, const struct fake_answer *answer)
{
	for (size_t at = 8; at < answer->length; at += 4u + answer->data[at + 3]) {
		const uint8_t *f = answer->data + at;
		fprintf(out, "  %02x%02xh v%u%s%s", f[0], f[1], f[2] >> 2 & 15,
			f[2] & 2 ? " persistent" : "", f[2] & 1 ? " current" : "");
		for (unsigned i = 0; i < f[3]; i++)
			fprintf(out, "%s%02x", i % 4 == 0 ? " " : "", f[4 + i]);
		fprintf(out, "\n");
	}
}

static void print_drive(FILE *out, const char *personality, enum mmc_profile medium)
{
	struct fake_drive *fake =
		fake_optical_create(&(struct fake_optical_setup){.personality = personality});
	if (medium == PROFILE_NONE || mmc_drive_fits(fake->drive, medium)) {
		if (medium != PROFILE_NONE)
			fake_insert_silently(fake, 100, medium);
		struct scsi_nexus *host = fake_nexus(fake, "host");
		fprintf(out, "%s, profile %04xh\n", personality, medium);
		print_features(out, SEND(host, 512, 0x46, 0, 0, 0, 0, 0, 0, 2, 0));
	}
	fake_drive_destroy(fake);
}

static void features_of_every_drive_and_medium(void **state)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	for (const struct mmc_personality *const *p = mmc_personalities; *p; p++)
		for (size_t i = 0; i < 4; i++)
			print_drive(out, (*p)->scsi.name, media[i]);
	fclose(out);
	expect_golden("features.txt", text);
	free(text);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(features_of_every_drive_and_medium),
};
CONFORMANCE_SUITE("golden-features", tests)
