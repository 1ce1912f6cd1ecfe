/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the optical drive's suites. */
#pragma once

#include "conformance.h"
#include "fake_optical.h"

/* Fixtures. The discs have DISC_BLOCKS blocks. */
enum { DISC_BLOCKS = 1000 };
int bench_empty(void **state);
int bench_cd(void **state);  /* in a dvd-rom */
int bench_dvd(void **state); /* in a dvd-rom */
int bench_bd(void **state);  /* in a bd-rom */

#define ON_EMPTY(test) cmocka_unit_test_setup_teardown(test, bench_empty, bench_end)
#define ON_CD(test)    cmocka_unit_test_setup_teardown(test, bench_cd, bench_end)
#define ON_DVD(test)   cmocka_unit_test_setup_teardown(test, bench_dvd, bench_end)
#define ON_BD(test)    cmocka_unit_test_setup_teardown(test, bench_bd, bench_end)

/* ---- often sent ------------------------------------------------------------------------------ */

#define READ_10(nexus, lba, count, expected)                                                       \
	SEND(nexus, expected, 0x28, 0, (lba) >> 24 & 0xff, (lba) >> 16 & 0xff, (lba) >> 8 & 0xff,  \
		(lba)&0xff, 0, (count) >> 8, (count)&0xff)
/* GET EVENT STATUS NOTIFICATION: polled, classes as a mask, 8 bytes. */
#define GET_EVENTS(nexus, classes) SEND(nexus, 8, 0x4a, 1, 0, 0, (classes), 0, 0, 0, 8)
#define EJECT(nexus)               SEND(nexus, 0, 0x1b, 0, 0, 0, 0x02)
#define LOAD(nexus)                SEND(nexus, 0, 0x1b, 0, 0, 0, 0x03)

enum { OPERATIONAL = 0x02, POWER = 0x04, MEDIA = 0x10 }; /* GESN classes */
enum { NO_CHANGE = 0, EJECT_REQUEST = 1, NEW_MEDIA = 2, MEDIA_REMOVAL = 3 };

/* A media class reply with this event, and present (2) and door (1) as given. */
#define EXPECT_MEDIA(answer, event, status)                                                        \
	EXPECT_DATA((answer), 0, 6, 0x04, 0x16, (event), (status), 0, 0)

/* Past the dwell of a drive made by the fixtures. */
void wait_dwell(struct bench *bench);
