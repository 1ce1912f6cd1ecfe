/* SPDX-License-Identifier: Apache-2.0 */
/* The security stage of a login: AuthMethod and CHAP (RFC 7143 6.3.2, 12.1). */
#pragma once

#include "login.h"

bool login_is_security_key(const char *key);
/* Looks at the security keys of login->text. */
enum portal_status login_security(struct login *login, struct text_writer *answer);
