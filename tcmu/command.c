/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of commands: grows to what was once in flight and stays there. */
#include <stdlib.h>

#include "device_private.h"

bool ring_command_grow(struct ring_device *device)
{
	struct slab *slab = calloc(1, sizeof *slab);
	if (!slab)
		return false;
	slab->next = device->slabs;
	device->slabs = slab;
	for (int i = 0; i < SLAB_COMMANDS; i++) {
		struct ring_command *command = &slab->commands[i];
		command->device = device;
		command->iov = command->inline_iov;
		command->iov_capacity = INLINE_IOVS;
		list_init(&command->cancel);
		list_append(&device->free, &command->link);
	}
	return true;
}

static bool reserve_iovs(struct ring_command *command, uint32_t count)
{
	if (count <= command->iov_capacity)
		return true;
	uint32_t capacity = 2 * INLINE_IOVS;
	while (capacity < count)
		capacity *= 2;
	struct iovec *iov = calloc(capacity, sizeof *iov);
	if (!iov)
		return false;
	if (command->iov != command->inline_iov)
		free(command->iov);
	command->iov = iov;
	command->iov_capacity = capacity;
	command->device->counters.allocations++;
	return true;
}

struct ring_command *ring_command_new(struct ring_device *device, uint32_t iov_count)
{
	if (list_empty(&device->free)) {
		if (!ring_command_grow(device))
			return NULL;
		device->counters.allocations++;
	}
	struct ring_command *command = container_of(device->free.next, struct ring_command, link);
	if (!reserve_iovs(command, iov_count))
		return NULL;
	list_remove(&command->link);
	device->referenced++;
	return command;
}

void ring_command_free(struct ring_command *command)
{
	struct ring_device *device = command->device;
	/* In front: the next one to be used is the one still in the cache. */
	list_append(device->free.next, &command->link);
	device->referenced--;
}

void ring_commands_finish(struct ring_device *device)
{
	while (device->slabs) {
		struct slab *slab = device->slabs;
		device->slabs = slab->next;
		for (int i = 0; i < SLAB_COMMANDS; i++)
			if (slab->commands[i].iov != slab->commands[i].inline_iov)
				free(slab->commands[i].iov);
		free(slab);
	}
}
