/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Persistent reservations between three nexuses (SPC-4 5.12, 6.15, 6.16). Where the text leaves
 * room, LIO's target_core_pr.c and SCST's scst_pres.c were read and agree: RESERVATION CONFLICT for
 * who is not registered or has another key, PREEMPT with a key that nobody has is a conflict, a key
 * of zero preempts only all-registrants reservations, PERSISTENT RESERVE conflicts while RESERVE
 * holds.
 */
#include "persistent.h"

struct bench {
	struct drive *drive;
	struct scsi_nexus *a, *b, *c;
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof *bench);
	assert_non_null(bench);
	drive_setup((void **)&bench->drive);
	bench->a = bench->drive->a;
	bench->b = bench->drive->b;
	bench->c = scsi_nexus_create(&bench->drive->lu, "c");
	assert_non_null(bench->c);
	bench->c->attentions = 0;
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	scsi_nexus_destroy(bench->c);
	drive_destroy(bench->drive);
	free(bench);
	return 0;
}

#define with_three(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const unsigned types[] = {WE, EA, WE_RO, EA_RO, WE_AR, EA_AR};
enum { TYPES = sizeof types / sizeof types[0] };

static bool for_all(unsigned type)
{
	return type == WE_AR || type == EA_AR;
}

/* What READ KEYS says. */
static void assert_keys(struct bench *bench, uint32_t generation, unsigned count, ...)
{
	struct request *request = pr_in(bench->a, READ_KEYS, 256);
	assert_good(request);
	assert_int_equal(get_be32(request->data), generation);
	assert_int_equal(get_be32(request->data + 4), 8 * count);
	va_list keys;
	va_start(keys, count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(get_be64(request->data + 8 + 8 * i), va_arg(keys, uint64_t));
	va_end(keys);
	assert_int_equal(request->cmd.data_in_done, 8 + 8 * count);
}

static void assert_reservation(struct bench *bench, uint64_t key, unsigned type)
{
	struct request *request = pr_in(bench->a, READ_RESERVATION, 256);
	assert_good(request);
	assert_int_equal(get_be32(request->data + 4), 16);
	assert_int_equal(get_be64(request->data + 8), key);
	assert_int_equal(request->data[21], type);
	assert_int_equal(request->cmd.data_in_done, 24);
}

static void assert_no_reservation(struct bench *bench)
{
	struct request *request = pr_in(bench->a, READ_RESERVATION, 256);
	assert_good(request);
	assert_int_equal(get_be32(request->data + 4), 0);
	assert_int_equal(request->cmd.data_in_done, 8);
}

/* Exactly this is pending; SENSE_NONE: nothing. */
static void assert_told(struct scsi_nexus *nexus, enum scsi_sense_code code)
{
	assert_int_equal(scsi_attention_take(&nexus->attentions), code);
	assert_int_equal(nexus->attentions, 0);
}

static void all_register(struct bench *bench)
{
	register_key(bench->a, 0xa);
	register_key(bench->b, 0xb);
	register_key(bench->c, 0xc);
}

/* ---- REGISTER ---------------------------------------------------------------------------------
 */

static void register_needs_the_key_that_is_there(void **state)
{
	struct bench *bench = *state;
	assert_conflict(pr_out(bench->a, REGISTER, 0, 1, 2));
	assert_good(pr_out(bench->a, REGISTER, 0, 0, 1));
	assert_conflict(pr_out(bench->a, REGISTER, 0, 0, 2));
	assert_conflict(pr_out(bench->a, REGISTER, 0, 7, 2));
	assert_good(pr_out(bench->a, REGISTER, 0, 1, 2));
	assert_keys(bench, 2, 1, UINT64_C(2));
	assert_conflict(pr_out(bench->a, REGISTER, 0, 1, 0));
	assert_good(pr_out(bench->a, REGISTER, 0, 2, 0));
	assert_keys(bench, 3, 0);
}

static void register_and_ignore_needs_none(void **state)
{
	struct bench *bench = *state;
	assert_good(pr_out(bench->a, REGISTER_AND_IGNORE, 0, 77, 1));
	assert_good(pr_out(bench->a, REGISTER_AND_IGNORE, 0, 77, 2));
	assert_keys(bench, 2, 1, UINT64_C(2));
	assert_good(pr_out(bench->a, REGISTER_AND_IGNORE, 0, 77, 0));
	assert_keys(bench, 3, 0);
}

static void to_unregister_who_is_not_registered_changes_nothing(void **state)
{
	struct bench *bench = *state;
	assert_good(pr_out(bench->a, REGISTER, 0, 0, 0));
	assert_good(pr_out(bench->a, REGISTER_AND_IGNORE, 0, 5, 0));
	assert_keys(bench, 0, 0);
}

static void one_key_may_be_everybodys(void **state)
{
	struct bench *bench = *state;
	register_key(bench->a, 1);
	register_key(bench->b, 1);
	assert_keys(bench, 2, 2, UINT64_C(1), UINT64_C(1));
}

static void the_next_one_too_many_is_told_so(void **state)
{
	struct bench *bench = *state;
	struct scsi_port port;
	for (unsigned i = 0; i < SCSI_REGISTRATIONS_MAX; i++) {
		scsi_port_sas(&port, i + 1, 1);
		scsi_nexus_set_port(bench->a, &port);
		register_key(bench->a, i + 1);
	}
	assert_sense(pr_out(bench->b, REGISTER, 0, 0, 1), SENSE_INSUFFICIENT_REGISTRATIONS);
	struct request *request = pr_in(bench->b, READ_FULL_STATUS, 65000 % REQUEST_DATA);
	assert_good(request);
	assert_int_equal(get_be32(request->data + 4), SCSI_REGISTRATIONS_MAX * 48);
	assert_good(pr_out(bench->a, CLEAR, 0, SCSI_REGISTRATIONS_MAX, 0));
	assert_keys(bench, SCSI_REGISTRATIONS_MAX + 1, 0);
}

/* ---- RESERVE and RELEASE ----------------------------------------------------------------------
 */

static void who_is_not_registered_conflicts(void **state)
{
	struct bench *bench = *state;
	for (unsigned action = RESERVE; action <= PREEMPT_AND_ABORT; action++) {
		assert_conflict(pr_out(bench->a, action, WE, 0, 0));
		assert_conflict(pr_out(bench->a, action, WE, 1, 1));
	}
	register_key(bench->a, 1);
	for (unsigned action = RESERVE; action <= PREEMPT_AND_ABORT; action++)
		assert_conflict(pr_out(bench->a, action, WE, 2, 1));
	assert_keys(bench, 1, 1, UINT64_C(1));
}

static void a_reservation_is_seen(void **state)
{
	struct bench *bench = *state;
	register_key(bench->a, 0xa);
	for (unsigned i = 0; i < TYPES; i++) {
		assert_no_reservation(bench);
		assert_good(pr_out(bench->a, RESERVE, types[i], 0xa, 0));
		assert_reservation(bench, for_all(types[i]) ? 0 : 0xa, types[i]);
		assert_good(pr_out(bench->a, RELEASE, types[i], 0xa, 0));
	}
	assert_keys(bench, 1, 1, UINT64_C(0xa)); /* RESERVE and RELEASE do not count */
}

static void the_holder_may_say_it_again_and_nobody_else(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	for (unsigned i = 0; i < TYPES; i++) {
		assert_good(pr_out(bench->a, RESERVE, types[i], 0xa, 0));
		assert_good(pr_out(bench->a, RESERVE, types[i], 0xa, 0));
		assert_conflict(pr_out(bench->a, RESERVE, types[(i + 1) % TYPES], 0xa, 0));
		struct request *other = pr_out(bench->b, RESERVE, types[i], 0xb, 0);
		if (for_all(types[i]))
			assert_good(other);
		else
			assert_conflict(other);
		assert_good(pr_out(bench->a, RELEASE, types[i], 0xa, 0));
		bench->b->attentions = bench->c->attentions = 0;
	}
}

static void bad_scopes_and_types_are_pointed_at(void **state)
{
	struct bench *bench = *state;
	register_key(bench->a, 1);
	for (unsigned type = 0; type < 256; type++) {
		bool good_scope = type >> 4 == 0, good = false;
		for (unsigned i = 0; i < TYPES; i++)
			good |= types[i] == type;
		if (!good)
			assert_cdb_field(
				pr_out(bench->a, RESERVE, type, 1, 0), 2, good_scope ? 3 : 7);
	}
	assert_no_reservation(bench);
}

static void a_release_must_say_what_is_held(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_good(pr_out(bench->a, RELEASE, WE, 0xa, 0)); /* nothing is */
	assert_good(pr_out(bench->a, RESERVE, EA, 0xa, 0));
	assert_sense(pr_out(bench->a, RELEASE, WE, 0xa, 0), SENSE_INVALID_RELEASE);
	assert_sense(pr_out(bench->a, RELEASE, 0x10 | EA, 0xa, 0), SENSE_INVALID_RELEASE);
	assert_good(pr_out(bench->b, RELEASE, EA, 0xb, 0)); /* it holds nothing */
	assert_reservation(bench, 0xa, EA);
}

static void a_release_tells_those_who_gained_by_it(void **state)
{
	struct bench *bench = *state;
	for (unsigned i = 0; i < TYPES; i++) {
		bool tells = types[i] != WE && types[i] != EA;
		register_key(bench->a, 0xa);
		register_key(bench->b, 0xb);
		assert_good(pr_out(bench->a, RESERVE, types[i], 0xa, 0));
		struct scsi_nexus *who = for_all(types[i]) ? bench->b : bench->a;
		struct scsi_nexus *other = for_all(types[i]) ? bench->a : bench->b;
		assert_good(pr_out(who, RELEASE, types[i], who == bench->a ? 0xa : 0xb, 0));
		assert_told(other, tells ? SENSE_RESERVATIONS_RELEASED : SENSE_NONE);
		assert_told(who, SENSE_NONE);
		assert_told(bench->c, SENSE_NONE); /* not registered */
		assert_no_reservation(bench);
	}
}

static void the_holder_that_unregisters_releases(void **state)
{
	struct bench *bench = *state;
	for (unsigned i = 0; i < TYPES; i++) {
		register_key(bench->a, 0xa);
		register_key(bench->b, 0xb);
		assert_good(pr_out(bench->a, RESERVE, types[i], 0xa, 0));
		assert_good(pr_out(bench->a, REGISTER, 0, 0xa, 0));
		if (for_all(types[i])) {
			assert_reservation(bench, 0, types[i]);
			assert_told(bench->b, SENSE_NONE);
			assert_good(pr_out(bench->b, REGISTER, 0, 0xb, 0)); /* the last */
		} else {
			bool tells = types[i] != WE && types[i] != EA;
			assert_told(bench->b, tells ? SENSE_RESERVATIONS_RELEASED : SENSE_NONE);
		}
		assert_no_reservation(bench);
	}
}

static void who_holds_nothing_unregisters_quietly(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_good(pr_out(bench->a, RESERVE, EA_RO, 0xa, 0));
	assert_good(pr_out(bench->b, REGISTER, 0, 0xb, 0));
	assert_reservation(bench, 0xa, EA_RO);
	assert_told(bench->a, SENSE_NONE);
	assert_told(bench->c, SENSE_NONE);
}

static void a_new_key_of_the_holder_keeps_the_reservation(void **state)
{
	struct bench *bench = *state;
	register_key(bench->a, 1);
	assert_good(pr_out(bench->a, RESERVE, EA, 1, 0));
	assert_good(pr_out(bench->a, REGISTER, 0, 1, 2));
	assert_reservation(bench, 2, EA);
}

/* ---- CLEAR and PREEMPT ------------------------------------------------------------------------
 */

static void clear_takes_everything(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_good(pr_out(bench->a, RESERVE, EA, 0xa, 0));
	assert_good(pr_out(bench->b, CLEAR, 0, 0xb, 0));
	assert_told(bench->a, SENSE_RESERVATIONS_PREEMPTED);
	assert_told(bench->b, SENSE_NONE);
	assert_told(bench->c, SENSE_RESERVATIONS_PREEMPTED);
	assert_no_reservation(bench);
	assert_keys(bench, 4, 0);
}

static void preempt_takes_the_holders_place(void **state)
{
	struct bench *bench = *state;
	for (unsigned action = PREEMPT; action <= PREEMPT_AND_ABORT; action++) {
		all_register(bench);
		assert_good(pr_out(bench->a, RESERVE, EA, 0xa, 0));
		assert_good(pr_out(bench->b, action, WE_RO, 0xb, 0xa));
		assert_told(bench->a, SENSE_REGISTRATIONS_PREEMPTED);
		assert_told(bench->b, SENSE_NONE);
		assert_told(bench->c, SENSE_RESERVATIONS_RELEASED); /* the type is another one */
		assert_reservation(bench, 0xb, WE_RO);
		assert_good(pr_out(bench->b, CLEAR, 0, 0xb, 0));
		assert_told(bench->c, SENSE_RESERVATIONS_PREEMPTED);
	}
	assert_keys(bench, 10, 0);
}

static void a_preempt_of_the_same_type_is_no_news_to_others(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_good(pr_out(bench->a, RESERVE, EA, 0xa, 0));
	assert_good(pr_out(bench->b, PREEMPT, EA, 0xb, 0xa));
	assert_told(bench->a, SENSE_REGISTRATIONS_PREEMPTED);
	assert_told(bench->c, SENSE_NONE);
}

static void preempt_of_a_registration_leaves_the_reservation(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_good(pr_out(bench->a, RESERVE, WE, 0xa, 0));
	assert_good(pr_out(bench->a, PREEMPT, 0xff, 0xa, 0xb)); /* scope and type are ignored */
	assert_told(bench->b, SENSE_REGISTRATIONS_PREEMPTED);
	assert_told(bench->c, SENSE_NONE);
	assert_reservation(bench, 0xa, WE);
	assert_keys(bench, 4, 2, UINT64_C(0xa), UINT64_C(0xc));
}

static void preempt_without_a_reservation_removes_registrations(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_good(pr_out(bench->a, PREEMPT, WE, 0xa, 0xc));
	assert_no_reservation(bench);
	assert_told(bench->c, SENSE_REGISTRATIONS_PREEMPTED);
	assert_good(pr_out(bench->a, PREEMPT, WE, 0xa, 0xa)); /* its own */
	assert_told(bench->a, SENSE_NONE);
	assert_keys(bench, 5, 1, UINT64_C(0xb));
}

/*
 * SPC-4 5.12.11.5 makes no exception for the caller (target_core_pr.c and SPDK agree), whatever the
 * type: LIO spares it under those for all registrants, which SPC-4 does only with a key of zero.
 */
static void who_preempts_its_own_key_and_is_no_holder_loses_its_registration(void **state)
{
	struct bench *bench = *state;
	for (unsigned action = PREEMPT; action <= PREEMPT_AND_ABORT; action++)
		for (unsigned i = 0; i < TYPES; i++) {
			all_register(bench);
			assert_good(pr_out(bench->a, RESERVE, types[i], 0xa, 0));
			assert_good(pr_out(bench->b, action, 0xff, 0xb, 0xb));
			assert_told(bench->a, SENSE_NONE);
			assert_told(bench->b, SENSE_NONE);
			assert_told(bench->c, SENSE_NONE);
			assert_reservation(bench, for_all(types[i]) ? 0 : 0xa, types[i]);
			assert_conflict(pr_out(bench->b, PREEMPT, WE, 0xb, 0xa));
			assert_good(pr_out(bench->a, CLEAR, 0, 0xa, 0));
			bench->c->attentions = 0;
		}
}

/* The holder has the same key: the reservation changes hands, and who asked stays registered. */
static void who_preempts_its_own_key_that_the_holder_has_too_takes_over(void **state)
{
	struct bench *bench = *state;
	register_key(bench->a, 1);
	register_key(bench->b, 1);
	assert_good(pr_out(bench->a, RESERVE, WE, 1, 0));
	assert_good(pr_out(bench->b, PREEMPT, EA, 1, 1));
	assert_told(bench->a, SENSE_REGISTRATIONS_PREEMPTED);
	assert_told(bench->b, SENSE_NONE);
	assert_reservation(bench, 1, EA);
	assert_keys(bench, 3, 1, UINT64_C(1));
}

static void preempt_of_nobody_conflicts(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_conflict(pr_out(bench->a, PREEMPT, WE, 0xa, 0xd));
	for (unsigned i = 0; i < TYPES; i++) {
		assert_good(pr_out(bench->a, RESERVE, types[i], 0xa, 0));
		assert_conflict(pr_out(bench->a, PREEMPT, types[i], 0xa, 0xd));
		assert_good(pr_out(bench->a, RELEASE, types[i], 0xa, 0));
		bench->b->attentions = bench->c->attentions = 0;
	}
	assert_keys(bench, 3, 3, UINT64_C(0xa), UINT64_C(0xb), UINT64_C(0xc));
}

static void a_key_of_zero_preempts_all_registrants_only(void **state)
{
	struct bench *bench = *state;
	register_key(bench->a, 0xa);
	assert_parameter_field(pr_out(bench->a, PREEMPT, WE, 0xa, 0), 8, 7);
	for (unsigned i = 0; i < TYPES; i++) {
		all_register(bench);
		assert_good(pr_out(bench->a, RESERVE, types[i], 0xa, 0));
		struct request *request = pr_out(bench->b, PREEMPT, EA, 0xb, 0);
		if (for_all(types[i])) {
			assert_good(request);
			assert_told(bench->a, SENSE_REGISTRATIONS_PREEMPTED);
			assert_told(bench->c, SENSE_REGISTRATIONS_PREEMPTED);
			assert_reservation(bench, 0xb, EA);
			assert_good(pr_out(bench->b, REGISTER, 0, 0xb, 0));
		} else {
			assert_parameter_field(request, 8, 7);
			assert_reservation(bench, 0xa, types[i]);
			assert_good(pr_out(bench->a, CLEAR, 0, 0xa, 0));
		}
		bench->b->attentions = bench->c->attentions = 0;
	}
}

static void preempt_with_a_key_spares_an_all_registrants_reservation(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_good(pr_out(bench->a, RESERVE, EA_AR, 0xa, 0));
	assert_good(pr_out(bench->a, PREEMPT, WE, 0xa, 0xb));
	assert_reservation(bench, 0, EA_AR);
	assert_told(bench->b, SENSE_REGISTRATIONS_PREEMPTED);
	assert_told(bench->c, SENSE_NONE);
	assert_good(pr_out(bench->a, PREEMPT, WE, 0xa, 0xc));
	assert_good(pr_out(bench->a, PREEMPT, WE, 0xa, 0xa)); /* the last one */
	assert_no_reservation(bench);
	assert_keys(bench, 6, 0);
}

static void the_holder_preempts_itself_to_change_the_type(void **state)
{
	struct bench *bench = *state;
	register_key(bench->a, 1);
	register_key(bench->b, 1); /* the same key: it goes */
	register_key(bench->c, 2);
	assert_good(pr_out(bench->a, RESERVE, WE, 1, 0));
	assert_good(pr_out(bench->a, PREEMPT, EA_RO, 1, 1));
	assert_reservation(bench, 1, EA_RO);
	assert_told(bench->a, SENSE_NONE);
	assert_told(bench->b, SENSE_REGISTRATIONS_PREEMPTED);
	assert_told(bench->c, SENSE_RESERVATIONS_RELEASED);
	assert_keys(bench, 4, 2, UINT64_C(1), UINT64_C(2));
}

static void a_preempt_that_takes_over_needs_a_type(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_good(pr_out(bench->a, RESERVE, WE, 0xa, 0));
	assert_cdb_field(pr_out(bench->b, PREEMPT, 2, 0xb, 0xa), 2, 3);
	assert_cdb_field(pr_out(bench->b, PREEMPT, 0x10 | WE, 0xb, 0xa), 2, 7);
	assert_reservation(bench, 0xa, WE);
}

static void preempt_and_abort_ends_the_tasks_of_the_preempted(void **state)
{
	struct bench *bench = *state;
	struct drive *drive = bench->drive;
	all_register(bench);
	assert_good(pr_out(bench->a, RESERVE, WE, 0xa, 0));
	drive->medium->cached = 0;
	struct request *of_a = send_read(bench->a, 0, 4), *of_c = send_read(bench->c, 0, 4);
	assert_good(pr_out(bench->b, PREEMPT, WE, 0xb, 0xa));
	assert_int_equal(of_a->completed, 0); /* it has time to end */
	bench->a->attentions = 0;
	all_register(bench);
	struct request *own = send_read(bench->b, 0, 4);
	struct request *again = send_read(bench->a, 0, 4);
	assert_good(pr_out(bench->b, PREEMPT_AND_ABORT, WE, 0xb, 0xa));
	assert_int_equal(of_a->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_int_equal(again->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_int_equal(of_c->completed, 0);
	assert_int_equal(own->completed, 0);
	run_workers(drive);
	assert_good(of_c);
	assert_good(own);
}

static void preempt_and_abort_lets_the_medium_of_the_preempted_go(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	bench->a->prevent = bench->a->prevent_persistent = bench->c->prevent = true;
	assert_good(pr_out(bench->b, PREEMPT, WE, 0xb, 0xa));
	assert_true(bench->a->prevent);
	bench->a->attentions = 0;
	all_register(bench);
	assert_good(pr_out(bench->b, PREEMPT_AND_ABORT, WE, 0xb, 0xa));
	assert_false(bench->a->prevent || bench->a->prevent_persistent);
	assert_true(bench->c->prevent);
}

/* All but the PERSISTENT RESERVE OUT itself, also when that waits for the library. */
static void preempt_and_abort_of_the_own_key_ends_the_own_tasks(void **state)
{
	struct bench *bench = *state;
	struct drive *drive = bench->drive;
	all_register(bench);
	bench->b->prevent = true;
	drive->medium->cached = 0;
	struct request *own = send_read(bench->b, 0, 4), *of_c = send_read(bench->c, 0, 4);
	assert_good(pr_out(bench->b, PREEMPT_AND_ABORT, WE, 0xb, 0xb));
	assert_int_equal(own->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_false(bench->b->prevent);
	run_workers(drive);
	assert_good(of_c);
}

/*
 * "All I_T nexuses that are registered with the key", whether they keep their registrations or not:
 * LIO (__core_scsi3_complete_pro_preempt) and SCST (scst_pr_do_preempt) have the caller among those
 * whose tasks they abort, and both spare the command itself.
 */
static void preempt_and_abort_of_the_holders_own_key_ends_its_tasks(void **state)
{
	struct bench *bench = *state;
	struct drive *drive = bench->drive;
	all_register(bench);
	assert_good(pr_out(bench->a, RESERVE, WE, 0xa, 0));
	bench->a->prevent = true;
	drive->medium->cached = 0;
	struct request *own = send_read(bench->a, 0, 4), *of_c = send_read(bench->c, 0, 4);
	assert_good(pr_out(bench->a, PREEMPT_AND_ABORT, WE, 0xa, 0xa));
	assert_int_equal(own->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_false(bench->a->prevent);
	assert_reservation(bench, 0xa, WE);
	run_workers(drive);
	assert_good(of_c);
}

/* SPC-4 5.12.11.6: "all commands for all registered I_T nexuses" (LIO agrees). */
static void preempt_and_abort_of_everybody_ends_the_own_tasks_too(void **state)
{
	struct bench *bench = *state;
	struct drive *drive = bench->drive;
	all_register(bench);
	assert_good(pr_out(bench->a, RESERVE, WE_AR, 0xa, 0));
	drive->medium->cached = 0;
	struct request *own = send_read(bench->a, 0, 4), *of_c = send_read(bench->c, 0, 4);
	assert_good(pr_out(bench->a, PREEMPT_AND_ABORT, WE_AR, 0xa, 0));
	assert_int_equal(own->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_int_equal(of_c->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_keys(bench, 4, 1, UINT64_C(0xa));
	run_workers(drive);
}

/* ---- what survives ----------------------------------------------------------------------------
 */

static void registrations_survive_reset_and_nexus_loss(void **state)
{
	struct bench *bench = *state;
	all_register(bench);
	assert_good(pr_out(bench->b, RESERVE, EA, 0xb, 0));
	scsi_lu_reset(&bench->drive->lu, NULL);
	scsi_nexus_lost(bench->b);
	bench->a->attentions = bench->b->attentions = bench->c->attentions = 0;
	assert_reservation(bench, 0xb, EA);
	assert_conflict(send_read(bench->a, 0, 1));
	assert_good(send_read(bench->b, 0, 1));
}

static void who_leaves_and_returns_is_registered_still(void **state)
{
	struct bench *bench = *state;
	struct scsi_lu *lu = &bench->drive->lu;
	struct scsi_nexus *d = scsi_nexus_enter(lu, "d");
	d->attentions = 0;
	register_key(d, 0xd);
	assert_good(pr_out(d, RESERVE, EA, 0xd, 0));
	scsi_nexus_leave(d);
	assert_conflict(send_read(bench->a, 0, 1));
	d = scsi_nexus_enter(lu, "d");
	d->attentions = 0;
	assert_good(send_read(d, 0, 1));
	scsi_nexus_destroy(d);
	assert_conflict(send_read(bench->a, 0, 1));
}

static void who_is_away_hears_of_it_on_return(void **state)
{
	struct bench *bench = *state;
	struct scsi_lu *lu = &bench->drive->lu;
	struct scsi_nexus *d = scsi_nexus_enter(lu, "d");
	d->attentions = 0;
	register_key(d, 0xd);
	register_key(bench->a, 0xa);
	scsi_nexus_leave(d);
	assert_good(pr_out(bench->a, PREEMPT, WE, 0xa, 0xd));
	d = scsi_nexus_enter(lu, "d");
	assert_true(d->attentions & 1u << ATTENTION_REGISTRATIONS_PREEMPTED);
	scsi_nexus_destroy(d);
}

/* ---- RESERVE and RELEASE of SPC-2 -------------------------------------------------------------
 */

static void reserve_and_release_conflict_while_anybody_is_registered(void **state)
{
	struct bench *bench = *state;
	register_key(bench->a, 1);
	for (unsigned opcode = 0x16; opcode <= 0x57; opcode += opcode == 0x17 ? 0x3f : 1) {
		assert_conflict(send_none(bench->a, CDB((uint8_t)opcode)));
		assert_conflict(send_none(bench->b, CDB((uint8_t)opcode)));
	}
	assert_null(bench->drive->lu.reserved_by);
}

static void persistent_reserve_conflicts_while_anybody_has_reserved(void **state)
{
	struct bench *bench = *state;
	assert_good(send_none(bench->a, CDB(0x16)));
	for (unsigned action = READ_KEYS; action <= READ_FULL_STATUS; action++) {
		assert_conflict(pr_in(bench->a, action, 8));
		assert_conflict(pr_in(bench->b, action, 8));
	}
	for (unsigned action = REGISTER; action <= REGISTER_AND_IGNORE; action++) {
		assert_conflict(pr_out(bench->a, action, 0, 0, 1));
		assert_conflict(pr_out(bench->b, action, 0, 0, 1));
	}
	assert_good(send_none(bench->a, CDB(0x17)));
	register_key(bench->b, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_three(register_needs_the_key_that_is_there),
		with_three(register_and_ignore_needs_none),
		with_three(to_unregister_who_is_not_registered_changes_nothing),
		with_three(one_key_may_be_everybodys),
		with_three(the_next_one_too_many_is_told_so),
		with_three(who_is_not_registered_conflicts),
		with_three(a_reservation_is_seen),
		with_three(the_holder_may_say_it_again_and_nobody_else),
		with_three(bad_scopes_and_types_are_pointed_at),
		with_three(a_release_must_say_what_is_held),
		with_three(a_release_tells_those_who_gained_by_it),
		with_three(the_holder_that_unregisters_releases),
		with_three(who_holds_nothing_unregisters_quietly),
		with_three(a_new_key_of_the_holder_keeps_the_reservation),
		with_three(clear_takes_everything),
		with_three(preempt_takes_the_holders_place),
		with_three(a_preempt_of_the_same_type_is_no_news_to_others),
		with_three(preempt_of_a_registration_leaves_the_reservation),
		with_three(preempt_without_a_reservation_removes_registrations),
		with_three(who_preempts_its_own_key_and_is_no_holder_loses_its_registration),
		with_three(who_preempts_its_own_key_that_the_holder_has_too_takes_over),
		with_three(preempt_of_nobody_conflicts),
		with_three(a_key_of_zero_preempts_all_registrants_only),
		with_three(preempt_with_a_key_spares_an_all_registrants_reservation),
		with_three(the_holder_preempts_itself_to_change_the_type),
		with_three(a_preempt_that_takes_over_needs_a_type),
		with_three(preempt_and_abort_ends_the_tasks_of_the_preempted),
		with_three(preempt_and_abort_of_the_own_key_ends_the_own_tasks),
		with_three(preempt_and_abort_of_the_holders_own_key_ends_its_tasks),
		with_three(preempt_and_abort_of_everybody_ends_the_own_tasks_too),
		with_three(preempt_and_abort_lets_the_medium_of_the_preempted_go),
		with_three(registrations_survive_reset_and_nexus_loss),
		with_three(who_leaves_and_returns_is_registered_still),
		with_three(who_is_away_hears_of_it_on_return),
		with_three(reserve_and_release_conflict_while_anybody_is_registered),
		with_three(persistent_reserve_conflicts_while_anybody_has_reserved),
	};
	return cmocka_run_group_tests_name("scsi/persistent", tests, NULL, NULL);
}
