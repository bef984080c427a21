/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_TARGET_H
#define HTTPD_TARGET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The request target: path and query, taken apart raw and decoded once, by us, because MHD's own
 * decoding loses %2F and cuts at %00. Pure functions.
 */
#define VOLUME_NAME_MAX 64
#define IMAGE_NAME_MAX	1024
#define QUERY_MAX	8 /* parameters in one request */

/* What the variable parts of a path mean; "" where the path has none. */
struct path {
	char volume[VOLUME_NAME_MAX + 1];
	char image[IMAGE_NAME_MAX + 1];
	char name[VOLUME_NAME_MAX + 1]; /* {problem} */
};

struct query {
	size_t count;
	struct {
		char *name, *value; /* decoded, in query->text */
	} parameters[QUERY_MAX];
	char *text;
};

/*
 * target_path() - where the path of @target begins: after scheme and authority, should it be in
 * absolute form (RFC 9112 section 3.2.2). @ret_length: up to the query.
 */
const char *target_path(const char *target, size_t *ret_length);

/*
 * path_matches() - does @path fit @template? `{image}` matches up to the end or the first "/-/",
 * any other `{name}` one piece.
 * @ret_path: the parts that the template names, decoded
 * @ret_why: what is wrong with such a part, NULL when nothing is (or nothing matches)
 */
bool path_matches(const char *template, const char *path, size_t length, struct path *ret_path,
		  const char **ret_why);

/*
 * query_parse() - take the query of @target apart. query_clear() frees it.
 * @allowed: names of the parameters, separated by blanks
 *
 * Return: 0; -EINVAL with @ret_why for bad coding, an unknown name, a name twice; -ENOMEM.
 */
int query_parse(const char *target, const char *allowed, struct query *ret_query,
		const char **ret_why);

/* query_clear() - free what query_parse() made; fine for a zeroed one. */
void query_clear(struct query *query);

/* query_value() - value of the parameter @name (borrows), or NULL. */
const char *query_value(const struct query *query, const char *name);

#endif
