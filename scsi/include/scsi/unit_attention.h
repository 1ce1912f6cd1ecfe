/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pending unit attentions of a nexus: an ordered set (SAM-5 5.14). Each condition is pending at
 * most once; the order below is the order of report. INQUIRY, REPORT LUNS, GET CONFIGURATION and
 * GET EVENT STATUS NOTIFICATION neither report nor clear (rows with OPCODE_SKIPS_ATTENTION);
 * REQUEST SENSE is never failed by one but returns the highest as its data, and clears it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "scsi/sense.h"

enum scsi_attention {
	ATTENTION_POWER_ON,                /* 29/00 */
	ATTENTION_DEVICE_RESET,            /* 29/03 */
	ATTENTION_NEXUS_LOSS,              /* 29/07 */
	ATTENTION_MEDIUM_CHANGED,          /* 28/00 */
	ATTENTION_MODE_PARAMETERS_CHANGED, /* 2A/01 */
	ATTENTION_RESERVATIONS_PREEMPTED,  /* 2A/03 */
	ATTENTION_RESERVATIONS_RELEASED,   /* 2A/04 */
	ATTENTION_REGISTRATIONS_PREEMPTED, /* 2A/05 */
	ATTENTION_COUNT,
};

typedef uint32_t scsi_attention_set;

void scsi_attention_raise(scsi_attention_set *set, enum scsi_attention attention);
/* Takes the highest out; SENSE_NONE when none is pending. */
enum scsi_sense_code scsi_attention_take(scsi_attention_set *set);
