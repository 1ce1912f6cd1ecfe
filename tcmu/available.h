/* SPDX-License-Identifier: Apache-2.0 */
/* tcmu_available over any tree, see tcmu/transport.h. */
#pragma once

#include <stdbool.h>

#include "configfs.h"
#include "util/error.h"

bool available_check(const struct configfs *fs, struct error *error);
/* tcmu_iscsi_available, see tcmu/iscsi_target.h. */
bool available_check_iscsi(const struct configfs *fs, struct error *error);
