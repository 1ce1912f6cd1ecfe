/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/recorder.h"

#include <stdlib.h>

#include "util/cleanup.h"

void scsi_recorder_init(struct scsi_recorder *recorder)
{
	pthread_mutex_init(&recorder->lock, NULL);
	recorder->count = 0;
	recorder->entries = NULL;
}

void scsi_recorder_finish(struct scsi_recorder *recorder)
{
	free(recorder->entries);
	pthread_mutex_destroy(&recorder->lock);
}

bool scsi_recorder_start(struct scsi_recorder *recorder)
{
	SCOPED_LOCK(&recorder->lock);
	if (!recorder->entries)
		recorder->entries = calloc(SCSI_RECORDER_ENTRIES, sizeof *recorder->entries);
	return recorder->entries != NULL;
}

void scsi_recorder_move(struct scsi_recorder *to, struct scsi_recorder *from)
{
	SCOPED_LOCK(&to->lock);
	to->entries = from->entries;
	to->count = from->count;
	from->entries = NULL;
}

void scsi_recorder_stop(struct scsi_recorder *recorder)
{
	SCOPED_LOCK(&recorder->lock);
	free(recorder->entries);
	recorder->entries = NULL;
	recorder->count = 0;
}

void scsi_recorder_add(struct scsi_recorder *recorder, const struct scsi_record *record)
{
	SCOPED_LOCK(&recorder->lock);
	if (!recorder->entries)
		return;
	struct scsi_record *entry = &recorder->entries[recorder->count % SCSI_RECORDER_ENTRIES];
	*entry = *record;
	entry->number = ++recorder->count;
}

uint64_t scsi_recorder_count(struct scsi_recorder *recorder)
{
	SCOPED_LOCK(&recorder->lock);
	return recorder->count;
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
