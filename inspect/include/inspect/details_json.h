/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Details as JSON, in the shape that the catalog keeps and the API gives. What is not there is left
 * out: no "udf" without such a volume, no "expires" without such a time, no text that is empty.
 *
 *	{"file_bytes": 659554304, "iso9660": {"volume_id": "Debian 12.8.0 amd64 n", "bytes": …,
 *	 "created": 1731153849, "rock_ridge": true, "joliet": 3, …},
 *	 "udf": {"volume_id": "…", "revision": "1.02", "bytes": …},
 *	 "partitions": {"isohybrid": true, "gpt": true, …},
 *	 "boot": {"targets": ["BIOS", "UEFI x64"], "entries": 2, "catalog": [{"platform": "bios",
 *	  "bootable": true, "emulation": "none", "block": 1547, "sectors": 4}, …]},
 *	 "os": {"id": "debian12", "name": "Debian 12", "version": "12.8.0", "architecture":
 *"x86_64", "variant": "netinst", "installer": true, "confidence": "certain", "evidence":
 *"disk-info"}}
 *
 * Booleans that are false are left out too. Platforms and emulations without a name are numbers.
 */
#pragma once

#include <jansson.h>

#include "inspect/details.h"

/* A new object; NULL when there is no memory. */
json_t *image_details_to_json(const struct image_details *details);
/*
 * The other way. Unknown members are passed over, and so are those of a wrong type or beyond their
 * range; text is cut to what a field holds. False when `json` is no object.
 */
bool image_details_from_json(const json_t *json, struct image_details *ret);
