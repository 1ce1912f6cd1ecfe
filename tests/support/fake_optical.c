/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_optical.h"

#include <stdlib.h>

#include "fake_drive.h"
#include "util/bytes.h"

static void request(struct fake_drive *fake, enum library_request request)
{
	if (request == LIBRARY_TRAY_OPEN)
		mmc_drive_move_tray(fake->drive, true);
	if (request == LIBRARY_TRAY_CLOSE)
		mmc_drive_move_tray(fake->drive, false);
}

/* A disc goes with its drive. */
static void unload(struct fake_drive *fake)
{
}

static void destroy(struct fake_drive *fake)
{
	mmc_drive_destroy(fake->drive);
}

static const struct fake_device optical = {
	.request = request, .unload = unload, .destroy = destroy};

struct fake_drive *fake_optical_create(const struct fake_optical_setup *setup)
{
	const char *personality = setup && setup->personality ? setup->personality : "dvd-rom";
	struct mmc_drive_config config = {
		.personality = mmc_personality_find(personality),
		.dwell_ms = setup && setup->dwell_ms ? setup->dwell_ms : MMC_DWELL_MS_DEFAULT,
	};
	struct fake_drive *fake = fake_drive_create(&optical, &config.lu);
	config.lu.name = "dvd0";
	config.lu.serial = "CRSL00000001";
	fake->drive = mmc_drive_create(&config);
	fake_drive_begin(fake, mmc_drive_lu(fake->drive));
	return fake;
}

struct disc *fake_disc(uint32_t blocks, enum mmc_profile profile)
{
	uint8_t *data = calloc(blocks, DISC_BLOCK);
	for (uint32_t i = 0; i < blocks; i++)
		put_be32(data + (size_t)i * DISC_BLOCK, i);
	struct disc *disc = disc_in_memory(data, blocks, profile);
	free(data);
	return disc;
}

void fake_load(struct fake_drive *fake, uint32_t blocks, enum mmc_profile profile)
{
	struct disc *disc = fake_disc(blocks, profile);
	mmc_drive_begin_change(fake->drive);
	mmc_drive_publish(fake->drive, disc, false);
	disc_put(disc);
}

void fake_insert_silently(struct fake_drive *fake, uint32_t blocks, enum mmc_profile profile)
{
	struct disc *disc = fake_disc(blocks, profile);
	mmc_drive_restore(fake->drive, disc, false);
	disc_put(disc);
}
