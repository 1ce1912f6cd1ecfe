/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid(const char *text);

/* Copies `text`, each wrong byte replaced by U+FFFD. The caller frees it; NULL without memory. */
char *utf8_repair(const char *text);
