/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of scsi/; nobody else includes this. */
#pragma once

#include "scsi/command.h"

struct list;
struct scsi_lu;
struct scsi_work;

/* The gates and the handler, lu->lock held (execute.c). */
enum scsi_sense_code scsi_gates(struct scsi_cmd *cmd);

/*
 * Takes a command from RUNNING, or from BUSY in a mechanism, to QUEUED, into lu->tasks; lu->lock
 * held. False: it was aborted meanwhile and is what it was; finish it.
 */
bool scsi_cmd_park(struct scsi_cmd *cmd);

/* The Data-In phase of a command with ranges: RUNNING, no lock held (data.c). */
void scsi_data_phase(struct scsi_cmd *cmd);
/* The same of a VERIFY (verify.c). */
void scsi_verify_phase(struct scsi_cmd *cmd);
/* The same of Data-In that is rendered (render.c). */
void scsi_render_phase(struct scsi_cmd *cmd);
void scsi_rendering_release(struct scsi_cmd *cmd);
/* The end of it, 0 or -errno of the read that failed: whole blocks count. */
void scsi_data_finish_read(struct scsi_cmd *cmd, int result);
/* One of the ranges' sources may. */
bool scsi_data_may_hang(const struct scsi_cmd *cmd);
/*
 * Hands `work` to a worker: the command's own, or one in private memory that outlives it. `source`
 * is what it reads first: it decides which worker. No memory for the work (NULL): BUSY. The command
 * was aborted meanwhile: `forget` destroys a private one, and nothing is read.
 */
void scsi_data_submit(struct scsi_cmd *cmd, struct scsi_source *source, struct scsi_work *work,
	void (*forget)(struct scsi_work *work));
/* Into the buffer from byte `offset` on; returns how many bytes there was room for. */
size_t scsi_copy_to_iov(struct scsi_cmd *cmd, uint64_t offset, const void *memory, size_t length);
/* A read of it failed: if the file is not what it was, it is never read again. */
void scsi_data_check_source(struct scsi_source *source);
/* Gives back what the ranges hold. */
void scsi_data_release(struct scsi_cmd *cmd);
/* Room that is left in the Data-In buffer. */
uint64_t scsi_data_room(const struct scsi_cmd *cmd);

/* Cancels what is in lu->tasks, of one nexus or (NULL) of all; no lock held (lu.c). */
void scsi_tasks_cancel(struct scsi_lu *lu, const struct scsi_nexus *only);
/* Those of it that were there when lu->task_count was that. */
void scsi_tasks_cancel_older(
	struct scsi_lu *lu, const struct scsi_nexus *only, uint64_t task_count);

/*
 * PREEMPT AND ABORT, no lock held: cancels what was marked as preempted. Returns what the command
 * is finished with; SCSI_PENDING: the mechanism is still at an object, and finishes it behind that,
 * so that nothing of those that were preempted happens after the answer (SPC-4 5.12.11.6).
 */
enum scsi_sense_code scsi_tasks_cancel_preempted(struct scsi_cmd *cmd);
/* SENSE_NONE: nothing runs; else SCSI_PENDING, or SCSI_TASK_ABORTED. No lock held (queue.c). */
enum scsi_sense_code scsi_queue_finish_behind(struct scsi_cmd *cmd);

/* PREVENT ALLOW MEDIUM REMOVAL of 00b, which no reservation keeps out (execute.c). */
bool scsi_allows_removal(const struct scsi_cmd *cmd);
/* The persistent reservation, if there is any, lets the command in; lu->lock held (persistent.c).
 */
bool scsi_persistent_allows(const struct scsi_cmd *cmd);

/* ---- port_record.c --------------------------------------------------------------------------- */

struct reader;
struct response;
struct scsi_port;

void scsi_port_encode(const struct scsi_port *port, struct response *r);
/* False: not the ports of a nexus, exactly as they are spelled here. */
bool scsi_port_decode(struct reader *reader, struct scsi_port *ret);

/* ---- queue.c; lu->lock held ------------------------------------------------------------------ */

/* The command waits for the mechanism; cmd->opcode is its row. */
bool scsi_queue_wants(const struct scsi_cmd *cmd);
/* Waits until the mechanism rests; lu->lock not held, and nobody adds to it any more. */
void scsi_queue_finish(struct scsi_lu *lu);
/*
 * SCSI_PENDING, or SCSI_TASK_ABORTED. `ret_begin`: the mechanism is the caller's, who calls
 * scsi_queue_begin once lu->lock is released.
 */
enum scsi_sense_code scsi_queue_command(struct scsi_cmd *cmd, bool *ret_begin);
/* Runs the command on this thread, as far as it need not wait; no lock held. */
void scsi_queue_begin(struct scsi_lu *lu, struct scsi_cmd *cmd);

/* ---- nexus.c; lu->lock held -------------------------------------------------------------------
 */

void scsi_nexus_allow_removal(struct scsi_nexus *nexus);
/* It has taken that (enum scsi_holding), or said again that it has it. */
void scsi_nexus_takes(struct scsi_nexus *nexus, unsigned holding);
/* A nexus that nobody has told anything: 29/00 pending, nothing held. */
void scsi_nexus_renew(struct scsi_nexus *nexus);
/* Takes the highest pending unit attention out, for the command to report; SENSE_NONE: none is. */
enum scsi_sense_code scsi_attention_report(struct scsi_cmd *cmd);
/* Moves a pending deferred error to cmd->sense and returns its code; SENSE_NONE: there is none. */
enum scsi_sense_code scsi_deferred_take(struct scsi_cmd *cmd);
/* One of this name, or NULL. */
struct scsi_nexus *scsi_nexus_find(const struct list *nexuses, const char *name);
/* One more dormant nexus, as if it had left before all others. NULL: no room, or out of memory. */
struct scsi_nexus *scsi_nexus_recall(struct scsi_lu *lu, const char *name, bool suspended);
/* The last lu->lock is over, or it is held. */
void scsi_nexus_forget_dormant(struct scsi_lu *lu);

/* Forgets the SPC-2 reservation if `nexus` holds it; lu->lock held (reserve.c). */
void scsi_reservation_drop(struct scsi_nexus *nexus);
