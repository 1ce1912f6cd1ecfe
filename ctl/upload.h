/* SPDX-License-Identifier: Apache-2.0 */
/* Images are sent to the daemon, piece by piece (tus 1.0.0). */
#pragma once

#include "cli.h"

/*
 * Sends a file, or stdin ("-"), and waits for the job that makes a medium of it, unless --no-wait.
 * A file of which a part was sent before is gone on with, as is one whose connection is lost.
 */
enum exit_code upload_file(const struct cli *cli, const char *file);
