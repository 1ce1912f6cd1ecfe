/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of mmc/; nobody else includes this. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "mmc/drive.h"
#include "scsi/command.h"
#include "util/response.h"

/* Power conditions, as START STOP UNIT and the power event number them (MMC-6 6.6.2, 6.42). */
enum mmc_power { POWER_ACTIVE = 1, POWER_IDLE = 2, POWER_STANDBY = 3, POWER_SLEEP = 4 };

/* What a told record says of the logical unit (told.c). */
struct mmc_told {
	bool valid;
	bool tray_open, has_disc;
	uint64_t generation;
	unsigned speed_kb;
	struct file_identity identity;
};

enum { MMC_REGION_CHANGES = 5 };

/* All of it under lu.lock. */
struct mmc_drive {
	struct scsi_lu lu;
	const struct mmc_personality *personality;
	uint64_t dwell_ns;
	struct disc *disc; /* counted; on the tray, open or closed */
	bool tray_open;
	bool changing; /* between mmc_drive_begin_change and cancel or publish */
	uint64_t generation;
	enum mmc_power power;
	uint32_t last_lba; /* of the last block that was read, or sought */
	unsigned speed_kb; /* that a host asked for; 0: full */
	uint8_t region;    /* a bit for each that was set; 0: none was */
	uint8_t region_changes;
	uint64_t bytes_logged; /* lu.bytes_read when the log page was reset */
	struct mmc_told told;
};

/* Pending events of a nexus, in the order of report: the lowest class first, cause before effect.
 */
enum mmc_event {
	EVENT_OPERATIONAL_CHANGE,
	EVENT_POWER_CHANGE,
	EVENT_EJECT_REQUEST,
	EVENT_MEDIA_REMOVAL,
	EVENT_NEW_MEDIA,
	EVENT_COUNT,
};

/* What one initiator believes. */
struct mmc_belief {
	bool present;             /* sees the medium; only while there is one in the closed drive */
	bool told;                /* if not present: it has been told so */
	uint64_t absent_until_ns; /* if told: not present again before */
	enum mmc_profile profile; /* the last one it saw */
	unsigned events;          /* 1 << enum mmc_event */
};

/* nexus->device */
struct mmc_nexus {
	struct mmc_belief now;
	struct mmc_belief recalled; /* from a told record, until mmc_drive_told_matches */
	bool has_recalled;
	bool asks_for_events;     /* media events, by GET EVENT STATUS NOTIFICATION */
	bool pulls_in;            /* what it has thrown out itself, knowing so */
	uint64_t seen_generation; /* the last medium it saw */
};

static inline struct mmc_drive *mmc_drive_of(const struct scsi_cmd *cmd)
{
	return mmc_drive_of_lu(cmd->nexus->lu);
}

static inline struct mmc_nexus *mmc_nexus_of(struct scsi_nexus *nexus)
{
	return nexus->device;
}

static inline struct mmc_belief *mmc_belief_of(struct scsi_nexus *nexus)
{
	return &mmc_nexus_of(nexus)->now;
}

/* ---- presence.c: who sees what -------------------------------------------------------------- */

/* The medium as this nexus sees it, or NULL. */
struct disc *mmc_visible_disc(struct scsi_nexus *nexus);
/* The tray as this nexus sees it: open, or a swap is going on behind its back. */
bool mmc_visibly_open(struct scsi_nexus *nexus);
/* This command says that there is no medium. */
void mmc_told_absent(struct scsi_nexus *nexus);
/* The host knows that there is no medium, without having been told: no dwell. */
void mmc_told_by_itself(struct scsi_nexus *nexus);
/* The host loads. */
void mmc_pulls_in(struct scsi_nexus *nexus);
/* The medium that was there is gone: starts the swap sequence on a nexus that believed in it. */
void mmc_nexus_lose(struct scsi_nexus *nexus);

void mmc_nexus_added(struct scsi_nexus *nexus);
void mmc_refresh(struct scsi_nexus *nexus);
enum scsi_sense_code mmc_ready(struct scsi_cmd *cmd);

/* ---- events.c ------------------------------------------------------------------------------- */

void mmc_event_raise(struct scsi_nexus *nexus, enum mmc_event event);
void mmc_event_raise_all(struct mmc_drive *drive, enum mmc_event event);

/* ---- told.c --------------------------------------------------------------------------------- */

void mmc_told_encode_lu(struct scsi_lu *lu, struct response *r);
bool mmc_told_decode_lu(struct scsi_lu *lu, struct reader *reader);
void mmc_told_encode_nexus(struct scsi_nexus *nexus, struct response *r);
bool mmc_told_decode_nexus(struct scsi_nexus *nexus, struct reader *reader);

/* ---- tables --------------------------------------------------------------------------------- */

extern const struct scsi_mode_page mmc_mode_pages[]; /* mode_pages.c */
extern const struct scsi_log_page mmc_log_pages[];   /* log_pages.c */

/* Wakes a drive that START STOP UNIT has put to idle, standby or sleep, or puts it there. */
void mmc_power_set(struct mmc_drive *drive, enum mmc_power power);

/* ---- speed.c: in 1000 bytes a second --------------------------------------------------------- */

unsigned mmc_speed_max(const struct mmc_drive *drive);
unsigned mmc_speed(const struct mmc_drive *drive);

/* ---- handlers, one file per command or family ------------------------------------------------ */

enum scsi_sense_code mmc_start_stop(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_capacity(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_capacity_16(struct scsi_cmd *cmd); /* SBC-3 5.16 */
enum scsi_sense_code mmc_read_10(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_12(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_verify_10(struct scsi_cmd *cmd); /* SBC-3 */
enum scsi_sense_code mmc_seek(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_toc(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_get_configuration(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_get_event_status(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_disc_information(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_track_information(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_disc_structure(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_mechanism_status(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_cd(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_cd_msf(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_sub_channel(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_header(struct scsi_cmd *cmd);

enum scsi_sense_code mmc_set_cd_speed(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_set_streaming(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_get_performance(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_format_capacities(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_buffer_capacity(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_read_media_serial_number(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_report_key(struct scsi_cmd *cmd);
enum scsi_sense_code mmc_send_key(struct scsi_cmd *cmd);

/* The Data-In of `count` blocks, after the bounds are checked (read.c). */
enum scsi_sense_code mmc_read_blocks(struct scsi_cmd *cmd, uint32_t lba, uint32_t count);
/* INFORMATION is the first block that is not there: behind the end, or in a gap. */
enum scsi_sense_code mmc_check_bounds(struct scsi_cmd *cmd, uint32_t lba, uint32_t count);
/* These blocks, which are there, are read now. */
void mmc_reads(struct scsi_cmd *cmd, uint32_t lba, uint32_t count);
/* The ranges of `count` blocks that are there. */
void mmc_data_in_extents(
	struct scsi_cmd *cmd, const struct disc *disc, uint32_t lba, uint32_t count);

/* Parameter data that was built into a buffer of ours. */
enum scsi_sense_code mmc_reply(
	struct scsi_cmd *cmd, const struct response *r, uint64_t allocation_length);
