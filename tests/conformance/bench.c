/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#include <stdlib.h>

const struct scsi_device_type *const conformance_type = &mmc_device_type;
const enum scsi_sense_code *const conformance_senses = NULL;

static int bench_begin(void **state, const char *personality, enum mmc_profile profile)
{
	struct bench *bench = calloc(1, sizeof *bench);
	struct fake_optical_setup setup = {.personality = personality};
	bench->fake = fake_optical_create(&setup);
	if (profile != PROFILE_NONE)
		fake_insert_silently(bench->fake, DISC_BLOCKS, profile);
	bench->host = fake_nexus(bench->fake, "host");
	settle(bench->host);
	*state = bench;
	return 0;
}

int bench_empty(void **state)
{
	return bench_begin(state, "dvd-rom", PROFILE_NONE);
}

int bench_cd(void **state)
{
	return bench_begin(state, "dvd-rom", PROFILE_CD_ROM);
}

int bench_dvd(void **state)
{
	return bench_begin(state, "dvd-rom", PROFILE_DVD_ROM);
}

int bench_ready(void **state)
{
	return bench_dvd(state);
}

int bench_bd(void **state)
{
	return bench_begin(state, "bd-rom", PROFILE_BD_ROM);
}

int bench_end(void **state)
{
	struct bench *bench = *state;
	fake_drive_destroy(bench->fake);
	free(bench);
	return 0;
}

void settle(struct scsi_nexus *nexus)
{
	while (nexus->attentions)
		SEND(nexus, 18, 0x03, 0, 0, 0, 18);
	for (unsigned i = 0; i < 8; i++)
		GET_EVENTS(nexus, 0x7e);
}

void wait_dwell(struct bench *bench)
{
	fake_sleep_ms(bench->fake, MMC_DWELL_MS_DEFAULT);
}
