/* SPDX-License-Identifier: Apache-2.0 */
/* What comes out of the ring of the double: every answer is checked, then given to its initiator.
 */
#include <string.h>

#include "ring_double_private.h"
#include "util/cleanup.h"

enum { GOOD = 0x00, CHECK_CONDITION = 0x02, BUSY = 0x08 };

void ring_double_violation(struct ring_double *kernel, const char *what)
{
	if (!kernel->note_violations) {
		fprintf(stderr, "ring violated: %s\n", what);
		abort();
	}
	if (!kernel->violated)
		kernel->violated = what;
}

void ring_double_done(struct ring_double *kernel, struct flight *flight, uint8_t status)
{
	struct ring_io *io = flight->io;
	flight->io = NULL;
	if (!io)
		return;
	io->status = status;
	atomic_store(&io->done, true);
	pthread_cond_broadcast(&kernel->answered);
}

void ring_double_flight_free(struct ring_double *kernel, struct flight *flight, bool sticky)
{
	if (flight->id) {
		kernel->by_id[flight->id] = NULL;
		kernel->in_flight--;
	}
	list_remove(&flight->link);
	ring_double_free_blocks(kernel, flight, sticky);
	free(flight);
}

/* ---- one answer -------------------------------------------------------------------------------
 */

static void set_sense(struct ring_io *io, uint8_t key, uint8_t asc, uint8_t ascq)
{
	memset(io->sense, 0, sizeof io->sense);
	io->sense[0] = 0x70;
	io->sense[2] = key;
	io->sense[7] = 10;
	io->sense[12] = asc;
	io->sense[13] = ascq;
}

/* No honest data of the tests has four equal bytes of this value in a row. */
static bool has_poison(const uint8_t *data, size_t length)
{
	for (size_t i = 0, run = 0; i < length; i++) {
		run = data[i] == RING_DOUBLE_POISON ? run + 1 : 0;
		if (run == 4)
			return true;
	}
	return false;
}

static void hand_over(struct ring_double *kernel, struct flight *flight, size_t length)
{
	struct ring_io *io = flight->io;
	ring_double_collect(kernel, flight, length);
	io->received = length;
	if (has_poison(io->data, length))
		ring_double_violation(kernel, "the initiator sees data of an earlier command");
}

static void check_answer(struct ring_double *kernel, const struct abi_response *answer)
{
	uint8_t flags = answer->header.our_flags;
	if (flags & ~(ABI_UNKNOWN_OP | ABI_READ_LENGTH_VALID))
		ring_double_violation(kernel, "an answer has flags the kernel does not know");
	if (flags & ABI_READ_LENGTH_VALID && !answer->read_length)
		ring_double_violation(kernel, "a read length of 0 is no read length");
	if (flags & ABI_READ_LENGTH_VALID && !(kernel->config.flags & ABI_CAN_READ_LENGTH))
		ring_double_violation(kernel, "the kernel knows no read length");
	if (answer->header.kernel_flags)
		ring_double_violation(kernel, "an answer has changed the flags of the kernel");
	if (answer->status == CHECK_CONDITION && !(flags & ABI_UNKNOWN_OP) &&
		(answer->sense[0] & 0x7c) != 0x70)
		ring_double_violation(kernel, "CHECK CONDITION without sense data");
}

/* The table of what the initiator sees. */
static void answer_io(
	struct ring_double *kernel, struct flight *flight, const struct abi_response *answer)
{
	struct ring_io *io = flight->io;
	bool in = flight->direction == RING_IO_IN;
	bool told = in && answer->header.our_flags & ABI_READ_LENGTH_VALID && answer->read_length;
	size_t length = flight->length;
	if (answer->header.our_flags & ABI_UNKNOWN_OP) {
		set_sense(io, 0x02, 0x08, 0x00);
		ring_double_done(kernel, flight, CHECK_CONDITION);
		return;
	}
	if (told && answer->read_length < length)
		length = answer->read_length;
	if (answer->status == CHECK_CONDITION)
		memcpy(io->sense, answer->sense, sizeof io->sense);
	if (in && (answer->status != CHECK_CONDITION || told))
		hand_over(kernel, flight, length);
	io->residual = told ? flight->length - length : 0;
	ring_double_done(kernel, flight, answer->status);
}

static void complete(struct ring_double *kernel, const struct abi_response *answer)
{
	struct flight *flight = kernel->by_id[answer->header.id];
	if (!flight) {
		ring_double_violation(kernel, "an answer to a command that is not in flight");
		return;
	}
	check_answer(kernel, answer);
	kernel->counters.answers++;
	if (flight->io)
		answer_io(kernel, flight, answer);
	else
		kernel->counters.late++;
	ring_double_flight_free(kernel, flight, false);
}

/* ---- the ring ---------------------------------------------------------------------------------
 */

static uint32_t load_tail(struct ring_double *kernel)
{
	return __atomic_load_n(&ring_double_mailbox(kernel)->tail, __ATOMIC_ACQUIRE);
}

static uint32_t distance(const struct ring_double *kernel, uint32_t from, uint32_t to)
{
	return to >= from ? to - from : to + kernel->config.ring_size - from;
}

static void check_mailbox(struct ring_double *kernel)
{
	const struct abi_mailbox *box = ring_double_mailbox(kernel);
	if (box->version != kernel->config.version || box->flags != kernel->config.flags ||
		box->ring_offset != sizeof *box || box->ring_size != kernel->config.ring_size ||
		box->head != kernel->head)
		ring_double_violation(kernel, "somebody wrote to the kernel's part of the mailbox");
}

static bool tail_is_valid(struct ring_double *kernel, uint32_t tail)
{
	if (tail < kernel->config.ring_size &&
		distance(kernel, kernel->cleaned, tail) <=
			distance(kernel, kernel->cleaned, kernel->head))
		return true;
	ring_double_violation(kernel, "the tail is not between the last one and the head");
	return false;
}

static void consume_slot(struct ring_double *kernel, struct slot *slot)
{
	const uint8_t *at = kernel->map + sizeof(struct abi_mailbox) + slot->position;
	struct abi_response answer;
	if (memcmp(at, slot->kept, slot->kept_length) != 0)
		ring_double_violation(kernel, "an entry is not what the kernel put there");
	kernel->cleaned = (slot->position + slot->length) % kernel->config.ring_size;
	if (slot->op == ABI_COMMAND) {
		memcpy(&answer, at, sizeof answer);
		complete(kernel, &answer);
	}
	list_remove(&slot->link);
	free(slot);
}

void ring_double_handle_completions(struct ring_double *kernel)
{
	uint32_t tail;
	if (kernel->removed)
		return;
	check_mailbox(kernel);
	while ((tail = load_tail(kernel)) != kernel->cleaned) {
		struct slot *slot = container_of(kernel->slots.next, struct slot, link);
		if (!tail_is_valid(kernel, tail) || list_empty(&kernel->slots))
			break;
		if (slot->length > distance(kernel, kernel->cleaned, tail)) {
			ring_double_violation(kernel, "the tail is inside of an entry");
			break;
		}
		consume_slot(kernel, slot);
	}
	ring_double_run_queues(kernel);
}

void ring_double_consume(struct ring_double *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	ring_double_handle_completions(kernel);
}

/* ---- what ends commands without an answer ------------------------------------------------------
 */

void ring_double_expire(struct ring_double *kernel, struct ring_io *io)
{
	SCOPED_LOCK(&kernel->lock);
	list_for_each (node, &kernel->flights) {
		struct flight *flight = container_of(node, struct flight, link);
		if (flight->io != io)
			continue;
		set_sense(io, 0x02, 0x08, 0x00);
		ring_double_done(kernel, flight, CHECK_CONDITION);
		return;
	}
}

void ring_double_block(struct ring_double *kernel, bool block)
{
	SCOPED_LOCK(&kernel->lock);
	kernel->blocked = block;
	if (!block)
		ring_double_run_queues(kernel);
}

void ring_double_fail_flights(struct ring_double *kernel, uint8_t status)
{
	while (!list_empty(&kernel->flights)) {
		struct flight *flight = container_of(kernel->flights.next, struct flight, link);
		if (flight->io && status == CHECK_CONDITION)
			set_sense(flight->io, 0x02, 0x08, 0x00);
		ring_double_done(kernel, flight, status);
		ring_double_flight_free(kernel, flight, kernel->open);
	}
}

void ring_double_forget_entries(struct ring_double *kernel)
{
	struct list *node;
	while ((node = list_pop(&kernel->slots)))
		free(container_of(node, struct slot, link));
	while ((node = list_pop(&kernel->tmrs)))
		free(container_of(node, struct tmr, link));
}

void ring_double_reset(struct ring_double *kernel, int level)
{
	struct abi_mailbox *box = ring_double_mailbox(kernel);
	SCOPED_LOCK(&kernel->lock);
	CHECK(kernel->blocked); /* the kernel insists */
	ring_double_fail_flights(kernel, level == 1 ? BUSY : CHECK_CONDITION);
	ring_double_forget_entries(kernel);
	kernel->head = kernel->cleaned = 0;
	__atomic_store_n(&box->tail, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&box->head, 0, __ATOMIC_RELEASE);
	ring_double_run_queues(kernel);
}
