/* SPDX-License-Identifier: Apache-2.0 */
#include "openapi.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "routes.h"
#include "schema.h"

static const char description[] =
	"Operates a Carousel library. On the unix socket callers are known by their credentials "
	"and send no token; over TCP they send a bearer token, which has to have at least the "
	"scope that x-scope names. HEAD works wherever GET does. The manual is carousel-api(7).";

/* ---- problems ------------------------------------------------------------------------------ */

#define CODE(symbol, name, status) symbol,
static const enum error_code all_codes[] = {ERROR_CODES(CODE)};
#undef CODE

/* The codes of a status. */
static json_t *list_codes(int status)
{
	json_t *codes = json_array();
	for (size_t i = 0; i < sizeof all_codes / sizeof *all_codes; i++)
		if (error_http_status(all_codes[i]) == status)
			json_array_append_new(codes, json_string(error_code_name(all_codes[i])));
	return codes;
}

static bool has_problem(int status)
{
	json_t *codes = list_codes(status);
	size_t count = json_array_size(codes);
	json_decref(codes);
	return count;
}

json_t *openapi_problem(int status)
{
	char path[64];
	snprintf(path, sizeof path, "#/components/responses/Problem%d", status);
	return has_problem(status) ? json_pack("{s:s}", "$ref", path) : NULL;
}

static json_t *header_reference(const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "#/components/headers/%s", name);
	return json_pack("{s:{s:s}}", name, "$ref", path);
}

/* What a refusal brings beside its body. */
static const char *header_of(int status)
{
	return status == MHD_HTTP_UNAUTHORIZED         ? "WWW-Authenticate"
	       : status == MHD_HTTP_METHOD_NOT_ALLOWED ? "Allow"
						       : NULL;
}

static json_t *problem(int status)
{
	json_t *narrowed = json_pack("{s:{s:{s:i}, s:{s:o}}}", "properties", "status", "const",
		status, "code", "enum", list_codes(status));
	json_t *schema = json_pack("{s:[o, o]}", "allOf", schema_reference("Problem"), narrowed);
	json_t *response = json_pack("{s:s, s:{s:{s:o}}}", "description",
		MHD_get_reason_phrase_for((unsigned)status), "content", "application/problem+json",
		"schema", schema);
	if (response && header_of(status))
		json_object_set_new(response, "headers", header_reference(header_of(status)));
	return response;
}

static json_t *list_problems(void)
{
	json_t *responses = json_object();
	for (int status = 400; status < 600; status++) {
		char name[16];
		if (!has_problem(status))
			continue;
		snprintf(name, sizeof name, "Problem%d", status);
		json_object_set_new(responses, name, problem(status));
	}
	return responses;
}

/* ---- the rest ------------------------------------------------------------------------------ */

static json_t *header(const char *meaning)
{
	return json_pack("{s:s, s:{s:s}}", "description", meaning, "schema", "type", "string");
}

static json_t *list_headers(void)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "Location",
		header("the path of what was made"), "Link",
		header("the address of the next page, rel=\"next\"; absent on the last one"),
		"ETag", header("the version of the medium, for If-Match and If-None-Match"),
		"Allow", header("the methods that the path takes"), "WWW-Authenticate",
		header("how to say who asks"));
}

static json_t *list_security(void)
{
	return json_pack("{s:{s:s, s:s, s:s}}", "bearer", "type", "http", "scheme", "bearer",
		"description",
		"Over TCP: the token of the token file, or one of POST /api/v1/tokens, whose scope "
		"is read, load or admin. On the unix socket none is sent: callers are known by "
		"their credentials, and have the scope admin.");
}

json_t *openapi_components(void)
{
	json_t *schemas = schema_components();
	json_object_set_new(schemas, "Description", json_pack("{s:s}", "type", "object"));
	return json_pack("{s:o, s:o, s:o, s:o}", "schemas", schemas, "responses", list_problems(),
		"headers", list_headers(), "securitySchemes", list_security());
}

json_t *openapi_document(void)
{
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:o, s:o}",
		"openapi", "3.1.0", "jsonSchemaDialect",
		"https://json-schema.org/draft/2020-12/schema", "info", "title", "Carousel",
		"version", CAROUSEL_VERSION, "description", description, "license", "name",
		"Apache License 2.0", "identifier", "Apache-2.0", "servers", "url", "/", "paths",
		openapi_paths(), "components", openapi_components());
}

void get_openapi(struct request *request, struct answer *answer)
{
	answer_json(answer, MHD_HTTP_OK, openapi_document());
}
