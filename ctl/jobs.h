/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of the daemon, for the commands that begin some. */
#pragma once

#include "cli.h"

/*
 * Waits for the end of a job, which it takes over, and prints what came of it. A daemon that is
 * started again goes on with its jobs: it is waited for.
 */
enum exit_code job_follow(const struct cli *cli, json_t *job);

/* The same, unless --no-wait: then it says how to wait. */
enum exit_code job_await(const struct cli *cli, json_t *job);

/* Of the job with this number. A daemon that is started again meanwhile is waited for. */
enum exit_code job_await_number(const struct cli *cli, long long id);

/*
 * Begins a job with a POST of `body` (borrowed) to `path`, and waits for its end, unless --no-wait:
 * a line on the terminal says how far it is. Ctrl-C leaves it to the daemon. Prints what came of
 * it.
 */
enum exit_code job_run(const struct cli *cli, const char *path, const json_t *body);
