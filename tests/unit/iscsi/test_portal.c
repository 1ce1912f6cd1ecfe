/* SPDX-License-Identifier: Apache-2.0 */
/* Where a portal listens, and what an operator is told when it cannot. */
#include "support.h"

#include <stdio.h>

#include "raw.h"

static const struct portal_backend nothing;

static struct portal *listen_on(const char *const *addresses, unsigned count, struct error *error)
{
	const struct portal_config config = {
		.listen = addresses, .listen_count = count, .threads = 1, .backend = &nothing};
	*error = (struct error){0};
	return portal_create(&config, error);
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = {"", ":", "127.0.0.1", "127.0.0.1:", ":3260",
		"localhost:3260", "::1:3260", "[::1]", "[]:3260", "127.0.0.1:99999999",
		"127.0.0.1:http", "300.0.0.1:3260"};
	struct error error;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_null(listen_on(&wrong[i], 1, &error));
		assert_int_equal(error.code, ERROR_CONFIGURATION);
	}
}

static void an_address_in_use_is_named(void **state)
{
	const char *address = "127.0.0.1:0";
	struct error error;
	struct portal *first = listen_on(&address, 1, &error);
	assert_non_null(first);
	address = portal_address(first, 0);
	assert_null(listen_on(&address, 1, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_non_null(strstr(error.sentence, address));
	assert_non_null(strstr(error.remedy, "Stop who uses it"));
	portal_destroy(first);
}

/* 192.0.2.0/24 is for documentation. */
static void an_address_of_others_is_not_said_to_be_in_use(void **state)
{
	const char *address = "192.0.2.77:0";
	struct error error;
	assert_null(listen_on(&address, 1, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_non_null(strstr(error.remedy, "an address of this machine"));
}

static void a_portal_that_was_never_started_can_go(void **state)
{
	const char *address = "127.0.0.1:0";
	struct error error;
	portal_destroy(listen_on(&address, 1, &error));
	portal_destroy(NULL);
}

/* A portal on every address is announced with the one that the initiator came to. */
static void every_portal_is_announced_as_it_can_be_reached(void **state)
{
	static const char keys[] = "InitiatorName=" INITIATOR "\0SessionType=Discovery";
	struct fake_portal *fake =
		fake_portal_create(&(struct fake_portal_setup){.second = "0.0.0.0:0"});
	struct raw *raw = raw_connect(fake);
	uint8_t bhs[BHS_LENGTH];
	char wanted[128];
	raw_login_request(raw, keys, sizeof keys);
	raw_expect(raw, PDU_LOGIN_RESPONSE);
	raw_begin(raw, bhs, PDU_TEXT);
	put_be32(bhs + BHS_TTT, TAG_NONE);
	raw_send(raw, bhs, "SendTargets=" TARGET_ONE, sizeof "SendTargets=" TARGET_ONE);
	raw_expect(raw, PDU_TEXT_RESPONSE);
	const char *port = strrchr(portal_address(fake->portal, 1), ':');
	int length = snprintf(wanted, sizeof wanted,
		"TargetName=%s%cTargetAddress=%s,1%cTargetAddress=127.0.0.1%s,1%c", TARGET_ONE, 0,
		fake->address, 0, port, 0);
	assert_int_equal(raw->length, length);
	assert_memory_equal(raw->data, wanted, (size_t)length);
	raw_close(raw);
	fake_portal_destroy(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(an_address_in_use_is_named),
		cmocka_unit_test(an_address_of_others_is_not_said_to_be_in_use),
		cmocka_unit_test(a_portal_that_was_never_started_can_go),
		cmocka_unit_test(every_portal_is_announced_as_it_can_be_reached),
	};
	return cmocka_run_group_tests_name("iscsi/portal", tests, NULL, NULL);
}
