/* SPDX-License-Identifier: Apache-2.0 */
/* From a path to a disc: open, recognise by the table of formats, check, press. */
#include <errno.h>
#include <string.h>

#include "formats.h"
#include "profile.h"

static const struct image_format *const formats[] = {
	&image_format_iso,
};

enum { FORMATS = sizeof formats / sizeof formats[0] };

struct recognised {
	const struct image_format *format;
	struct image_info info;
};

static bool explain_open(struct error *error, const char *path, int result)
{
	switch (-result) {
	case ENOENT:
	case ENOTDIR:
		return error_set(error, ERROR_FILE_MISSING,
			"Check the path, and that what it is on is mounted.", "%s does not exist",
			path);
	case EINVAL:
		return error_set(error, ERROR_FILE_TYPE,
			"Give the path of an image file, not of a directory or device.",
			"%s is not a regular file", path);
	case ELOOP: /* util/file_open.h */
		return error_set(error, ERROR_FILE_UNREADABLE,
			"See who may write to its directories, then try again.",
			"%s leads through a symbolic link that was put there just now", path);
	default:
		return error_set(error, ERROR_FILE_UNREADABLE,
			"Let the daemon's user read the file and search its directories.",
			"%s cannot be opened: %s", path, strerror(-result));
	}
}

static bool explain_unreadable(struct error *error, const char *path, int result)
{
	return error_set(error, ERROR_FILE_UNREADABLE, "Check the disk or server the file is on.",
		"%s cannot be read: %s", path, strerror(-result));
}

static bool explain_probe(struct error *error, const char *path, const struct error *found)
{
	return error_set(error, found->code, found->remedy, "%s: %s", path, found->sentence);
}

/* The format that is surest, with what it found out. False: none, or the image is damaged. */
static bool recognise(const struct file_io *io, int fd, const char *path, struct recognised *ret,
	struct error *error)
{
	int best = 0;
	struct recognised found = {0};
	struct error damage = {0};
	for (size_t i = 0; i < FORMATS; i++) {
		struct recognised here = {.format = formats[i], .info = ret->info};
		struct error here_damage = {0};
		int score = formats[i]->probe(io, fd, &here.info, &here_damage);
		if (score <= best)
			continue;
		best = score;
		found = here;
		damage = here_damage;
	}
	if (best == 0)
		return error_set(error, ERROR_IMAGE_UNRECOGNISED,
			"Give an image with an ISO 9660 or UDF volume in blocks of 2048 bytes.",
			"%s is in no known image format", path);
	if (damage.code != ERROR_NONE)
		return explain_probe(error, path, &damage);
	found.info.format = found.format->name;
	*ret = found;
	return true;
}

/* What the content says, unless it is more than such a disc holds. */
static bool size_up(struct image_info *info, const char *path, struct error *error)
{
	uint64_t blocks = info->size / DISC_BLOCK + (info->size % DISC_BLOCK != 0);
	if (info->profile == PROFILE_NONE || blocks > mmc_profile_blocks(info->profile))
		info->profile = mmc_profile_for(blocks);
	if (info->profile == PROFILE_NONE)
		return error_set(error, ERROR_MEDIUM_DOES_NOT_FIT,
			"Give an image of at most 128 GB, what a BD-ROM of four layers holds.",
			"%s is %llu blocks long, more than any disc holds", path,
			(unsigned long long)blocks);
	info->blocks = (uint32_t)blocks;
	return true;
}

static bool examine(const struct file_io *io, int fd, const char *path, struct recognised *ret,
	struct error *error)
{
	struct image_info *info = &ret->info;
	*ret = (struct recognised){0};
	int result = io->identify(io, fd, &info->identity);
	if (result < 0)
		return explain_unreadable(error, path, result);
	info->size = info->identity.size;
	if (info->size == 0)
		return error_set(error, ERROR_IMAGE_EMPTY,
			"Copy or download the image again; nothing has arrived.", "%s is empty",
			path);
	return recognise(io, fd, path, ret, error) && size_up(info, path, error);
}

bool image_probe(
	const struct file_io *io, const char *path, struct image_info *ret, struct error *error)
{
	int fd = io->open(io, path);
	if (fd < 0)
		return explain_open(error, path, fd);
	struct recognised found;
	bool ok = examine(io, fd, path, &found, error);
	io->close(io, fd);
	if (ok)
		*ret = found.info;
	return ok;
}

bool image_check_profile(
	const char *path, uint64_t size, enum mmc_profile profile, struct error *error)
{
	uint64_t blocks = size / DISC_BLOCK + (size % DISC_BLOCK != 0);
	if (blocks <= mmc_profile_blocks(profile))
		return true;
	return error_set(error, ERROR_MEDIUM_DOES_NOT_FIT,
		"Choose a larger disc, or auto, which follows from the content and the size.",
		"%s is %llu blocks long, a %s holds %u", path, (unsigned long long)blocks,
		mmc_profile_name(profile), mmc_profile_blocks(profile));
}

static bool override_profile(
	struct image_info *info, enum mmc_profile profile, const char *path, struct error *error)
{
	if (profile == PROFILE_NONE)
		return true;
	if (!image_check_profile(path, info->size, profile, error))
		return false;
	info->profile = profile;
	return true;
}

static bool check_identity(const struct image_info *info, const struct file_identity *expected,
	const char *path, struct error *error)
{
	if (!expected || file_identity_lasts(expected, &info->identity))
		return true;
	return error_set(error, ERROR_IMAGE_CHANGED,
		"Add it again (carousel media add), or put the original file back.",
		"%s is not the file it was when it was catalogued", path);
}

struct disc *image_open(const struct file_io *io, const char *path, enum mmc_profile profile,
	const struct file_identity *expected, struct error *error)
{
	int fd = io->open(io, path);
	if (fd < 0) {
		explain_open(error, path, fd);
		return NULL;
	}
	struct recognised found;
	if (!examine(io, fd, path, &found, error) ||
		!check_identity(&found.info, expected, path, error) ||
		!override_profile(&found.info, profile, path, error)) {
		io->close(io, fd);
		return NULL;
	}
	return found.format->open(io, fd, &found.info, error);
}
