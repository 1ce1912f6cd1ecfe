/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of iSCSI targets in the kernel begin with: a fake kernel, devices, and wishes. */
#pragma once

#include "fake_kernel.h"
#include "iscsi_target_private.h"

#define TARGET "iqn.2003-01.org.example:library"
#define HOST_A "iqn.1993-08.org.debian:01:host-a"
#define HOST_B "iqn.1993-08.org.debian:01:host-b"
#define GROUP  FAKE_TARGET "/iscsi/" TARGET "/tpgt_1"

enum { DEVICES = 5 };
extern struct backstore devices[DEVICES];
extern struct error error;

/* For cmocka_unit_test_setup_teardown, with fake_teardown. */
int iscsi_setup(void **state);

enum wish {
	TWO_HOSTS,    /* A: LUNs 0 and 1, B: LUN 0 */
	ONLY_A,       /* A as there */
	ONLY_B,       /* B as there */
	OTHER_A,      /* A: LUN 0 as there and another LUN 1; B as there */
	WITH_CHAP,    /* TWO_HOSTS, with CHAP */
	WITH_MUTUAL,  /* … and mutual CHAP */
	ELSEWHERE,    /* TWO_HOSTS, at other addresses */
	ANYBODY,      /* LUNs 0 and 5 */
	ANYBODY_ELSE, /* other devices */
	ANYBODY_CHAP, /* ANYBODY, with CHAP */
	NOBODY,       /* no hosts */
	WISHES,
};
const struct kernel_config *wish(enum wish wish);

/* Everything that configfs has of TARGET is as wished, and nothing else is there. */
void assert_shown(enum wish wish);
/* Nothing of TARGET is there, and no link leads to a device. */
void assert_hidden(void);

#define ASSERT_SHOWS(wished)                                                                       \
	do {                                                                                       \
		error = (struct error){0};                                                         \
		if (!kernel_target_show(&fake, wish(wished), &error))                              \
			fail_msg("%s", error.sentence);                                            \
		assert_shown(wished);                                                              \
	} while (0)
