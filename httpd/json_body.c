/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/json_body.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "httpd/reply.h"

/* In the order of enum preallocation, enum image_mode and enum image_cache. */
static const char *const preallocations[] = { "off", "falloc", "full", NULL };
static const char *const modes[] = { "auto", "ro", "rw", NULL };
static const char *const caches[] = { "strict", "writeback", "none", NULL };

#define AT(type, member) offsetof(struct type, member)

static const struct member create_members[] = {
	{ "name", MEMBER_TEXT, AT(create_body, name), true, NULL },
	{ "size", MEMBER_BYTES, AT(create_body, size), true, NULL },
	{ "preallocation", MEMBER_CHOICE, AT(create_body, preallocation), false, preallocations },
	{ "parents", MEMBER_BOOL, AT(create_body, parents), false, NULL },
	{ "overwrite", MEMBER_BOOL, AT(create_body, overwrite), false, NULL },
	{ "round_up", MEMBER_BOOL, AT(create_body, round_up), false, NULL },
	{ .name = NULL },
};

static const struct member resize_members[] = {
	{ "size", MEMBER_BYTES, AT(resize_body, size), true, NULL },
	{ "preallocation", MEMBER_CHOICE, AT(resize_body, preallocation), false, preallocations },
	{ "shrink", MEMBER_BOOL, AT(resize_body, shrink), false, NULL },
	{ "round_up", MEMBER_BOOL, AT(resize_body, round_up), false, NULL },
	{ .name = NULL },
};

static const struct member rename_members[] = {
	{ "name", MEMBER_TEXT, AT(rename_body, name), true, NULL },
	{ "overwrite", MEMBER_BOOL, AT(rename_body, overwrite), false, NULL },
	{ .name = NULL },
};

static const struct member reopen_members[] = {
	{ "mode", MEMBER_CHOICE, AT(reopen_body, mode), false, modes },
	{ "cache", MEMBER_CHOICE, AT(reopen_body, cache), false, caches },
	{ .name = NULL },
};

static const struct member discard_members[] = {
	{ "offset", MEMBER_BYTES, AT(range_body, offset), true, NULL },
	{ "length", MEMBER_BYTES, AT(range_body, length), true, NULL },
	{ "flush", MEMBER_BOOL, AT(range_body, flush), false, NULL },
	{ .name = NULL },
};

static const struct member zero_members[] = {
	{ "offset", MEMBER_BYTES, AT(range_body, offset), true, NULL },
	{ "length", MEMBER_BYTES, AT(range_body, length), true, NULL },
	{ "unmap", MEMBER_BOOL, AT(range_body, unmap), false, NULL },
	{ "flush", MEMBER_BOOL, AT(range_body, flush), false, NULL },
	{ .name = NULL },
};

const struct body_schema create_schema = { "Create", create_members };
const struct body_schema resize_schema = { "Resize", resize_members };
const struct body_schema rename_schema = { "Rename", rename_members };
const struct body_schema reopen_schema = { "Reopen", reopen_members };
const struct body_schema discard_schema = { "Discard", discard_members };
const struct body_schema zero_schema = { "Zero", zero_members };

const struct body_schema *const *body_schemas(void)
{
	static const struct body_schema *const all[] = { &create_schema,
							 &resize_schema,
							 &rename_schema,
							 &reopen_schema,
							 &discard_schema,
							 &zero_schema,
							 NULL };

	return all;
}

/* Store @value for @member in @ret; NULL, or what the value should have been. */
static const char *member_store(const struct member *member, const json_t *value, void *ret)
{
	void *place = (char *)ret + member->offset;

	switch (member->kind) {
	case MEMBER_TEXT:
		if (!json_is_string(value))
			return "a text";
		snprintf(place, MEMBER_TEXT_SIZE, "%s", json_string_value(value));
		return NULL;
	case MEMBER_BYTES:
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return "an integer from 0 to 9223372036854775807";
		*(uint64_t *)place = (uint64_t)json_integer_value(value);
		return NULL;
	case MEMBER_BOOL:
		if (!json_is_boolean(value))
			return "true or false";
		*(bool *)place = json_is_true(value);
		return NULL;
	case MEMBER_CHOICE:
		for (unsigned i = 0; json_is_string(value) && member->choices[i]; i++)
			if (!strcmp(member->choices[i], json_string_value(value))) {
				*(unsigned *)place = i;
				return NULL;
			}
		return "one of the known words";
	}
	return "something else";
}

static const struct member *member_find(const struct member *members, const char *name)
{
	for (; members->name; members++)
		if (!strcmp(members->name, name))
			return members;
	return NULL;
}

/* "off, falloc, full" for a detail. */
static void choices_text(const struct member *member, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (const char *const *choice = member->choices; choice && *choice && length < size;
	     choice++)
		length += (size_t)snprintf(text + length, size - length, "%s%s",
					   choice == member->choices ? ": " : ", ", *choice);
}

/* Take over the members of @root; false when one was refused. */
static bool members_read(struct request *rq, const struct body_schema *schema, json_t *root,
			 void *ret)
{
	const char *name, *expected;
	char choices[64];
	json_t *value;

	json_object_foreach(root, name, value)
	{
		const struct member *member = member_find(schema->members, name);

		if (!member) {
			reply_refuse(rq, PROBLEM_INVALID_JSON, name, "Unknown member \"%s\".",
				     name);
			return false;
		}
		expected = member_store(member, value, ret);
		if (expected) {
			choices_text(member, choices, sizeof(choices));
			reply_refuse(rq, PROBLEM_INVALID_JSON, name, "\"%s\" must be %s%s.", name,
				     expected, choices);
			return false;
		}
	}
	for (const struct member *member = schema->members; member->name; member++)
		if (member->required && !json_object_get(root, member->name)) {
			reply_refuse(rq, PROBLEM_INVALID_JSON, member->name,
				     "The member \"%s\" is missing.", member->name);
			return false;
		}
	return true;
}

bool json_body_read(struct request *rq, const struct body_schema *schema, void *ret)
{
	json_error_t error = { .line = 0 };
	json_t *root = json_loadb(rq->json ? rq->json : "", rq->json_size, JSON_REJECT_DUPLICATES,
				  &error);
	bool good = false;

	if (!root)
		reply_refuse(rq, PROBLEM_INVALID_JSON, NULL, "Line %d, column %d: %s.", error.line,
			     error.column, error.text);
	else if (!json_is_object(root))
		reply_refuse(rq, PROBLEM_INVALID_JSON, NULL, "The body must be a JSON object.");
	else
		good = members_read(rq, schema, root, ret);
	json_decref(root);
	return good;
}
