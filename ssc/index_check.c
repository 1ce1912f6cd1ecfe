/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether what an index says of itself goes together: every leaf and node has its fixed number of
 * objects, one joins the other, and what lies before an object does not become less. Checksums
 * keep chance out, and this keeps out who can make checksums.
 */
#include "index.h"

uint64_t index_span(const struct index *index, unsigned level)
{
	uint64_t span = index->leaf_objects;
	for (unsigned i = 1; i < level; i++)
		span *= index->node_children;
	return span;
}

static bool follows(const struct mark *before, const struct mark *mark)
{
	return mark->object >= before->object &&
	       mark->filemarks - before->filemarks <= mark->object - before->object &&
	       mark->filemarks >= before->filemarks && mark->bytes >= before->bytes &&
	       mark->used >= before->used;
}

static bool is_mark(const struct mark *a, const struct mark *b)
{
	return a->object == b->object && a->filemarks == b->filemarks && a->bytes == b->bytes &&
	       a->used == b->used;
}

/* Children one behind the other from *at on; *at becomes the first object behind them. */
static bool children_join(const struct index *index, unsigned level, const struct node *node,
	struct mark *last, uint64_t *at)
{
	uint64_t span = index_span(index, level);
	for (uint32_t i = 0; i < node->count; i++) {
		const struct mark *first = &node->children[i].first;
		if (first->object != *at || !follows(last, first))
			return false;
		*last = *first;
		*at += span;
	}
	return true;
}

bool index_joins(const struct index *index)
{
	struct mark last = {0};
	uint64_t at = 0;
	for (unsigned level = LEVELS; level >= 1; level--)
		if (!children_join(index, level, &index->nodes[level - 1], &last, &at))
			return false;
	return index->open.first.object == at && follows(&last, &index->open.first) &&
	       index->end.object == at + index->open.count &&
	       follows(&index->open.first, &index->end);
}

bool index_node_fits(const struct index *index, unsigned level, const struct child *child,
	const struct node *node)
{
	struct mark last = child->first;
	uint64_t at = child->first.object;
	return node->count > 0 && is_mark(&child->first, &node->children[0].first) &&
	       children_join(index, level, node, &last, &at);
}

bool index_leaf_fits(const struct child *child, const struct leaf *leaf)
{
	return is_mark(&child->first, &leaf->first);
}
