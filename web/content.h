/* SPDX-License-Identifier: Apache-2.0 */
/* The content of a disc as the answer to a request. */
#pragma once

#include "request.h"

/* Whole, in part, or not at all, as the conditions of the request have it. */
void answer_content(
	struct request *request, const struct library_content *content, struct answer *answer);
