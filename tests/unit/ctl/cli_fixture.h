/* SPDX-License-Identifier: Apache-2.0 */
/* The real command line, run against the real server in front of the fake library. */
#pragma once

#include "web_fixture.h"

struct ran {
	int exit;
	char out[1 << 20];
	char err[1 << 14];
};

/*
 * Runs `carousel ARGUMENTS` through the shell; CAROUSEL_SOCKET… are not set, --socket is added.
 * stdin is empty unless the arguments redirect it. `environment` is put in front, "NAME=value "; ""
 * for none.
 */
void run_carousel(const struct fixture *fixture, const char *environment, const char *arguments,
	struct ran *ret);

/* The same without --socket. */
void run_bare(const char *environment, const char *arguments, struct ran *ret);
