/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disc: sessions > tracks > extents, as a drive reads it (MMC-6 4.2, 6.25-6.27). Immutable once
 * opened and counted, so one open disc can lie in fifty drives.
 *
 * Addresses are logical block addresses of 2048-byte user data; the first track begins at 0.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "scsi/source.h"
#include "util/error.h"
#include "util/file_io.h"

enum { DISC_BLOCK = 2048 };

/* Profiles (MMC-6 5.3.1). The read-only ones are what an image can be pressed to. */
enum mmc_profile {
	PROFILE_NONE = 0x0000,
	PROFILE_CD_ROM = 0x0008,
	PROFILE_DVD_ROM = 0x0010,
	PROFILE_BD_ROM = 0x0040,
};

/* "DVD-ROM"; "" for PROFILE_NONE. And back, in any case; PROFILE_NONE: there is no such disc. */
const char *mmc_profile_name(enum mmc_profile profile);
enum mmc_profile mmc_profile_find(const char *name);

struct disc_extent {
	uint32_t first_lba;
	uint32_t blocks;
	struct scsi_source *source; /* counted by the disc */
	uint64_t offset;            /* of the first block in the source, bytes */
};

struct disc_track {
	uint8_t number;  /* 1..99 */
	uint8_t session; /* 1.. */
	uint8_t control; /* CONTROL nibble: 4 = data, no copy (MMC-6 table 'Q sub-channel control')
			  */
	uint8_t data_mode; /* 1 */
	uint32_t first_lba;
	uint32_t blocks;
};

struct disc {
	atomic_uint references;
	enum mmc_profile profile;
	uint8_t session_count;
	uint8_t track_count;
	const struct disc_track *tracks; /* track_count of them, ascending */
	uint32_t extent_count;
	const struct disc_extent *extents; /* ascending, without overlap */
	uint32_t lead_out;                 /* first block behind the last track */
	uint8_t layers;                    /* 1 to 4, for DVD and BD physical format information */
	struct file_identity identity;
	char volume_id[257]; /* UTF-8; "" when there is none */
	void (*destroy)(struct disc *disc);
};

struct disc *disc_get(struct disc *disc);
void disc_put(struct disc *disc); /* NULL is allowed */

/* A file under it was found changed since it was opened: it must not be put into another drive. */
bool disc_faulted(const struct disc *disc);

/* The extent that holds `lba`, or NULL. */
const struct disc_extent *disc_extent_at(const struct disc *disc, uint32_t lba);

/* How many blocks are there from `lba` on before a gap (between sessions), at most `count`. */
uint32_t disc_recorded(const struct disc *disc, uint32_t lba, uint32_t count);

/* ---- image formats ------------------------------------------------------------------------- */

/* What recognition found out without opening for good; goes into the catalog. */
struct image_info {
	const char *format;       /* image_format.name */
	char file_system[32];     /* "iso9660", "udf", "iso9660+udf" */
	char volume_id[257];      /* UTF-8 */
	uint64_t size;            /* bytes of the file */
	uint32_t blocks;          /* of 2048 bytes, what READ CAPACITY is made of */
	enum mmc_profile profile; /* by content, else by size; an override goes to image_open */
	struct file_identity identity;
};

/* One row and one file (mmc/format_*.c) per format. */
struct image_format {
	const char *name; /* "iso" */
	/*
	 * 0: not mine; higher is surer. Reads through io only; the file is hostile. A format that
	 * recognises the file but finds it damaged says so in error (IMAGE_TRUNCATED …) and
	 * returns a score all the same. `ret->profile`: what the content was made for, or
	 * PROFILE_NONE when it does not say.
	 */
	int (*probe)(const struct file_io *io, int fd, struct image_info *ret, struct error *error);
	/* Takes over fd, also on failure. */
	struct disc *(*open)(const struct file_io *io, int fd, const struct image_info *info,
		struct error *error);
};

/*
 * Recognises an image file. Blocks (call from a thread that may). Errors: FILE_MISSING,
 * FILE_UNREADABLE, FILE_TYPE, IMAGE_EMPTY, IMAGE_UNRECOGNISED, IMAGE_TRUNCATED,
 * MEDIUM_DOES_NOT_FIT (more blocks than any disc, or than the profile asked for, holds).
 */
bool image_probe(
	const struct file_io *io, const char *path, struct image_info *ret, struct error *error);

/* MEDIUM_DOES_NOT_FIT: such a disc does not hold `size` bytes. */
bool image_check_profile(
	const char *path, uint64_t size, enum mmc_profile profile, struct error *error);

/*
 * Recognises and opens. `profile` other than PROFILE_NONE overrides the one that was found.
 * `expected` (may be NULL): the identity in the catalog; a different one is IMAGE_CHANGED.
 */
struct disc *image_open(const struct file_io *io, const char *path, enum mmc_profile profile,
	const struct file_identity *expected, struct error *error);

/* A disc in memory, for tests: one track over `blocks` × 2048 bytes, copied. */
struct disc *disc_in_memory(const void *data, uint32_t blocks, enum mmc_profile profile);
