/* SPDX-License-Identifier: Apache-2.0 */
/* The file for carousel apply that says what a library is now, on stdout. */
#pragma once

#include "cli.h"

enum exit_code describe_library(const struct cli *cli);
