/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For threads but the test's own, and programs without cmocka: its asserts leave by longjmp, which
 * no other thread may do.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)
