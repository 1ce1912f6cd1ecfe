/* SPDX-License-Identifier: Apache-2.0 */
/* Words of labels and file names: architectures and variants. */
#pragma once

#include "inspect/details.h"

/* "amd64" or "X64FRE" to "x86_64"; NULL: it is none. */
const char *os_architecture(const char *word, size_t length);
/*
 * What words in the text say of architecture, variant and live system; what is known already
 * stays.
 */
void os_scan_words(const char *text, struct os_details *os);
