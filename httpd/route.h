/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_ROUTE_H
#define HTTPD_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "httpd/request.h"

/*
 * The route table: one row for each operation of the OpenAPI document. Dispatch, 405 and Allow, the
 * access log and the check against the document read it. A new endpoint is a row, its steps, its
 * entry in the document, and its test.
 */
enum body_kind {
	BODY_NONE, /* a small body is read and ignored */
	BODY_JSON, /* read whole before the first step, at most JSON_BODY_MAX */
	BODY_RAW,  /* the first steps run on the headers, the body is streamed */
};

#define JSON_BODY_MAX	   65536
#define ROUTE_STATUSES_MAX 24

struct route {
	const char *operation; /* operationId */
	const char *method;
	const char *template; /* see path_matches() */
	enum body_kind body;
	step_fn *start;
	const char *query;		       /* names of the parameters, separated by blanks */
	uint16_t statuses[ROUTE_STATUSES_MAX]; /* what the operation may answer, 0 ends */
};

/* route_table() - all rows (static). */
const struct route *route_table(size_t *ret_count);

/* The result of route_find(). */
enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/*
 * route_find() - the row for @method on @path. HEAD finds the row of GET if it has none of its own.
 * @ret_path, @ret_why: as of path_matches(); set on ROUTE_FOUND and ROUTE_NO_METHOD
 * @ret_route: on ROUTE_FOUND the row, on ROUTE_NO_METHOD any row of that path
 */
enum route_match route_find(const char *method, const char *path, size_t length,
			    const struct route **ret_route, struct path *ret_path,
			    const char **ret_why);

/* route_allow() - the Allow header for the path of @route. */
void route_allow(const struct route *route, char *allow, size_t size);

#endif
