/* SPDX-License-Identifier: Apache-2.0 */
#include <microhttpd.h>

#include "daemon/pools.h"
#include "json_shapes.h"
#include "router.h"
#include "routes.h"

void get_alive(struct request *request, struct answer *answer)
{
	answer_json(answer, MHD_HTTP_OK, json_pack("{s:b}", "alive", true));
}

/* The reasons are for operators: /api/v1/status. */
void get_ready(struct request *request, struct answer *answer)
{
	struct library_health health;
	library_health(request->library, &health);
	answer_json(answer, health.ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
		json_pack("{s:b}", "ready", health.ready));
}

static json_t *list_pools(struct library *library)
{
	struct library_pool pool;
	json_t *list = json_array();
	for (unsigned i = 0; library_pool_at(library, i, &pool); i++)
		json_array_append_new(
			list, json_pack("{s:o, s:s, s:o, s:o}", "path", shape_text(pool.path),
				      "watch", pool.watch, "reason", shape_optional(pool.reason),
				      "directories", shape_number(pool.directories)));
	return list;
}

void get_status(struct request *request, struct answer *answer)
{
	struct library_health health;
	library_health(request->library, &health);
	json_t *shape = shape_health(&health);
	if (shape) {
		json_object_set_new(
			shape, "certificate_expires", shape_moment(request->certificate_expires));
		json_object_set_new(shape, "pools", list_pools(request->library));
		json_object_set_new(shape, "pool_rescan_s",
			json_integer(library_pool_rescan(request->library)));
	}
	answer_json(answer, MHD_HTTP_OK, shape);
}

static json_t *list_query(const struct route *route)
{
	json_t *names = json_array();
	for (const char *const *name = route->query; name && *name; name++)
		json_array_append_new(names, json_string(*name));
	return names;
}

static json_t *list_members(const struct json_field *fields);

/* The members of an object are nested in it; those of a list's items are "items", else texts. */
static json_t *list_member(const struct json_field *field)
{
	json_t *member = json_pack(
		"{s:s, s:b}", "type", json_field_type(field), "required", field->required);
	if (field->fields)
		json_object_set_new(member, field->type == JSON_FIELD_LIST ? "items" : "members",
			list_members(field->fields));
	return member;
}

static json_t *list_members(const struct json_field *fields)
{
	json_t *members = json_object();
	for (; fields->name; fields++)
		json_object_set_new(members, fields->name, list_member(fields));
	return members;
}

static json_t *list_route(const struct route *route)
{
	json_t *row = json_pack("{s:s, s:s, s:s}", "method", route->method, "path", route->pattern,
		"summary", route->summary);
	if (route->query)
		json_object_set_new(row, "query", list_query(route));
	if (route->fields)
		json_object_set_new(row, "body", list_members(route->fields));
	return row;
}

void get_index(struct request *request, struct answer *answer)
{
	json_t *list = json_array();
	for (size_t i = 0; i < routes_count; i++)
		json_array_append_new(list, list_route(&routes[i]));
	answer_json(answer, MHD_HTTP_OK,
		json_pack("{s:s, s:o}", "version", CAROUSEL_VERSION, "routes", list));
}
