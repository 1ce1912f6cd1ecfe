/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about the files of cartridges share. */
#pragma once

#include "cli.h"
#include "ssc/native.h"

/* Complains; returns what the program exits with. */
enum exit_code tape_fail(const struct error *error);

/*
 * What a new cartridge shall be like, by --type (LTO-8 when it is not given), --barcode and
 * --capacity. Otherwise it has complained.
 */
enum exit_code tape_options(const struct cli *cli, struct native_create *ret);
