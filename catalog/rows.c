/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include "catalog/catalog.h"
#include "query.h"

void medium_take(struct query *q, struct catalog_medium *ret)
{
	query_take_text(q, ret->id, sizeof ret->id);
	query_take_text(q, ret->path, sizeof ret->path);
	query_take_text(q, ret->kind, sizeof ret->kind);
	query_take_text(q, ret->format, sizeof ret->format);
	query_take_text(q, ret->file_system, sizeof ret->file_system);
	query_take_text(q, ret->volume_id, sizeof ret->volume_id);
	ret->size = (uint64_t)query_take_int(q);
	ret->profile = (uint32_t)query_take_int(q);
	ret->profile_override = (uint32_t)query_take_int(q);
	ret->identity.device = (uint64_t)query_take_int(q);
	ret->identity.inode = (uint64_t)query_take_int(q);
	ret->identity.size = (uint64_t)query_take_int(q);
	ret->identity.mtime_sec = query_take_int(q);
	ret->identity.mtime_nsec = query_take_int(q);
	query_take_text(q, ret->fault, sizeof ret->fault);
	ret->added = query_take_int(q);
	query_take_text(q, ret->barcode, sizeof ret->barcode);
	query_take_text(q, ret->medium_type, sizeof ret->medium_type);
	ret->capacity = (uint64_t)query_take_int(q);
	ret->write_protected = query_take_int(q) != 0;
	ret->loads = (uint32_t)query_take_int(q);
	ret->version = query_take_int(q);
	query_take_text(q, ret->state, sizeof ret->state);
	query_take_text(q, ret->sha256, sizeof ret->sha256);
	ret->verified = query_take_int(q);
	query_take_text(q, ret->verify_result, sizeof ret->verify_result);
	ret->owned = query_take_int(q) != 0;
	query_take_text(q, ret->notes, sizeof ret->notes);
	query_take_text(q, ret->os, sizeof ret->os);
	query_take_text(q, ret->tags, sizeof ret->tags);
}

bool medium_each(struct query *q, bool (*each)(void *context, const struct catalog_medium *medium),
	void *context, struct error *error)
{
	struct catalog_medium medium;
	while (query_row(q)) {
		medium_take(q, &medium);
		if (!query_ok(q, error))
			return false;
		if (!each(context, &medium))
			return true;
	}
	return query_ok(q, error);
}

void medium_bind_description(struct query *q, const struct catalog_medium *medium)
{
	query_bind_text(q, medium->kind);
	query_bind_text(q, medium->format);
	query_bind_text(q, medium->file_system);
	query_bind_text(q, medium->volume_id);
	query_bind_int(q, (int64_t)medium->size);
	query_bind_int(q, medium->profile);
	query_bind_int(q, medium->profile_override);
	query_bind_int(q, (int64_t)medium->identity.device);
	query_bind_int(q, (int64_t)medium->identity.inode);
	query_bind_int(q, (int64_t)medium->identity.size);
	query_bind_int(q, medium->identity.mtime_sec);
	query_bind_int(q, medium->identity.mtime_nsec);
}
