/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random PERSISTENT RESERVE OUTs of four nexuses, against a model that keeps a key a nexus and one
 * reservation, written as the sentences of SPC-4 5.12 are: who is told what, too.
 */
#include "persistent.h"

enum { HOSTS = 4, KEYS = 3, STEPS = 20000, ALL = -1, NOBODY = -2 };

struct model {
	uint64_t key[HOSTS]; /* 0: not registered */
	int holder;
	unsigned type;
	uint32_t generation;
	scsi_attention_set told[HOSTS];
};

struct step {
	unsigned host, action, type;
	uint64_t key, action_key;
};

enum answer { GOOD, CONFLICT, INVALID_CDB, INVALID_LIST, BAD_RELEASE };

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static unsigned pick(unsigned count)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state % count);
}

static bool holds(const struct model *m, unsigned host)
{
	return m->key[host] && (m->holder == ALL || m->holder == (int)host);
}

static void tell(struct model *m, unsigned host, enum scsi_attention what)
{
	m->told[host] |= 1u << what;
}

static void tell_others(struct model *m, unsigned but, enum scsi_attention what)
{
	for (unsigned i = 0; i < HOSTS; i++)
		if (i != but && m->key[i])
			tell(m, i, what);
}

static void free_it(struct model *m, unsigned by)
{
	if (m->type != WE && m->type != EA)
		tell_others(m, by, ATTENTION_RESERVATIONS_RELEASED);
	m->holder = NOBODY;
	m->type = 0;
}

static unsigned registered(const struct model *m)
{
	unsigned count = 0;
	for (unsigned i = 0; i < HOSTS; i++)
		count += m->key[i] != 0;
	return count;
}

static enum answer do_register(struct model *m, const struct step *s)
{
	if (s->action == REGISTER && s->key != m->key[s->host])
		return CONFLICT;
	if (!m->key[s->host] && !s->action_key)
		return GOOD;
	m->generation++;
	if (s->action_key == 0 &&
		(m->holder == (int)s->host || (m->holder == ALL && registered(m) == 1)))
		free_it(m, s->host);
	m->key[s->host] = s->action_key;
	return GOOD;
}

static bool is_type(unsigned type)
{
	return type == WE || type == EA || (type >= WE_RO && type <= EA_AR);
}

static void take(struct model *m, const struct step *s)
{
	m->type = s->type;
	m->holder = s->type >= WE_AR ? ALL : (int)s->host;
}

static enum answer do_reserve(struct model *m, const struct step *s)
{
	if (!is_type(s->type))
		return INVALID_CDB;
	if (m->type && (m->type != s->type || !holds(m, s->host)))
		return CONFLICT;
	if (!m->type)
		take(m, s);
	return GOOD;
}

static enum answer do_release(struct model *m, const struct step *s)
{
	if (!m->type || !holds(m, s->host))
		return GOOD;
	if (m->type != s->type)
		return BAD_RELEASE;
	free_it(m, s->host);
	return GOOD;
}

static enum answer do_clear(struct model *m, const struct step *s)
{
	tell_others(m, s->host, ATTENTION_RESERVATIONS_PREEMPTED);
	memset(m->key, 0, sizeof m->key);
	m->holder = NOBODY;
	m->type = 0;
	m->generation++;
	return GOOD;
}

static void lose(struct model *m, unsigned host, unsigned by)
{
	m->key[host] = 0;
	if (host != by)
		tell(m, host, ATTENTION_REGISTRATIONS_PREEMPTED);
}

static enum answer take_over(struct model *m, const struct step *s)
{
	if (!is_type(s->type))
		return INVALID_CDB;
	unsigned before = m->type;
	for (unsigned i = 0; i < HOSTS; i++)
		if (i != s->host && m->key[i] && (!s->action_key || m->key[i] == s->action_key))
			lose(m, i, s->host);
	if (before != s->type)
		tell_others(m, s->host, ATTENTION_RESERVATIONS_RELEASED);
	take(m, s);
	m->generation++;
	return GOOD;
}

static enum answer do_preempt(struct model *m, const struct step *s)
{
	unsigned lost = 0;
	if (!s->action_key)
		return m->holder == ALL ? take_over(m, s) : INVALID_LIST;
	if (m->holder >= 0 && m->key[m->holder] == s->action_key)
		return take_over(m, s);
	for (unsigned i = 0; i < HOSTS; i++)
		if (m->key[i] == s->action_key) {
			lose(m, i, s->host);
			lost++;
		}
	if (!lost)
		return CONFLICT;
	if (registered(m) == 0) {
		m->holder = NOBODY;
		m->type = 0;
	}
	m->generation++;
	return GOOD;
}

static enum answer expect(struct model *m, const struct step *s)
{
	if (s->action == REGISTER || s->action == REGISTER_AND_IGNORE)
		return do_register(m, s);
	if (!m->key[s->host] || m->key[s->host] != s->key)
		return CONFLICT;
	switch (s->action) {
	case RESERVE:
		return do_reserve(m, s);
	case RELEASE:
		return do_release(m, s);
	case CLEAR:
		return do_clear(m, s);
	default:
		return do_preempt(m, s);
	}
}

static void assert_answer(const struct request *request, enum answer answer)
{
	static const enum scsi_sense_code codes[] = {[INVALID_CDB] = SENSE_INVALID_FIELD_IN_CDB,
		[INVALID_LIST] = SENSE_INVALID_FIELD_IN_PARAMETERS,
		[BAD_RELEASE] = SENSE_INVALID_RELEASE};
	if (answer == GOOD)
		assert_good(request);
	else if (answer == CONFLICT)
		assert_conflict(request);
	else
		assert_sense(request, codes[answer]);
}

/* What READ FULL STATUS would say, from the state itself. */
static void assert_same(const struct scsi_lu *lu, struct scsi_nexus *const *hosts, struct model *m)
{
	const struct scsi_persistent *p = &lu->persistent;
	assert_int_equal(p->count, registered(m));
	assert_int_equal(p->type, m->type);
	assert_int_equal(p->generation, m->generation);
	for (unsigned i = 0; i < HOSTS; i++) {
		const struct scsi_registration *row = scsi_persistent_find(p, &hosts[i]->port);
		assert_int_equal(row ? row->key : 0, m->key[i]);
		assert_int_equal(p->type && scsi_persistent_holds(p, row), holds(m, i));
		assert_int_equal(hosts[i]->attentions, m->told[i]);
	}
}

static struct step random_step(const struct model *m)
{
	static const unsigned actions[] = {REGISTER, REGISTER, REGISTER_AND_IGNORE, RESERVE,
		RESERVE, RELEASE, PREEMPT, PREEMPT_AND_ABORT, CLEAR};
	struct step s = {.host = pick(HOSTS),
		.action = actions[pick(pick(4) ? 8 : 9)],
		.type = pick(8) ? (unsigned[]){WE, EA, WE_RO, EA_RO, WE_AR, EA_AR}[pick(6)]
				: pick(16),
		.action_key = pick(KEYS + 1)};
	s.key = pick(5) ? m->key[s.host] : pick(KEYS + 1);
	if (m->type && pick(2))
		s.type = m->type;
	return s;
}

static void as_the_model(void **state)
{
	struct drive *drive = *state;
	struct scsi_nexus *hosts[HOSTS] = {drive->a, drive->b};
	struct model m = {.holder = NOBODY};
	unsigned seen[5] = {0};
	hosts[2] = scsi_nexus_create(&drive->lu, "c");
	hosts[3] = scsi_nexus_create(&drive->lu, "d");
	hosts[2]->attentions = hosts[3]->attentions = 0;
	for (unsigned i = 0; i < STEPS; i++) {
		struct step s = random_step(&m);
		hosts[s.host]->attentions = m.told[s.host] = 0;
		enum answer answer = expect(&m, &s);
		struct request *request =
			pr_out(hosts[s.host], s.action, s.type, s.key, s.action_key);
		seen[answer]++;
		assert_answer(request, answer);
		assert_same(&drive->lu, hosts, &m);
		list_remove(&request->link);
		free(request);
	}
	for (unsigned i = 0; i < 5; i++)
		assert_true(seen[i] > 100);
	scsi_nexus_destroy(hosts[2]);
	scsi_nexus_destroy(hosts[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {drive_test(as_the_model)};
	return cmocka_run_group_tests_name("scsi/persistent_model", tests, NULL, NULL);
}
