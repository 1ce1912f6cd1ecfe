/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <stdlib.h>

enum { KEPT_MAX = 32 << 20 };

struct buffer {
	struct buffer *next;
};

bool budget_take(struct budget *budget, uint64_t bytes, uint64_t most, bool always)
{
	unsigned long long used = atomic_load_explicit(&budget->used, memory_order_relaxed);
	do {
		if (!always && used > 0 && (used > most || bytes > most - used))
			return false;
	} while (!atomic_compare_exchange_weak(&budget->used, &used, used + bytes));
	return true;
}

void budget_give(struct budget *budget, uint64_t bytes)
{
	atomic_fetch_sub(&budget->used, bytes);
}

/* Powers of two from BUFFER_LEAST; BUFFER_CLASSES: too large to be kept. */
static unsigned class_of(size_t size)
{
	unsigned class = 0;
	while (class < BUFFER_CLASSES && size > (size_t)BUFFER_LEAST << class)
		class ++;
	return class;
}

void *buffer_take(struct buffer_pool *pool, size_t size)
{
	unsigned class = class_of(size);
	if (class == BUFFER_CLASSES)
		return malloc(size);
	struct buffer *buffer = pool->free[class];
	if (!buffer)
		return malloc((size_t)BUFFER_LEAST << class);
	pool->free[class] = buffer->next;
	pool->kept -= (uint64_t)BUFFER_LEAST << class;
	return buffer;
}

void buffer_give(struct buffer_pool *pool, void *memory, size_t size)
{
	unsigned class = class_of(size);
	uint64_t bytes = (uint64_t)BUFFER_LEAST << class;
	if (!memory || class == BUFFER_CLASSES || pool->kept + bytes > KEPT_MAX) {
		free(memory);
		return;
	}
	struct buffer *buffer = memory;
	buffer->next = pool->free[class];
	pool->free[class] = buffer;
	pool->kept += bytes;
}

void buffer_pool_finish(struct buffer_pool *pool)
{
	for (unsigned class = 0; class < BUFFER_CLASSES; class ++)
		while (pool->free[class]) {
			struct buffer *buffer = pool->free[class];
			pool->free[class] = buffer->next;
			free(buffer);
		}
	pool->kept = 0;
}
