/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions of a request that changes something (RFC 9110 13.1): whoever sends one does not want
 * it done otherwise, so that none is passed over. Routes that go by If-Match look at it themselves.
 */
#pragma once

#include <stdbool.h>

struct error;
struct request;

/* CHANGED_MEANWHILE: an ETag, where nothing has one. INVALID: If-None-Match, which is for reading.
 */
bool conditions_judge(const struct request *request, struct error *error);
