/* SPDX-License-Identifier: Apache-2.0 */
/* GET CONFIGURATION (MMC-6 6.5). */
#include "feature_table.h"
#include "util/bytes.h"

enum { RT_ALL = 0, RT_CURRENT = 1, RT_ONE = 2, REPLY_MAX = 512 };

static unsigned families_of(const struct mmc_drive *drive)
{
	unsigned families = 0;
	for (const enum mmc_profile *p = drive->personality->profiles; *p != PROFILE_NONE; p++)
		families |= mmc_family(*p);
	return families;
}

static bool is_current(const struct mmc_feature *feature, enum mmc_profile current)
{
	return feature->persistent || (feature->families & mmc_family(current)) != 0;
}

static bool wanted(const struct mmc_feature *feature, unsigned type, unsigned start, bool current)
{
	if (type == RT_ONE)
		return feature->code == start;
	return feature->code >= start && (type == RT_ALL || current);
}

static void append(struct response *r, const struct mmc_feature *feature,
	const struct mmc_drive *drive, enum mmc_profile current)
{
	response_be16(r, feature->code);
	response_u8(r, feature->version << 2 | (feature->persistent ? 2 : 0) |
			       is_current(feature, current));
	size_t length = response_length_open(r, 1);
	if (feature->build)
		feature->build(drive, current, r);
	else
		response_bytes(r, feature->data, feature->length);
	response_length_close(r, length, 1, 0);
}

enum scsi_sense_code mmc_get_configuration(struct scsi_cmd *cmd)
{
	const struct mmc_drive *drive = mmc_drive_of(cmd);
	const struct disc *disc = mmc_visible_disc(cmd->nexus);
	enum mmc_profile current = disc ? disc->profile : PROFILE_NONE;
	unsigned type = cmd->cdb[1] & 0x03, start = get_be16(cmd->cdb + 2);
	uint8_t buffer[REPLY_MAX];
	struct response r;
	if (type > RT_ONE)
		return scsi_invalid_cdb(cmd, 1, 1);
	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 4);
	response_zero(&r, 2);
	response_be16(&r, current);
	for (const struct mmc_feature *f = mmc_features; f->version != FEATURE_END; f++)
		if (f->families & families_of(drive) &&
			wanted(f, type, start, is_current(f, current)))
			append(&r, f, drive, current);
	response_length_close(&r, length, 4, 0);
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 7));
}
