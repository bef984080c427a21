/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OpenAPI document against the tables that the server runs on, in both directions. */
#include "httpd/openapi_doc.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>

#include "httpd/json_body.h"
#include "httpd/problem.h"
#include "httpd/route.h"
#include "tests/lib/tap.h"
#include "uri/image_name.h"

#define REF_PREFIX "#/components/"

static json_t *document;

/* The member of @object that a path of names separated by blanks leads to, or NULL (borrowed). */
static json_t *get(json_t *object, const char *path)
{
	char name[128];
	int length;

	while (object && sscanf(path, " %127s%n", name, &length) == 1) {
		object = json_object_get(object, name);
		path += length;
	}
	return object;
}

/* What @value is, or what its $ref refers to (borrowed). */
static json_t *resolve(json_t *value)
{
	const char *ref = json_string_value(json_object_get(value, "$ref"));
	char kind[32], name[96];

	if (!ref)
		return value;
	if (sscanf(ref, REF_PREFIX "%31[^/]/%95s", kind, name) != 2)
		return NULL;
	return json_object_get(json_object_get(get(document, "components"), kind), name);
}

static bool array_has(json_t *array, const char *text)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
	{
		if (strcmp(json_string_value(item), text) == 0)
			return true;
	}
	return false;
}

static void lower(const char *text, char *ret_lower, size_t size)
{
	size_t i;

	for (i = 0; text[i] && i + 1 < size; i++)
		ret_lower[i] = (char)tolower((unsigned char)text[i]);
	ret_lower[i] = '\0';
}

static json_t *find_operation(const struct route *route)
{
	json_t *path = json_object_get(get(document, "paths"), route->template);
	char method[16];

	lower(route->method, method, sizeof(method));
	return json_object_get(path, method);
}

/* Whether the parameters of an operation, or those that its whole path has, include this one. */
static bool has_parameter(json_t *owner, const char *in, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(get(owner, "parameters"), i, item)
	{
		item = resolve(item);
		if (strcmp(json_string_value(get(item, "in")), in) == 0 &&
		    strcmp(json_string_value(get(item, "name")), name) == 0)
			return true;
	}
	return false;
}

static size_t count_query_parameters(json_t *operation)
{
	size_t i, count = 0;
	json_t *item;

	json_array_foreach(get(operation, "parameters"), i, item)
		count += strcmp(json_string_value(get(resolve(item), "in")), "query") == 0;
	return count;
}

static void check_query(const struct route *route, json_t *operation)
{
	char *names = strdup(route->query), *rest = names, *name;
	size_t count = 0;

	while ((name = strsep(&rest, " "))) {
		if (!*name)
			continue;
		OK(has_parameter(operation, "query", name), "%s: query parameter %s",
		   route->operation, name);
		count++;
	}
	IS_INT(count_query_parameters(operation), count, "%s: and no other", route->operation);
	free(names);
}

static void check_path_parameters(const struct route *route)
{
	json_t *path = json_object_get(get(document, "paths"), route->template);
	const char *p = route->template;
	char name[32];

	while ((p = strchr(p, '{'))) {
		if (sscanf(p++, "{%31[^}]}", name) == 1)
			OK(has_parameter(path, "path", name), "%s: path parameter %s",
			   route->operation, name);
	}
}

static void check_body(const struct route *route, json_t *operation)
{
	json_t *body = get(operation, "requestBody");
	json_t *schema = resolve(get(body, "content application/json schema"));

	if (route->body == BODY_NONE)
		OK(!body, "%s: no body", route->operation);
	if (route->body == BODY_RAW)
		OK(get(body, "content application/octet-stream"), "%s: raw body", route->operation);
	if (route->body == BODY_JSON) {
		IS_INT(json_is_true(get(body, "required")),
		       json_array_size(get(schema, "required")) > 0,
		       "%s: body required if a member is", route->operation);
		OK(json_is_false(get(schema, "additionalProperties")), "%s: no unknown members",
		   route->operation);
	}
}

static void check_statuses(const struct route *route, json_t *operation)
{
	json_t *responses = get(operation, "responses");
	char status[8];
	size_t count = 0;

	for (; count < ROUTE_STATUSES_MAX && route->statuses[count]; count++) {
		snprintf(status, sizeof(status), "%u", route->statuses[count]);
		OK(json_object_get(responses, status), "%s: documents %s", route->operation,
		   status);
	}
	OK(json_object_get(responses, "default"), "%s: says what else can happen",
	   route->operation);
	IS_INT(json_object_size(responses) - 1, count, "%s: documents no other status",
	       route->operation);
}

/* Every problem of an operation has a documented status, and every such status has a problem. */
static void check_problems(const char *id, json_t *operation)
{
	json_t *responses = get(operation, "responses"), *problems = get(operation, "x-problems");
	const struct problem_info *info;
	const char *key;
	json_t *value;
	char status[8];
	size_t i;

	json_array_foreach(problems, i, value)
	{
		info = problem_find(json_string_value(value));
		snprintf(status, sizeof(status), "%u", info ? info->status : 0);
		OK(info && json_object_get(responses, status), "%s: problem %s", id,
		   json_string_value(value));
	}
	json_object_foreach(responses, key, value)
	{
		bool explained = false;
		json_t *name;

		if (!get(resolve(value), "content application/problem+json") ||
		    strcmp(key, "default") == 0)
			continue;
		json_array_foreach(problems, i, name)
		{
			info = problem_find(json_string_value(name));
			explained |= info && info->status == strtoul(key, NULL, 10);
		}
		OK(explained, "%s: %s has a problem", id, key);
	}
}

static void check_rows(void)
{
	const struct route *routes;
	json_t *operation;
	size_t count;

	routes = route_table(&count);
	for (size_t i = 0; i < count; i++) {
		const struct route *route = &routes[i];

		operation = find_operation(route);
		if (!OK(operation, "%s: %s %s is documented", route->operation, route->method,
			route->template))
			continue;
		IS_STR(json_string_value(get(operation, "operationId")), route->operation,
		       "under its name");
		check_query(route, operation);
		check_path_parameters(route);
		check_body(route, operation);
		check_statuses(route, operation);
		check_problems(route->operation, operation);
	}
}

static bool is_served(const char *template, const char *method)
{
	const struct route *routes;
	char name[16];
	size_t count;

	routes = route_table(&count);
	for (size_t i = 0; i < count; i++) {
		lower(routes[i].method, name, sizeof(name));
		if (strcmp(routes[i].template, template) == 0 && strcmp(name, method) == 0)
			return true;
	}
	return false;
}

static void check_operations(void)
{
	const char *template, *method;
	json_t *path, *operation;

	json_object_foreach(get(document, "paths"), template, path)
	{
		json_object_foreach(path, method, operation)
		{
			if (strcmp(method, "parameters") != 0)
				OK(is_served(template, method), "%s %s is served", method,
				   template);
		}
	}
}

static bool is_used(const char *problem)
{
	const char *template, *method;
	json_t *path, *operation;

	json_object_foreach(get(document, "paths"), template, path)
	{
		json_object_foreach(path, method, operation)
		{
			if (array_has(get(operation, "x-problems"), problem))
				return true;
		}
	}
	return array_has(get(document, "x-problems"), problem);
}

static void check_problem_types(void)
{
	json_t *types = get(document, "components schemas Problem properties type enum");
	json_t *examples = get(document, "components examples");
	json_t *value;
	char type[96];

	IS_INT(json_array_size(types), PROBLEM_TYPES, "as many types as in the table");
	IS_INT(json_object_size(examples), PROBLEM_TYPES, "as many examples");
	for (enum problem_type i = 0; i < PROBLEM_TYPES; i++) {
		const struct problem_info *info = problem_info(i);

		snprintf(type, sizeof(type), "/problems/%s", info->name);
		value = get(json_object_get(examples, info->name), "value");
		OK(array_has(types, type), "%s is a type", type);
		OK(is_used(info->name), "something answers it");
		IS_STR(json_string_value(get(value, "type")), type, "its example");
		IS_STR(json_string_value(get(value, "title")), info->title, "with its title");
		IS_INT(json_integer_value(get(value, "status")), info->status, "and its status");
	}
}

static void check_limits(void)
{
	json_t *limits = get(document, "components schemas ImageName");

	IS_INT(json_integer_value(get(limits, "maxLength")), IMAGE_NAME_MAX, "length of a name");
	IS_STR(json_string_value(get(document, "info version")), GI_VERSION, "version");
}

static bool same_choices(json_t *values, const char *const *choices)
{
	size_t count = 0;

	for (; choices[count]; count++) {
		if (!array_has(values, choices[count]))
			return false;
	}
	return json_array_size(values) == count;
}

static bool same_type(json_t *property, const struct member *member)
{
	static const char *const types[] = {
		[MEMBER_TEXT] = "string",
		[MEMBER_BYTES] = "integer",
		[MEMBER_BOOL] = "boolean",
		[MEMBER_CHOICE] = "string",
	};
	const char *type = json_string_value(get(property, "type"));

	return type && strcmp(type, types[member->kind]) == 0 &&
	       (!member->choices || same_choices(get(property, "enum"), member->choices));
}

static void check_schema(const struct body_schema *body)
{
	json_t *schema = json_object_get(get(document, "components schemas"), body->schema);
	size_t count = 0, required = 0;

	for (const struct member *member = body->members; member->name; member++) {
		json_t *property = json_object_get(get(schema, "properties"), member->name);

		OK(same_type(resolve(property), member), "%s: member %s", body->schema,
		   member->name);
		IS_INT(array_has(get(schema, "required"), member->name), member->required,
		       "required or not");
		required += member->required;
		count++;
	}
	IS_INT(json_object_size(get(schema, "properties")), count, "%s: no other member",
	       body->schema);
	IS_INT(json_array_size(get(schema, "required")), required, "nor another required one");
}

/* Every $ref leads somewhere. */
static void check_references(json_t *value, unsigned int *broken)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_object(value) && !resolve(value))
		(*broken)++;
	json_object_foreach(value, key, item) check_references(item, broken);
	json_array_foreach(value, i, item) check_references(item, broken);
}

int main(void)
{
	unsigned int broken = 0;
	json_error_t error;

	document = json_loadb(openapi_doc, openapi_doc_size, JSON_REJECT_DUPLICATES, &error);
	if (!OK(document, "the document is JSON without duplicate members"))
		return tap_end();
	check_references(document, &broken);
	IS_INT(broken, 0, "no reference leads nowhere");
	check_rows();
	check_operations();
	check_problem_types();
	check_limits();
	for (const struct body_schema *const *body = body_schemas(); *body; body++)
		check_schema(*body);
	json_decref(document);
	return tap_end();
}
