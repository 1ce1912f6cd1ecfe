/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/source.h"

#include <stddef.h>

void scsi_source_init(struct scsi_source *source, const struct scsi_source_ops *ops, bool may_hang)
{
	*source = (struct scsi_source){.ops = ops, .may_hang = may_hang};
	atomic_init(&source->references, 1);
	list_init(&source->lane.waiting);
}

struct scsi_source *scsi_source_get(struct scsi_source *source)
{
	atomic_fetch_add_explicit(&source->references, 1, memory_order_relaxed);
	return source;
}

void scsi_source_put(struct scsi_source *source)
{
	if (!source)
		return;
	if (atomic_fetch_sub_explicit(&source->references, 1, memory_order_acq_rel) == 1)
		source->ops->destroy(source);
}
