/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/unit_attention.h"

static const enum scsi_sense_code codes[ATTENTION_COUNT] = {
	[ATTENTION_POWER_ON] = SENSE_POWER_ON,
	[ATTENTION_DEVICE_RESET] = SENSE_DEVICE_RESET,
	[ATTENTION_NEXUS_LOSS] = SENSE_NEXUS_LOSS,
	[ATTENTION_MEDIUM_CHANGED] = SENSE_MEDIUM_CHANGED,
	[ATTENTION_MODE_PARAMETERS_CHANGED] = SENSE_MODE_PARAMETERS_CHANGED,
	[ATTENTION_RESERVATIONS_PREEMPTED] = SENSE_RESERVATIONS_PREEMPTED,
	[ATTENTION_RESERVATIONS_RELEASED] = SENSE_RESERVATIONS_RELEASED,
	[ATTENTION_REGISTRATIONS_PREEMPTED] = SENSE_REGISTRATIONS_PREEMPTED,
};

void scsi_attention_raise(scsi_attention_set *set, enum scsi_attention attention)
{
	*set |= 1u << attention;
}

enum scsi_sense_code scsi_attention_take(scsi_attention_set *set)
{
	if (*set == 0)
		return SENSE_NONE;
	unsigned highest = (unsigned)__builtin_ctz(*set);
	*set &= ~(1u << highest);
	return highest < ATTENTION_COUNT ? codes[highest] : SENSE_NONE;
}
