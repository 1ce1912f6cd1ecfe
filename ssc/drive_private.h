/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the tape drive; nobody else includes this. */
#pragma once

#include "scsi/command.h"
#include "ssc/drive.h"

struct ssc_mode {
	uint32_t block_length; /* 0: variable */
	bool buffered;
};

enum {
	SSC_BUFFER_LENGTH = 64 << 10, /* of WRITE BUFFER */
	SSC_ECHO_LENGTH = 252,        /* as LTO drives have it */
};

/* What is kept per nexus. */
struct ssc_nexus {
	uint8_t echo_length, echo[SSC_ECHO_LENGTH]; /* 0: nothing was written */
	bool owed;          /* blocks of it were answered GOOD and are not known to last yet */
	bool lost_bearings; /* see bearings.c */
};

/* What a READ, WRITE, VERIFY or WRITE FILEMARKS asks for. */
struct ssc_transfer {
	uint64_t count;  /* blocks, or 1 */
	uint32_t length; /* of each */
	bool fixed, suppress;
	bool has_block_length; /* the block descriptor's, also where the command has its own */
};

/* What whoever wrote knows of what was written since. */
enum ssc_loss {
	SSC_LOSS_UNTOLD,
	SSC_LOSS_HOST_FULL, /* it does not last yet, for there is no room, but nothing is lost */
	SSC_LOSS_FAILED,    /* it is lost, unless a LOAD finds it */
};

/* The told record, from its decoding until the drive is asked whether it matches (told.c). */
struct ssc_told {
	bool valid;
	enum ssc_presence presence;
	struct ssc_mode mode;
	bool held, warned_early, timestamp_set;
	uint8_t identity[CARTRIDGE_IDENTITY];
	uint64_t eod, position, bytes_read, bytes_written, bytes_stored, alerts;
	uint64_t powered_on_ns, timestamp_offset_ms;
};

struct ssc_drive {
	struct scsi_lu lu;
	const struct ssc_personality *personality;

	/* The mechanism's: only what runs in the queue touches these. */
	struct cartridge *cartridge;
	uint64_t position;
	/* One block of the longest; what was never used of it takes no memory but addresses. */
	uint8_t *buffer;
	bool warned_early;      /* programmable early warning was told since the last motion away */
	uint64_t stored_before; /* the cartridge's count when it was last looked at */
	enum ssc_loss loss_told;

	/* lu.lock */
	enum ssc_presence presence;
	bool held; /* seated, and its medium auxiliary memory can be read (LOAD UNLOAD, HOLD) */
	bool write_protected;
	struct ssc_mode mode;
	/*
	 * Of the command that the mechanism has, as it was checked: a logical unit reset that falls
	 * into it brings back variable blocks, and must not make another command of this one.
	 */
	struct ssc_transfer transfer;
	struct ssc_drive_status snapshot;
	bool snapshot_warned;
	struct ssc_told told;
	uint64_t bytes_read, bytes_written, bytes_stored, alerts; /* of the drive */
	uint8_t diagnostic[SSC_BUFFER_LENGTH];
};

static inline struct ssc_drive *ssc_drive_of(const struct scsi_cmd *cmd)
{
	return ssc_drive_of_lu(cmd->nexus->lu);
}

/* What a command that needs the medium is told (HP LTO-4: 3A/04 after HOLD). lu.lock held. */
enum scsi_sense_code ssc_readiness(const struct ssc_drive *drive);
/* By its tab, or because it can only be read. lu.lock held. */
bool ssc_is_protected(const struct ssc_drive *drive);

/* What this nexus can write in one block: the smaller of what drive and transport can. */
uint32_t ssc_block_max(const struct scsi_cmd *cmd);

/*
 * A host that may not write before it has found out where the tape is (bearings.c), lu.lock held: a
 * unit attention was reported by the command; it takes its bearings; whether it has lost them.
 */
void ssc_attention_reported(struct scsi_cmd *cmd);
void ssc_take_bearings(struct scsi_cmd *cmd);
bool ssc_lost_bearings(const struct scsi_cmd *cmd);

/* The mechanism has moved or written: what others see is made anew. No lock held. */
void ssc_snapshot(struct ssc_drive *drive);

/* ---- what was written lasts (loss.c); the mechanism's, no lock held ----------------------------
 */

/* Blocks of this command are about to be answered GOOD, and may be lost. */
void ssc_owe(struct scsi_cmd *cmd);
/* Whoever wrote knows how it ended: everything lasts, or its cartridge goes. */
void ssc_owe_nobody(struct ssc_drive *drive);
/* 0: everything lasts now, or there is nothing that could. Else whoever wrote it must be told. */
int ssc_commit(struct ssc_drive *drive);
/*
 * A commit or a write has failed: the position is what is on the tape, and every nexus that wrote
 * what may be lost is told with its next command, but `teller`, which this command tells (NULL:
 * none). Returns how many objects the position went back.
 */
uint64_t ssc_lost(struct ssc_drive *drive, struct scsi_nexus *teller);
/*
 * Before the tape moves, buffered data is written (SSC-4 4.2.13). On failure the command reports
 * it, and is not performed; the next one is.
 */
enum scsi_sense_code ssc_barrier(struct scsi_cmd *cmd);

/* ---- TapeAlert (alerts.c); lu.lock held but for reading -----------------------------------------
 */

/* A read, or a motion that reads; no lock held. */
void ssc_alert_read_failure(struct ssc_drive *drive);
/* `media`: the cartridge cannot be written any more; else its host's disk is full. */
void ssc_alert_write_failure(struct ssc_drive *drive, bool media);
/* A command would have written to what is protected. */
void ssc_alert_write_protect(struct ssc_drive *drive);
/* An UNLOAD while a host prevents it. */
void ssc_alert_no_removal(struct ssc_drive *drive);
void ssc_alerts_of_cartridge_gone(struct ssc_drive *drive);

/* ---- early warning (read_write.c) --------------------------------------------------------------
 */

/* Bytes before the capacity at which early warning begins. */
uint64_t ssc_early_warning(uint64_t capacity);
/* Bytes before that at which programmable early warning begins; 0: there is none. No lock held. */
uint64_t ssc_programmable_zone(struct ssc_drive *drive);

/* ---- handlers ----------------------------------------------------------------------------------
 */

enum scsi_sense_code ssc_read_6(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_write_6(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_verify_6(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_write_filemarks(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_erase(struct scsi_cmd *cmd);

enum scsi_sense_code ssc_rewind(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_space_6(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_space_16(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_locate_10(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_locate_16(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_read_position(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_load_unload(struct scsi_cmd *cmd);

enum scsi_sense_code ssc_read_block_limits(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_report_density_support(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_read_attribute(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_read_buffer(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_write_buffer(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_send_diagnostic(struct scsi_cmd *cmd);
enum scsi_sense_code ssc_receive_diagnostic(struct scsi_cmd *cmd);

void ssc_told_encode_lu(struct scsi_lu *lu, struct response *r);
bool ssc_told_decode_lu(struct scsi_lu *lu, struct reader *reader);
void ssc_told_encode_nexus(struct scsi_nexus *nexus, struct response *r);
bool ssc_told_decode_nexus(struct scsi_nexus *nexus, struct reader *reader);

/* ---- tables ------------------------------------------------------------------------------------
 */

extern const struct scsi_mode_page ssc_mode_pages[];
extern const struct scsi_mode_header_ops ssc_mode_header;
extern const struct scsi_log_page ssc_log_pages[];
