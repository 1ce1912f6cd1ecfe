/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon from its start to its end: puts the rooms together, waits for a signal, takes them
 * apart. */
#pragma once

#include <stdbool.h>

enum { SERVE_MISCONFIGURED = 2 }; /* an exit status, as EXIT_SUCCESS and EXIT_FAILURE are */

struct serve_options {
	const char *config_path; /* NULL: all as by default */
	bool kernel_target;
};

/* Until SIGTERM or SIGINT; SIGHUP has the configuration read again. What is wrong is in the log. */
int serve(const struct serve_options *options);
