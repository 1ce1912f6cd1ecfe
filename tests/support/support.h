/* SPDX-License-Identifier: Apache-2.0 */
/* What every cmocka program includes first. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
