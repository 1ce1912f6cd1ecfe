/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648 4), with its padding. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How many bytes it is, decoded into ret[size]; 0 for what is broken or does not fit. */
size_t base64_decode(const char *text, uint8_t *ret, size_t size);
