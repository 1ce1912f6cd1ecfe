/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into the ring of the double: padding, commands, task management. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ring_double_private.h"
#include "util/cleanup.h"

/* ---- events --------------------------------------------------------------------------------- */

static void send_event(struct ring_double *kernel)
{
	kernel->event_due = false;
	kernel->counters.events++;
	if (kernel->event_fd >= 0 && !kernel->config.error_only)
		CHECK(send(kernel->event_fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 ||
			errno == EAGAIN);
}

void ring_double_notify(struct ring_double *kernel)
{
	kernel->event_due = true;
	if (!kernel->plugged)
		send_event(kernel);
}

void ring_double_plug(struct ring_double *kernel, bool plugged)
{
	SCOPED_LOCK(&kernel->lock);
	kernel->plugged = plugged;
	if (!plugged && kernel->event_due)
		send_event(kernel);
}

void ring_double_wake(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	send_event(kernel);
}

/* ---- room ------------------------------------------------------------------------------------ */

static uint32_t to_end(const struct ring_double *kernel)
{
	return kernel->config.ring_size - kernel->head;
}

/* At least one byte stays free. */
static bool has_room(const struct ring_double *kernel, uint32_t length)
{
	uint32_t size = kernel->config.ring_size;
	uint32_t used = kernel->head >= kernel->cleaned ? kernel->head - kernel->cleaned
							: kernel->head + size - kernel->cleaned;
	uint32_t needed = to_end(kernel) >= length ? length : length + to_end(kernel);
	return size - used - 1 >= needed;
}

/* ---- entries ----------------------------------------------------------------------------------
 */

static uint8_t *entry_at_head(struct ring_double *kernel)
{
	return kernel->map + sizeof(struct abi_mailbox) + kernel->head;
}

/* The entry at head is written: remembers what must not change, and shows it. */
static void publish_entry(struct ring_double *kernel, uint32_t length, enum abi_op op)
{
	struct slot *slot = calloc(1, sizeof *slot);
	CHECK(slot);
	*slot = (struct slot){.position = kernel->head, .length = length, .op = op};
	slot->kept_length = length < sizeof slot->kept ? length : sizeof slot->kept;
	if (op == ABI_COMMAND)
		slot->kept_length = sizeof((struct abi_header *)0)->length_op;
	memcpy(slot->kept, entry_at_head(kernel), slot->kept_length);
	list_append(&kernel->slots, &slot->link);
	kernel->head = (kernel->head + length) % kernel->config.ring_size;
	kernel->counters.wraps += kernel->head == 0;
	__atomic_store_n(&ring_double_mailbox(kernel)->head, kernel->head, __ATOMIC_RELEASE);
}

static void pad_for(struct ring_double *kernel, uint32_t length)
{
	uint32_t rest = to_end(kernel);
	struct ring_double_counters *counters = &kernel->counters;
	if (rest >= length)
		return;
	*(struct abi_header *)(void *)entry_at_head(kernel) =
		(struct abi_header){.length_op = rest | ABI_PAD};
	if (!counters->pads++ || rest < counters->smallest_pad)
		counters->smallest_pad = rest;
	publish_entry(kernel, rest, ABI_PAD);
}

/* scsi_command_size() of Linux. */
static uint32_t cdb_length(const uint8_t *cdb)
{
	static const uint8_t of_group[8] = {6, 10, 10, 12, 16, 12, 10, 10};
	return cdb[0] == 0x7f ? 8u + cdb[7] : of_group[cdb[0] >> 5];
}

static uint32_t round_up(uint32_t length)
{
	return (length + ABI_ALIGN - 1) / ABI_ALIGN * ABI_ALIGN;
}

static uint32_t base_length(unsigned iovs)
{
	uint32_t length = (uint32_t)(sizeof(struct abi_request) + iovs * sizeof(struct abi_iovec));
	return length > sizeof(struct abi_response) ? length : sizeof(struct abi_response);
}

static uint16_t lowest_id(const struct ring_double *kernel)
{
	unsigned id = 1;
	while (id < RING_DOUBLE_IDS && kernel->by_id[id])
		id++;
	return id < RING_DOUBLE_IDS ? (uint16_t)id : 0;
}

static void write_command(struct ring_double *kernel, struct flight *flight, uint32_t length)
{
	struct abi_request *request = (void *)entry_at_head(kernel);
	unsigned in_count, count;
	memset(request, 0, length);
	request->header = (struct abi_header){length | ABI_COMMAND, flight->id, 0, 0};
	count = ring_double_iovs(kernel, flight, request->iov, &in_count);
	request->iov_count = count;
	request->iov_in_count = in_count;
	request->cdb_offset =
		sizeof(struct abi_mailbox) + kernel->head + base_length(count + in_count);
	uint32_t cdb = cdb_length(flight->io->cdb);
	memcpy(kernel->map + request->cdb_offset, flight->io->cdb, cdb);
	/* What lies behind a CDB is nobody's promise. */
	memset(kernel->map + request->cdb_offset + cdb, RING_DOUBLE_POISON, round_up(cdb) - cdb);
	if (count > kernel->counters.most_iovs)
		kernel->counters.most_iovs = count;
}

static void send_command(struct ring_double *kernel, struct flight *flight, uint32_t length)
{
	flight->id = flight->io->id = lowest_id(kernel);
	CHECK(flight->id);
	kernel->by_id[flight->id] = flight;
	list_remove(&flight->link);
	list_append(&kernel->flights, &flight->link);
	if (++kernel->in_flight > kernel->counters.most_in_flight)
		kernel->counters.most_in_flight = kernel->in_flight;
	if (flight->direction == RING_IO_OUT)
		ring_double_fill(kernel, flight);
	pad_for(kernel, length);
	write_command(kernel, flight, length);
	publish_entry(kernel, length, ABI_COMMAND);
	ring_double_notify(kernel);
}

/* INVALID FIELD IN CDB, from LIO itself. */
static void refuse(struct ring_double *kernel, struct flight *flight)
{
	memcpy(flight->io->sense, (const uint8_t[14]){0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24},
		14);
	ring_double_done(kernel, flight, 2);
	ring_double_flight_free(kernel, flight, false);
}

/* False: no room now. */
static bool try_command(struct ring_double *kernel, struct flight *flight)
{
	unsigned in_count, count;
	size_t area = kernel->config.blocks * kernel->block_size;
	if (flight->length + flight->in_length > area)
		return refuse(kernel, flight), true;
	if (!ring_double_take_blocks(kernel, flight))
		return false;
	count = ring_double_iovs(kernel, flight, NULL, &in_count);
	uint32_t length = base_length(count + in_count) + round_up(cdb_length(flight->io->cdb));
	if (length > kernel->config.ring_size / 2)
		return refuse(kernel, flight), true;
	if (!has_room(kernel, length)) {
		ring_double_free_blocks(kernel, flight, false);
		return false;
	}
	send_command(kernel, flight, length);
	return true;
}

static bool try_task_management(struct ring_double *kernel, struct tmr *tmr)
{
	uint32_t length = round_up((uint32_t)(sizeof(struct abi_task_management) + tmr->count * 2));
	if (!has_room(kernel, length))
		return false;
	pad_for(kernel, length);
	struct abi_task_management *entry = (void *)entry_at_head(kernel);
	memset(entry, 0, length);
	entry->header.length_op = length | ABI_TASK_MANAGEMENT;
	entry->function = (uint8_t)tmr->function;
	entry->id_count = tmr->count;
	memcpy(entry->ids, tmr->ids, tmr->count * sizeof tmr->ids[0]);
	publish_entry(kernel, length, ABI_TASK_MANAGEMENT);
	kernel->counters.task_management++;
	ring_double_notify(kernel);
	list_remove(&tmr->link);
	free(tmr);
	return true;
}

void ring_double_run_queues(struct ring_double *kernel)
{
	while (!list_empty(&kernel->tmrs))
		if (!try_task_management(kernel, container_of(kernel->tmrs.next, struct tmr, link)))
			return;
	while (!kernel->blocked && !list_empty(&kernel->waiting))
		if (!try_command(kernel, container_of(kernel->waiting.next, struct flight, link)))
			return;
}

/* ---- from the initiator ------------------------------------------------------------------------
 */

static struct flight *flight_create(struct ring_io *io)
{
	struct flight *flight = calloc(1, sizeof *flight);
	CHECK(flight);
	*flight = (struct flight){.io = io,
		.direction = io->direction,
		.length = io->length,
		.in_length = io->in_length};
	list_init(&flight->link);
	io->received = io->residual = 0;
	io->status = 0xff;
	io->id = 0;
	io->queued = io->aborted = false;
	memset(io->sense, 0, sizeof io->sense);
	atomic_store(&io->done, false);
	return flight;
}

static void wait_for_room(struct ring_double *kernel, struct flight *flight)
{
	if (kernel->config.full_at_once && !kernel->blocked) {
		ring_double_done(kernel, flight, 0x28);
		ring_double_flight_free(kernel, flight, false);
		return;
	}
	flight->io->queued = true;
	kernel->counters.queued++;
}

void ring_double_submit(struct ring_double *kernel, struct ring_io *io)
{
	struct flight *flight = flight_create(io);
	SCOPED_LOCK(&kernel->lock);
	bool first = list_empty(&kernel->waiting) && list_empty(&kernel->tmrs);
	list_append(&kernel->waiting, &flight->link);
	if (kernel->removed) {
		ring_double_done(kernel, flight, 2);
		ring_double_flight_free(kernel, flight, false);
	} else if (kernel->blocked || !first || !try_command(kernel, flight)) {
		wait_for_room(kernel, flight);
	}
}

/* The initiator has given up: it does not see what becomes of the command. */
static void abort_one(struct ring_double *kernel, struct flight *flight, struct tmr *tmr)
{
	flight->io->aborted = true;
	if (flight->id) {
		CHECK(tmr->count < TMR_IDS_MAX);
		tmr->ids[tmr->count++] = flight->id;
		return;
	}
	ring_double_done(kernel, flight, 0x40);
	ring_double_flight_free(kernel, flight, false);
}

static struct tmr *tmr_create(enum abi_function function)
{
	struct tmr *tmr = calloc(1, sizeof *tmr + TMR_IDS_MAX * sizeof tmr->ids[0]);
	CHECK(tmr);
	tmr->function = function;
	list_init(&tmr->link);
	return tmr;
}

static void tmr_queue(struct ring_double *kernel, struct tmr *tmr)
{
	list_append(&kernel->tmrs, &tmr->link);
	ring_double_run_queues(kernel);
}

static struct flight *find(struct list *list, const struct ring_io *io)
{
	list_for_each (node, list) {
		struct flight *flight = container_of(node, struct flight, link);
		if (flight->io == io)
			return flight;
	}
	return NULL;
}

void ring_double_abort(struct ring_double *kernel, enum abi_function function,
	struct ring_io *const *ios, unsigned count, uint16_t stale_id)
{
	struct tmr *tmr = tmr_create(function);
	SCOPED_LOCK(&kernel->lock);
	for (unsigned i = 0; i < count; i++) {
		struct flight *flight = find(&kernel->flights, ios[i]);
		if (!flight)
			flight = find(&kernel->waiting, ios[i]);
		if (flight)
			abort_one(kernel, flight, tmr);
	}
	if (stale_id)
		tmr->ids[tmr->count++] = stale_id;
	tmr_queue(kernel, tmr);
}

void ring_double_abort_all(struct ring_double *kernel, enum abi_function function)
{
	struct tmr *tmr = tmr_create(function);
	SCOPED_LOCK(&kernel->lock);
	list_for_each (node, &kernel->flights) {
		struct flight *flight = container_of(node, struct flight, link);
		if (flight->io)
			abort_one(kernel, flight, tmr);
	}
	while (!list_empty(&kernel->waiting))
		abort_one(kernel, container_of(kernel->waiting.next, struct flight, link), tmr);
	tmr_queue(kernel, tmr);
}
