/* SPDX-License-Identifier: Apache-2.0 */
/* The data area of the ring double: blocks, and who may touch them. */
#include <string.h>
#include <sys/mman.h>

#include "ring_double_private.h"

static uint8_t *block_at(struct ring_double *kernel, unsigned block)
{
	return kernel->map + kernel->data_offset + block * kernel->block_size;
}

static void protect(struct ring_double *kernel, unsigned block, int protection)
{
	struct double_port *port = kernel->open;
	if (!port)
		return;
	uint8_t *at = (uint8_t *)port->port.map + kernel->data_offset + block * kernel->block_size;
	CHECK(!mprotect(at, kernel->block_size, protection));
}

void ring_double_protect_all(struct ring_double *kernel)
{
	for (unsigned i = 0; i < kernel->config.blocks; i++) {
		kernel->block_sticky[i] = false;
		protect(kernel, i, kernel->block_used[i] ? PROT_READ | PROT_WRITE : PROT_NONE);
	}
}

static unsigned blocks_for(const struct ring_double *kernel, size_t length)
{
	return (unsigned)((length + kernel->block_size - 1) / kernel->block_size);
}

/* The lowest free block from `from` on; config.blocks: none. */
static unsigned lowest_free(const struct ring_double *kernel, unsigned from)
{
	while (from < kernel->config.blocks && kernel->block_used[from])
		from++;
	return from;
}

bool ring_double_take_blocks(struct ring_double *kernel, struct flight *flight)
{
	unsigned count = blocks_for(kernel, flight->length) + blocks_for(kernel, flight->in_length);
	unsigned block = lowest_free(kernel, 0);
	flight->blocks = calloc(count + 1, sizeof *flight->blocks);
	CHECK(flight->blocks);
	for (unsigned i = 0; i < count; i++, block = lowest_free(kernel, block + 1)) {
		if (block >= kernel->config.blocks) {
			free(flight->blocks);
			flight->blocks = NULL;
			return false;
		}
		flight->blocks[i] = block;
	}
	flight->block_count = count;
	for (unsigned i = 0; i < count; i++) {
		kernel->block_used[flight->blocks[i]] = true;
		memset(block_at(kernel, flight->blocks[i]), RING_DOUBLE_POISON, kernel->block_size);
		protect(kernel, flight->blocks[i], PROT_READ | PROT_WRITE);
	}
	return true;
}

void ring_double_free_blocks(struct ring_double *kernel, struct flight *flight, bool sticky)
{
	for (unsigned i = 0; i < flight->block_count; i++) {
		unsigned block = flight->blocks[i];
		kernel->block_used[block] = false;
		kernel->block_sticky[block] |= sticky;
		if (!kernel->block_sticky[block])
			protect(kernel, block, PROT_NONE);
	}
	free(flight->blocks);
	flight->blocks = NULL;
	flight->block_count = 0;
}

/* Iovecs for `length` bytes in `blocks`, adjacent ones merged. */
static unsigned merge(
	struct ring_double *kernel, const unsigned *blocks, size_t length, struct abi_iovec *ret)
{
	unsigned count = 0;
	for (unsigned i = 0; length > 0; i++) {
		size_t part = length < kernel->block_size ? length : kernel->block_size;
		bool adjacent = i > 0 && blocks[i] == blocks[i - 1] + 1;
		if (ret && adjacent)
			ret[count - 1].length += part;
		else if (ret)
			ret[count] = (struct abi_iovec){
				kernel->data_offset + blocks[i] * kernel->block_size, part};
		count += !adjacent;
		length -= part;
	}
	return count;
}

unsigned ring_double_iovs(struct ring_double *kernel, const struct flight *flight,
	struct abi_iovec *ret, unsigned *ret_in_count)
{
	unsigned count = merge(kernel, flight->blocks, flight->length, ret);
	*ret_in_count = merge(kernel, flight->blocks + blocks_for(kernel, flight->length),
		flight->in_length, ret ? ret + count : NULL);
	return count;
}

void ring_double_fill(struct ring_double *kernel, const struct flight *flight)
{
	const uint8_t *from = flight->io->data;
	size_t left = flight->length;
	for (unsigned i = 0; left > 0; i++) {
		size_t part = left < kernel->block_size ? left : kernel->block_size;
		memcpy(block_at(kernel, flight->blocks[i]), from, part);
		from += part;
		left -= part;
	}
}

void ring_double_collect(struct ring_double *kernel, const struct flight *flight, size_t length)
{
	uint8_t *to = flight->io->data;
	for (unsigned i = 0; length > 0; i++) {
		size_t part = length < kernel->block_size ? length : kernel->block_size;
		memcpy(to, block_at(kernel, flight->blocks[i]), part);
		to += part;
		length -= part;
	}
}

void ring_double_fragment(struct ring_double *kernel, unsigned runs)
{
	pthread_mutex_lock(&kernel->lock);
	for (unsigned i = 0; i < runs && 2 * i + 1 < kernel->config.blocks; i++)
		kernel->block_used[2 * i + 1] = true;
	pthread_mutex_unlock(&kernel->lock);
}
