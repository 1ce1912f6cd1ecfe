/* SPDX-License-Identifier: Apache-2.0 */
/* Types of cartridges, as drives know them. */
#pragma once

#include "ssc/native.h"

/*
 * What a new cartridge of this type ("LTO-8", in either case) is like: medium, density, medium
 * type, capacity and longest block are filled in, the rest is zero and the barcode "". INVALID:
 * there is no such type, and which there are is said.
 */
bool medium_describe(const char *type, struct native_create *ret, struct error *error);
