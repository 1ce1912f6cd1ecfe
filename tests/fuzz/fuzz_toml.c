/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of descriptions of a library: any bytes are a table or an error that says where. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error;
	json_t *root = toml_parse((const char *)data, size, &error);
	if (!root && strncmp(error.sentence, "line ", 5) != 0)
		abort();
	if (root && !json_is_object(root))
		abort();
	json_decref(root);
	return 0;
}
