/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/recorder.h"

#include "util/cleanup.h"

void scsi_recorder_init(struct scsi_recorder *recorder)
{
	pthread_mutex_init(&recorder->lock, NULL);
	recorder->count = 0;
}

void scsi_recorder_finish(struct scsi_recorder *recorder)
{
	pthread_mutex_destroy(&recorder->lock);
}

void scsi_recorder_add(struct scsi_recorder *recorder, const struct scsi_record *record)
{
	SCOPED_LOCK(&recorder->lock);
	struct scsi_record *entry = &recorder->entries[recorder->count % SCSI_RECORDER_ENTRIES];
	*entry = *record;
	entry->number = ++recorder->count;
}

unsigned scsi_recorder_read(struct scsi_recorder *recorder, struct scsi_record *ret, unsigned max)
{
	SCOPED_LOCK(&recorder->lock);
	uint64_t held =
		recorder->count < SCSI_RECORDER_ENTRIES ? recorder->count : SCSI_RECORDER_ENTRIES;
	unsigned count = held < max ? (unsigned)held : max;
	for (unsigned i = 0; i < count; i++)
		ret[i] = recorder->entries[(recorder->count - count + i) % SCSI_RECORDER_ENTRIES];
	return count;
}
