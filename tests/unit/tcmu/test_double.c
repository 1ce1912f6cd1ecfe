/* SPDX-License-Identifier: Apache-2.0 */
/* The ring double notices what would break, or lock up, the kernel. */
#include "support.h"

#include <stdlib.h>

#include "ring.h"
#include "ring_double.h"

struct victim {
	struct ring_double *kernel;
	struct ring_port *port;
	struct ring_io io[2];
	uint8_t data[2][100];
	struct abi_mailbox *box; /* in the mapping of the device */
	uint8_t *ring;
};

static int setup(void **state)
{
	struct victim *victim = calloc(1, sizeof *victim);
	assert_non_null(victim);
	victim->kernel = ring_double_create(NULL);
	ring_double_note_violations(victim->kernel);
	victim->port = ring_double_open(victim->kernel);
	victim->box = victim->port->map;
	victim->ring = (uint8_t *)victim->port->map + sizeof *victim->box;
	for (int i = 0; i < 2; i++) {
		victim->io[i].data = victim->data[i];
		victim->io[i].length = sizeof victim->data[i];
		victim->io[i].direction = RING_IO_IN;
		ring_double_submit(victim->kernel, &victim->io[i]);
	}
	*state = victim;
	return 0;
}

static int teardown(void **state)
{
	struct victim *victim = *state;
	victim->port->ops->close(victim->port);
	ring_double_destroy(victim->kernel);
	free(victim);
	return 0;
}

static struct abi_response *first(struct victim *victim)
{
	return (void *)victim->ring;
}

static void answer_first(struct victim *victim, uint8_t status, uint8_t flags, uint32_t length)
{
	first(victim)->status = status;
	first(victim)->header.our_flags = flags;
	first(victim)->read_length = length;
}

static void assert_violated(struct victim *victim, uint32_t tail, const char *what)
{
	victim->box->tail = tail;
	victim->port->ops->kick(victim->port);
	assert_non_null(ring_double_violated(victim->kernel));
	assert_string_equal(ring_double_violated(victim->kernel), what);
}

static void a_sound_answer_is_none(void **state)
{
	struct victim *victim = *state;
	struct abi_request *request = (void *)victim->ring;
	memset((uint8_t *)victim->port->map + request->iov[0].offset, 0, 50);
	answer_first(victim, 0, ABI_READ_LENGTH_VALID, 50);
	victim->box->tail = 120;
	victim->port->ops->kick(victim->port);
	assert_null(ring_double_violated(victim->kernel));
	assert_true(victim->io[0].done);
	assert_int_equal(victim->io[0].residual, 50);
}

static void a_tail_past_the_head(void **state)
{
	assert_violated(*state, 360, "the tail is not between the last one and the head");
}

static void a_tail_inside_of_an_entry(void **state)
{
	assert_violated(*state, 64, "the tail is inside of an entry");
}

static void an_unknown_id(void **state)
{
	struct victim *victim = *state;
	first(victim)->header.id = 3;
	assert_violated(victim, 120, "an answer to a command that is not in flight");
}

static void two_answers_to_one_command(void **state)
{
	struct victim *victim = *state;
	struct abi_response *second = (void *)(victim->ring + 120);
	answer_first(victim, 8, ABI_READ_LENGTH_VALID, 1);
	second->header.id = 1;
	assert_violated(victim, 240, "an answer to a command that is not in flight");
}

static void a_changed_length(void **state)
{
	struct victim *victim = *state;
	first(victim)->header.length_op++;
	assert_violated(victim, 120, "an entry is not what the kernel put there");
}

static void a_changed_mailbox(void **state)
{
	struct victim *victim = *state;
	victim->box->head = 0;
	assert_violated(victim, 120, "somebody wrote to the kernel's part of the mailbox");
}

static void a_read_length_of_0(void **state)
{
	answer_first(*state, 0, ABI_READ_LENGTH_VALID, 0);
	assert_violated(*state, 120, "a read length of 0 is no read length");
}

static void data_of_an_earlier_command(void **state)
{
	answer_first(*state, 0, 0, 0);
	assert_violated(*state, 120, "the initiator sees data of an earlier command");
}

static void check_condition_without_sense(void **state)
{
	answer_first(*state, 2, 0, 0);
	memset(first(*state)->sense, 0, ABI_SENSE_SIZE);
	assert_violated(*state, 120, "CHECK CONDITION without sense data");
}

#define victim_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		victim_test(a_sound_answer_is_none),
		victim_test(a_tail_past_the_head),
		victim_test(a_tail_inside_of_an_entry),
		victim_test(an_unknown_id),
		victim_test(two_answers_to_one_command),
		victim_test(a_changed_length),
		victim_test(a_changed_mailbox),
		victim_test(a_read_length_of_0),
		victim_test(data_of_an_earlier_command),
		victim_test(check_condition_without_sense),
	};
	return cmocka_run_group_tests_name("tcmu/double", tests, NULL, NULL);
}
