/* SPDX-License-Identifier: Apache-2.0 */
#include "openapi.h"

#include <ctype.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "daemon/keys.h"
#include "described.h"
#include "schema.h"

/* ---- parameters ---------------------------------------------------------------------------- */

static json_t *parameter(const char *name, const char *in, const char *meaning, json_t *schema)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", name, "in", in, "required",
		!strcmp(in, "path"), "description", meaning, "schema", schema);
}

static json_t *number_schema(const struct described_parameter *described)
{
	json_t *schema = json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
		(json_int_t)described->least, "maximum", (json_int_t)described->most);
	if (described->preset)
		json_object_set_new(schema, "default", json_integer((json_int_t)described->preset));
	return schema;
}

static json_t *word_schema(const char *words)
{
	json_t *list = json_array();
	for (size_t length; *words; words += length + !!words[length]) {
		length = strcspn(words, "|");
		json_array_append_new(list, json_stringn(words, length));
	}
	return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

static json_t *query_schema(const struct described_parameter *described)
{
	if (described->most)
		return number_schema(described);
	if (described->words)
		return word_schema(described->words);
	if (described->digest)
		return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9a-f]{64}$");
	return json_pack("{s:s, s:i}", "type", "string", "maxLength", LIBRARY_TEXT_MAX - 1);
}

static void add_query(const struct route *route, json_t *list)
{
	for (const char *const *name = route->query; name && *name; name++) {
		const struct described_parameter *described =
			described_parameter_find(route, *name);
		if (described)
			json_array_append_new(list, parameter(*name, "query", described->meaning,
							    query_schema(described)));
	}
}

static bool takes_key(const struct route *route)
{
	return !strcmp(route->method, "POST") && route->fields && !route->secret;
}

static bool waits_for_job(const struct route *route, const struct described *described)
{
	const char *schema = described->successes[0].schema;
	return strcmp(route->method, "DELETE") && schema && !strcmp(schema, "Job");
}

static json_t *list_parameters(const struct route *route, const struct described *described)
{
	json_t *list = json_array();
	if (strstr(route->pattern, "{id}"))
		json_array_append_new(
			list, parameter("id", "path", "its name, percent-encoded",
				      json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", 1,
					      "maxLength", LIBRARY_ID_MAX - 1)));
	add_query(route, list);
	if (takes_key(route))
		json_array_append_new(
			list, parameter("Idempotency-Key", "header",
				      "the same of each repetition: done once, answered again",
				      json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", 1,
					      "maxLength", LIBRARY_KEY_MAX - 1)));
	if (waits_for_job(route, described))
		json_array_append_new(list,
			parameter("Prefer", "header",
				"wait=SECONDS: answered when the job has ended, or after so long",
				json_pack("{s:s}", "type", "string")));
	if (described->condition)
		json_array_append_new(
			list, parameter(described->condition, "header", "an ETag, or *",
				      json_pack("{s:s}", "type", "string")));
	return list;
}

/* ---- answers ------------------------------------------------------------------------------- */

/* A list whose answer says what is on the next page has its address in Link. */
static bool has_pages(const char *name)
{
	const struct schema *schema = schema_find(name);
	for (const struct schema_member *member = schema ? schema->members : NULL;
		member && member->name; member++)
		if (!strcmp(member->name, "next"))
			return true;
	return false;
}

static void add_header(json_t *headers, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "#/components/headers/%s", name);
	json_object_set_new(headers, name, json_pack("{s:s}", "$ref", path));
}

static json_t *list_headers(int status, const char *schema)
{
	json_t *headers = json_object();
	bool made = status == MHD_HTTP_CREATED && strcmp(schema, "TapesMade") != 0;
	if (made || status == MHD_HTTP_ACCEPTED)
		add_header(headers, "Location");
	if (status == MHD_HTTP_NOT_MODIFIED || (schema && !strcmp(schema, "Bytes")) ||
		(schema && !strncmp(schema, "Medium|", 7)) || (schema && !strcmp(schema, "Medium")))
		add_header(headers, "ETag");
	if (schema && has_pages(schema))
		add_header(headers, "Link");
	return headers;
}

static json_t *content(const char *type, json_t *schema)
{
	return json_pack("{s:{s:o}}", type, "schema", schema);
}

static json_t *success(const struct described *described, int status, const char *schema)
{
	const char *type = described->content ? described->content : "application/json";
	json_t *response =
		json_pack("{s:s}", "description", MHD_get_reason_phrase_for((unsigned)status));
	json_t *headers = list_headers(status, schema);
	if (schema && (!strcmp(schema, "Text") || !strcmp(schema, "Bytes")))
		json_object_set_new(
			response, "content", content(type, json_pack("{s:s}", "type", "string")));
	else if (schema)
		json_object_set_new(response, "content", content(type, schema_reference(schema)));
	if (json_object_size(headers))
		json_object_set(response, "headers", headers);
	json_decref(headers);
	return response;
}

static void set_response(json_t *responses, int status, json_t *response)
{
	char key[16];
	snprintf(key, sizeof key, "%d", status);
	json_object_set_new(responses, key, response);
}

/* The file of a medium, which may not be what it was. */
static bool is_file(const struct described *described)
{
	const char *schema = described->successes[0].schema;
	return schema && !strcmp(schema, "Bytes");
}

/* Statuses that a whole kind of route can have. */
static bool can_refuse(const struct route *route, const struct described *described, int status)
{
	bool reads = !strcmp(route->method, "GET");
	switch (status) {
	case 401:
	case 403:
	case 429:
		return route->scope != SCOPE_PUBLIC;
	case 404:
		return strstr(route->pattern, "{id}") || route->fields;
	case 409:
	case 422:
		return !reads || is_file(described);
	case 410:
		return !strcmp(route->pattern, "/api/v1/uploads/{id}");
	case 507:
		return !reads;
	case 412:
		return is_file(described) || !reads;
	case 413:
	case 415:
		return route->fields || route->receive;
	case 460:
		return route->receive;
	case 416:
		return is_file(described);
	case 405: /* is of no route */
		return false;
	}
	return true;
}

static void add_problems(
	const struct route *route, const struct described *described, json_t *responses)
{
	for (int status = 400; status < 600; status++) {
		json_t *problem =
			can_refuse(route, described, status) ? openapi_problem(status) : NULL;
		if (problem)
			set_response(responses, status, problem);
	}
}

/* Not being ready is an answer of /readyz, beside the refusal that has its status. */
static void add_success(const struct described *described, size_t i, json_t *responses)
{
	int status = described->successes[i].status;
	json_t *response = success(described, status, described->successes[i].schema);
	if (status >= 400)
		json_object_set_new(json_object_get(response, "content"),
			"application/problem+json",
			json_pack("{s:o}", "schema", schema_reference("Problem")));
	set_response(responses, status, response);
}

static json_t *list_responses(const struct route *route, const struct described *described)
{
	json_t *responses = json_object();
	add_problems(route, described, responses);
	for (size_t i = 0; i < SUCCESSES_MAX && described->successes[i].status; i++)
		add_success(described, i, responses);
	return responses;
}

/* ---- operations ---------------------------------------------------------------------------- */

/* "drives" of /api/v1/drives/{id}; what is not of the library is "service". */
static json_t *tag(const struct route *route)
{
	static const char prefix[] = "/api/v1/";
	const char *at = route->pattern + strlen(prefix);
	if (strncmp(route->pattern, prefix, strlen(prefix)) != 0)
		return json_string("service");
	return json_stringn(at, strcspn(at, "/"));
}

static json_t *security(const struct route *route)
{
	return route->scope == SCOPE_PUBLIC ? json_array() : json_pack("[{s:[]}]", "bearer");
}

static json_t *operation(const struct route *route, const struct described *described)
{
	json_t *operation = json_pack("{s:s, s:s, s:[o], s:s, s:o, s:o, s:o}", "operationId",
		described->operation, "summary", route->summary, "tags", tag(route), "x-scope",
		scope_text(route->scope), "security", security(route), "parameters",
		list_parameters(route, described), "responses", list_responses(route, described));
	if (operation && route->fields)
		json_object_set_new(operation, "requestBody",
			json_pack("{s:b, s:o}", "required", true, "content",
				content("application/json", schema_of_body(route->fields))));
	if (operation && route->receive)
		json_object_set_new(operation, "requestBody",
			json_pack("{s:b, s:o}", "required", false, "content",
				content("application/offset+octet-stream", json_object())));
	return operation;
}

static void add_operation(json_t *paths, const struct route *route)
{
	const struct described *described = described_find(route);
	char method[8] = "";
	if (!described)
		return;
	for (size_t i = 0; route->method[i] && i < sizeof method - 1; i++)
		method[i] = (char)tolower(route->method[i]);
	json_t *path = json_object_get(paths, route->pattern);
	if (!path) {
		path = json_object();
		json_object_set_new(paths, route->pattern, path);
	}
	json_object_set_new(path, method, operation(route, described));
}

json_t *openapi_paths(void)
{
	json_t *paths = json_object();
	for (size_t i = 0; i < routes_count; i++)
		add_operation(paths, &routes[i]);
	return paths;
}
