/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/*
 * The target of a request, RFC 9112 3.2: a path, or "http://host/path" as proxies are asked, whose
 * authority counts and not the header Host (3.2.2); NULL when there is none. Both are the caller's
 * to free, also after false: no memory.
 */
bool target_read(const char *target, char **ret_path, char **ret_authority);
