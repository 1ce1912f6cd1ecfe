/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SCSI command, from the transport that received it to the transport that answers it.
 *
 * Life (the state table with owners is in ARCHITECTURE.md, "Who owns a command"):
 *
 *	transport: scsi_cmd_init, fill in; scsi_execute ──► gates and handler, lu->lock held
 *	    ├─ answered at once ────────────────────────────────► DONE, transport->complete
 *	    ├─ Data-In from a source, in the page cache ────────► DONE, transport->complete
 *	    │   (long enough and left in its file: the transport holds the source until it is sent)
 *	    ├─ Data-In from a source, a miss: QUEUED ─► BUSY ───► DONE, transport->complete
 *	    └─ handler returned SCSI_PENDING: QUEUED ─► BUSY ───► DONE, transport->complete
 *	task management: scsi_cmd_cancel wins over QUEUED at once; over BUSY when the worker is done
 *
 * Whoever moves the owner word to DONE completes the command, exactly once, from any thread.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "scsi/executor.h"
#include "scsi/queue.h"
#include "scsi/sense.h"
#include "scsi/source.h"
#include "scsi/unit_attention.h"
#include "util/list.h"

struct scsi_cmd;
struct scsi_nexus;
struct scsi_opcode;

enum {
	SCSI_CDB_MAX = 32,
	SCSI_CMD_RANGES = 4,
	SCSI_RENDERED_MAX = 3072,     /* bytes of Data-In per block that is rendered */
	SCSI_RENDERS_FROM_MAX = 2048, /* bytes of the medium that it is made of */
};

enum scsi_status {
	SCSI_STATUS_GOOD = 0x00,
	SCSI_STATUS_CHECK_CONDITION = 0x02,
	SCSI_STATUS_BUSY = 0x08,
	SCSI_STATUS_RESERVATION_CONFLICT = 0x18,
	SCSI_STATUS_TASK_SET_FULL = 0x28,
	SCSI_STATUS_TASK_ABORTED = 0x40,
};

/* The owner word. ABORTED is a flag beside BUSY: the worker sees it when it finishes. */
enum scsi_cmd_owner {
	SCSI_CMD_RUNNING = 0, /* the thread inside scsi_execute */
	SCSI_CMD_QUEUED = 1,  /* nobody: waits for a worker or the library; may be cancelled */
	SCSI_CMD_BUSY = 2,    /* a worker, which may be writing to the iovecs */
	SCSI_CMD_DONE = 3,    /* the transport */
	SCSI_CMD_OWNER_MASK = 3,
	SCSI_CMD_ABORTED = 4,
};

/* What is done with the ranges. */
enum scsi_range_use {
	SCSI_RANGES_DATA_IN, /* they are read into the iovecs */
	SCSI_RANGES_CHECK,   /* they are read, to see whether that is possible */
	SCSI_RANGES_COMPARE, /* they are read and compared with the Data-Out in the iovecs */
	SCSI_RANGES_RENDER,  /* Data-In is made of them, block by block */
};

/* How blocks of Data-In are made of blocks of the medium: scsi_data_in_rendered. */
struct scsi_rendering {
	/*
	 * Any thread, no lock held: the out_length bytes for one block, made of the in_length bytes
	 * that the ranges have there (`data`; not to be looked at when in_length is 0).
	 */
	void (*block)(
		struct scsi_rendering *rendering, uint64_t lba, const uint8_t *data, uint8_t *ret);
	/* Any thread, once: the command is over, or was cancelled. */
	void (*release)(struct scsi_rendering *rendering);
	/* Whose share of the workers it takes when there are no ranges; borrowed until release. */
	struct scsi_source *source;
	uint32_t in_length;  /* 0: it is made of nothing that lies on the medium */
	uint32_t out_length; /* 1 to SCSI_RENDERED_MAX */
};

struct scsi_transport_ops {
	/*
	 * Any thread, exactly once per command, no lock of scsi/ held. status, sense and
	 * data_in_done are final; the iovecs are the transport's again. The memory of the command
	 * is not free before release. With sent_from >= 0 the transport has to send from there, and
	 * to call scsi_cmd_sent before it drops its last reference.
	 */
	void (*complete)(struct scsi_cmd *cmd);
	/* Any thread: the last reference is gone (may be inside complete's caller, or later). */
	void (*release)(struct scsi_cmd *cmd);
};

/* Part of the Data-In: `length` bytes of `source` from `offset`. */
struct scsi_range {
	struct scsi_source *source; /* counted */
	uint64_t offset;
	uint64_t length;
};

struct scsi_cmd {
	/* Filled in by the transport before scsi_execute. */
	struct scsi_nexus *nexus;
	const struct scsi_transport_ops *transport;
	uint8_t cdb[SCSI_CDB_MAX]; /* a private copy, zero beyond cdb_length */
	uint8_t cdb_length;
	struct iovec *iov; /* Data-In or Data-Out buffer; borrowed until complete */
	int iov_count;
	uint64_t transfer_length; /* bytes in iov: the initiator's expected data transfer length */
	/*
	 * Data-In of at least so many bytes may stay in its file, for a transport that can send
	 * from there and that holds a reference; 0: no.
	 */
	uint64_t sends_from;

	/* The answer; valid in transport->complete. */
	enum scsi_status status;
	struct scsi_sense sense; /* for CHECK CONDITION */
	bool sense_descriptor;   /* D_SENSE of the control mode page when the sense was made */
	uint64_t data_in_done;   /* bytes of Data-In placed from the start of iov */
	uint64_t data_wanted; /* bytes the CDB asks for, in its direction; may exceed the buffer */
	bool data_in;         /* the command's direction is Data-In: data_in_done counts */
	/*
	 * >= 0: nothing is in iov, all of the Data-In is in ranges[0], whose bytes this descriptor
	 * has. They were in the page cache when the command ended.
	 */
	int sent_from;

	/* Private to scsi/. */
	const struct scsi_opcode *opcode; /* NULL: no such row */
	atomic_uint owner;
	atomic_uint references;
	uint64_t started_ns;
	struct list task;         /* lu->tasks while QUEUED or BUSY, under lu->lock */
	struct list library_link; /* the library's while SCSI_PENDING */
	unsigned library_request; /* enum library_request, while SCSI_PENDING */
	struct scsi_work work;
	struct scsi_queue_item queued; /* on device types that are one mechanism */
	enum scsi_sense_code (*unlocked)(struct scsi_cmd *cmd);
	struct scsi_range ranges[SCSI_CMD_RANGES];
	int range_count;
	enum scsi_range_use range_use;
	uint64_t range_length;        /* bytes of all ranges together */
	uint64_t first_lba;           /* of the ranges, for INFORMATION */
	uint32_t block_length;        /* bytes of Data-In per block of the ranges */
	bool counted_in_flight;       /* in lu->reads_in_flight */
	bool parked;                  /* in lu->tasks */
	uint64_t task_number;         /* among all that ever were there, from 1 */
	scsi_attention_set attention; /* taken out of the nexus' to be reported by it; 0: none */
	struct scsi_sense deferred;   /* likewise; code SENSE_NONE: none */
	bool at_hand;                 /* its unlocked part may not wait */
	bool preempts;  /* it is not finished before those that it has preempted end */
	bool preempted; /* PREEMPT AND ABORT of another nexus ends it; under lu->lock */
	struct scsi_rendering *rendering; /* owned; with SCSI_RANGES_RENDER */
	uint64_t rendered, render_left;   /* blocks */
};

/*
 * Transport: a fresh command, RUNNING, without a trace of what was there before. Its first
 * reference belongs to scsi/, which drops it after transport->complete has returned.
 */
void scsi_cmd_init(
	struct scsi_cmd *cmd, struct scsi_nexus *nexus, const struct scsi_transport_ops *transport);

/*
 * Transport: runs the command. It may be complete before this returns, or later from another
 * thread. Takes lu->lock for the gates and the handler.
 */
void scsi_execute(struct scsi_cmd *cmd);

/*
 * Transport: task management wants this command gone (SAM-5 7.2, 7.5). Completes it with TASK
 * ABORTED, at once or, if a worker is in the middle of its buffer, when that worker is done. A
 * command that is already DONE is left alone. The caller holds a reference.
 */
void scsi_cmd_cancel(struct scsi_cmd *cmd);

/*
 * Transport: the Data-In that complete left in its file was sent, or is not needed any more. Gives
 * the source back. May be called for every command.
 */
void scsi_cmd_sent(struct scsi_cmd *cmd);

/*
 * Transport: the answer of a command that is complete goes to nobody, because it was aborted or its
 * session ends. What it would have told once (a unit attention, a deferred error) is pending again
 * (SAM-5 5.14). The nexus is there still, and no lock is held.
 */
void scsi_cmd_unsent(struct scsi_cmd *cmd);

void scsi_cmd_get(struct scsi_cmd *cmd);
void scsi_cmd_put(struct scsi_cmd *cmd);

/* ---- for handlers (lu->lock held, state RUNNING) ------------------------------------------- */

/*
 * Copies parameter data into the Data-In buffer: at most `allocation_length` bytes, at most what
 * the initiator expects. May be called once per command. Returns SENSE_NONE.
 */
enum scsi_sense_code scsi_data_in(
	struct scsi_cmd *cmd, const void *data, size_t length, uint64_t allocation_length);

/* Takes up to `capacity` bytes of Data-Out; returns how many there were. */
size_t scsi_data_out(struct scsi_cmd *cmd, void *buffer, size_t capacity);
/* A part of it, from byte `offset` on; data_wanted is the caller's to say. */
size_t scsi_data_out_at(struct scsi_cmd *cmd, uint64_t offset, void *buffer, size_t capacity);

/*
 * Without a copy: where `length` bytes of Data-Out from `offset` on lie, and where the next
 * `length` bytes of Data-In go. Valid while the command is the caller's. NULL: they are not in one
 * piece, or there are not so many. What was put there counts when scsi_data_in_placed says so, and
 * is not seen by the initiator otherwise.
 */
const void *scsi_data_out_piece(const struct scsi_cmd *cmd, uint64_t offset, size_t length);
void *scsi_data_in_piece(const struct scsi_cmd *cmd, size_t length);
void scsi_data_in_placed(struct scsi_cmd *cmd, size_t length);

/*
 * Data-In from a source, from the start of the buffer or behind earlier ranges (never together with
 * scsi_data_in), read after the lock is released. Takes its own
 * reference. scsi_data_in_blocks says once what the ranges are for error reports: the first logical
 * block and the bytes per block. Clamped to the initiator's expected length.
 */
void scsi_data_in_range(
	struct scsi_cmd *cmd, struct scsi_source *source, uint64_t offset, uint64_t length);
void scsi_data_in_blocks(struct scsi_cmd *cmd, uint64_t first_lba, uint32_t block_length);

/*
 * Data-In that is not what lies on the medium, but made of it: `count` blocks from `first_lba` on.
 * Takes `rendering` over. Returns how many blocks the initiator has room for; ranges for so many
 * follow, of in_length bytes each. 0: none follow.
 */
uint64_t scsi_data_in_rendered(
	struct scsi_cmd *cmd, struct scsi_rendering *rendering, uint64_t first_lba, uint64_t count);

/*
 * VERIFY: says, before the first range, that the ranges are checked or compared. With `compare` the
 * Data-Out must be there for all of them; else MISCOMPARE DURING VERIFY OPERATION tells in
 * INFORMATION which block differs first.
 */
void scsi_verify(struct scsi_cmd *cmd, bool compare);

/* INVALID FIELD IN CDB with the field pointer; bit is the most significant one of the field. */
enum scsi_sense_code scsi_invalid_cdb(struct scsi_cmd *cmd, unsigned byte, unsigned bit);
/*
 * Bits of the CDB that are not in `usage` are reserved and must be zero (SPC-4 4.2.5): the first
 * bad field is pointed to. Of the CONTROL byte (SAM-5 5.2), always the last, the vendor specific
 * bits 7..6 are let through: READ TOC has its SFF-8020 format code there.
 */
enum scsi_sense_code scsi_check_usage(struct scsi_cmd *cmd, const uint8_t *usage, unsigned length);
/* INVALID FIELD IN PARAMETER LIST with the field pointer. */
enum scsi_sense_code scsi_invalid_parameter(struct scsi_cmd *cmd, unsigned byte, unsigned bit);
/* `code` with INFORMATION set. */
enum scsi_sense_code scsi_sense_at(
	struct scsi_cmd *cmd, enum scsi_sense_code code, uint64_t information);

/*
 * On device types with `queued`: the handler is done with the lock, and returns what this returns;
 * `unlocked` goes on without it and may wait for files. It is the only command that the mechanism
 * runs, in state BUSY: the iovecs are its own until it returns. It returns a code, or SCSI_PENDING
 * when it has finished the command itself (IMMED) and works on; it does not look at the command
 * then.
 *
 * The unlocked part of a row with OPCODE_TRIES_AT_HAND is called with cmd->at_hand on the
 * transport's own thread when the mechanism rests, for no other thread has to be woken up then. If
 * it would have to wait for a file, or to work for long, it returns SCSI_WOULD_WAIT, having changed
 * nothing but Data-In that does not count yet, and is called again on a thread of the executor.
 */
enum scsi_sense_code scsi_unlocked(
	struct scsi_cmd *cmd, enum scsi_sense_code (*unlocked)(struct scsi_cmd *cmd));

/* ---- for whoever took over a pending command ----------------------------------------------- */

/*
 * Nobody waits for what it does any more: work that is long may stop where that leaves nothing half
 * done. The answer is TASK ABORTED whatever the code.
 */
bool scsi_cmd_is_aborted(const struct scsi_cmd *cmd);
/* QUEUED to BUSY. False: it was cancelled meanwhile; only scsi_cmd_put is allowed then. */
bool scsi_cmd_claim(struct scsi_cmd *cmd);
/* BUSY (or RUNNING) to DONE: status and sense from `code`, flight recorder, transport->complete. */
void scsi_cmd_finish(struct scsi_cmd *cmd, enum scsi_sense_code code);

/* The length of a CDB by its operation code (SPC-4 4.2.5.1); 0 for the vendor groups and 7Fh. */
unsigned scsi_cdb_length(uint8_t opcode);
