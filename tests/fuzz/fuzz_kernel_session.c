/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acls/NAME/info of a target in the kernel's own iSCSI, in which an initiator's alias stands as the
 * initiator chose it. What is told of a session is fit to print, and is of what the kernel wrote
 * last: an alias before it changes nothing.
 */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "iscsi_target_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct tcmu_iscsi_session *session)
{
	assert_int_equal(strlen(session->isid), 14);
	assert_int_equal(strspn(session->isid + 2, "0123456789abcdefABCDEF"), 12);
	assert_null(strpbrk(session->address, " \n"));
	assert_true(strlen(session->address) < sizeof session->address);
}

static void check_behind(const char *alias)
{
	static const char real[] =
		"\nLIO Session ID: 5   ISID: 0x80 8c 52 4b 00 00  TSIH: 5  SessionType: Normal\n"
		"CID: 0  Connection State: TARG_CONN_STATE_LOGGED_IN\n"
		"   Address 127.0.0.1 TCP  StatSN: 0xeabfd11b\n";
	struct tcmu_iscsi_session session = {0};
	char *text = malloc(strlen(alias) + sizeof real);
	strcpy(text, alias);
	strcat(text, real);
	assert_true(kernel_session_parse(text, &session));
	assert_int_equal(session.id, 5);
	assert_string_equal(session.address, "127.0.0.1");
	assert_false(session.ending);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcmu_iscsi_session session = {0};
	char *text = malloc(size + 1);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (kernel_session_parse(text, &session))
		check(&session);
	check_behind(text);
	free(text);
	return 0;
}
