/* SPDX-License-Identifier: Apache-2.0 */
/* The image formats, one file each. */
#pragma once

#include "mmc/disc.h"

extern const struct image_format image_format_iso;
