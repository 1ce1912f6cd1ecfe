/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for the data of commands: what may be used (budgets), and buffers that a network thread
 * uses again. Only the thread that a pool belongs to touches it.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of all sessions; any thread. */
struct budget {
	atomic_ullong used;
	uint64_t limit;
};

/*
 * Takes `bytes`, if no more than `most` are used then; with `always`, or when nobody has any, even
 * beyond that.
 */
bool budget_take(struct budget *budget, uint64_t bytes, uint64_t most, bool always);
void budget_give(struct budget *budget, uint64_t bytes);

enum { BUFFER_CLASSES = 9, BUFFER_LEAST = 4096 };

struct buffer;

struct buffer_pool {
	struct buffer *free[BUFFER_CLASSES];
	uint64_t kept; /* bytes in the lists */
};

/* At least `size` bytes, of any contents. NULL: out of memory. */
void *buffer_take(struct buffer_pool *pool, size_t size);
/* `size` as it was taken. NULL is allowed. */
void buffer_give(struct buffer_pool *pool, void *memory, size_t size);
void buffer_pool_finish(struct buffer_pool *pool);
