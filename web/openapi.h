/* SPDX-License-Identifier: Apache-2.0 */
/* The API as an OpenAPI 3.1 document, made of its own tables. */
#pragma once

#include <jansson.h>

#include "router.h"

/* "paths" of all routes. */
json_t *openapi_paths(void);

/* "components": schemas, a response for each status of a problem, headers, and who may ask. */
json_t *openapi_components(void);

/* One of those responses. */
json_t *openapi_problem(int status);

/* A new reference to the whole document. */
json_t *openapi_document(void);
