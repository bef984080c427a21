/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_JSON_BODY_H
#define HTTPD_JSON_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "httpd/request.h"

/*
 * JSON bodies: an object with the members of a table and no others. The tables are also what the
 * OpenAPI document's schemas are checked against.
 */
#define MEMBER_TEXT_SIZE (IMAGE_NAME_MAX + 2) /* one byte more than a name may have */

enum member_kind {
	MEMBER_TEXT, /* char[MEMBER_TEXT_SIZE] at the offset; what is too long is cut, to be refused */
	MEMBER_BYTES,  /* uint64_t: an integer from 0 to 2^63 - 1 */
	MEMBER_BOOL,   /* bool */
	MEMBER_CHOICE, /* unsigned: index of the text in choices */
};

struct member {
	const char *name;
	enum member_kind kind;
	size_t offset; /* in the struct that is filled */
	bool required;
	const char *const *choices; /* NULL-terminated */
};

/* A table of members, ended by one without a name, and the schema that it stands for. */
struct body_schema {
	const char *schema; /* its name in the OpenAPI document */
	const struct member *members;
};

/* body_schemas() - all schemas of request bodies (static; ends with NULL), for the OpenAPI check. */
const struct body_schema *const *body_schemas(void);

/*
 * json_body_read() - fill @ret from the body of @rq; what the body does not name stays as it is.
 *
 * Return: true; false when the refusal, which names the member, is made (verdict: ANSWER). Nothing
 * of a refused body counts.
 */
bool json_body_read(struct request *rq, const struct body_schema *schema, void *ret);

struct create_body {
	char name[MEMBER_TEXT_SIZE];
	uint64_t size;
	unsigned preallocation; /* enum preallocation */
	bool parents, overwrite, round_up;
};

struct resize_body {
	uint64_t size;
	unsigned preallocation; /* enum preallocation */
	bool shrink, round_up;
};

struct rename_body {
	char name[MEMBER_TEXT_SIZE];
	bool overwrite;
};

struct reopen_body {
	unsigned mode;	/* enum image_mode */
	unsigned cache; /* enum image_cache */
};

struct range_body {
	uint64_t offset, length;
	bool unmap, flush;
};

extern const struct body_schema create_schema, resize_schema, rename_schema, reopen_schema,
	discard_schema, zero_schema;

#endif
