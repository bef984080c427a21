/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Request targets: paths against templates, names, queries; and the route table's choice. */
#include <errno.h>
#include <string.h>

#include "httpd/route.h"
#include "httpd/target.h"
#include "tests/lib/tap.h"

#define DATA  "/v1/volumes/{volume}/images/{image}/-/data"
#define IMAGE "/v1/volumes/{volume}/images/{image}"

/* A path that matches a template, and the image's name it means; NULL: it is refused. */
static const struct {
	const char *template, *path, *image;
} names[] = {
	{ DATA, "/v1/volumes/vm/images/a.img/-/data", "a.img" },
	{ DATA, "/v1/volumes/vm/images/dir%2Fa.img/-/data", "dir/a.img" },
	{ DATA, "/v1/volumes/vm/images/dir/a.img/-/data", "dir/a.img" },
	{ IMAGE, "/v1/volumes/vm/images/dir/-x", "dir/-x" },
	{ IMAGE, "/v1/volumes/vm/images/a%25b", "a%b" },
	{ IMAGE, "/v1/volumes/vm/images/a+b", "a+b" },
	{ IMAGE, "/v1/volumes/vm/images/a%252Fb", "a%2Fb" },
	{ IMAGE, "/v1/volumes/vm/images/a//b", NULL },
	{ IMAGE, "/v1/volumes/vm/images/a/", NULL },
	{ IMAGE, "/v1/volumes/vm/images/%2Fa", NULL },
	{ IMAGE, "/v1/volumes/vm/images/a%2F..%2Fb", NULL },
	{ IMAGE, "/v1/volumes/vm/images/%2e%2e", NULL },
	{ IMAGE, "/v1/volumes/vm/images/a%00b", NULL },
	{ IMAGE, "/v1/volumes/vm/images/a%0Ab", NULL },
	{ IMAGE, "/v1/volumes/vm/images/a%zz", NULL },
	{ IMAGE, "/v1/volumes/vm/images/%ff", NULL },
	{ IMAGE, "/v1/volumes/vm/images/a%2F-%2Fdata", NULL },
	{ IMAGE, "/v1/volumes/v%2Fm/images/a", NULL },
	{ IMAGE, "/v1/volumes/.hidden/images/a", NULL },
};

static void test_names(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct path path;
		const char *why = NULL;

		OK(path_matches(names[i].template, names[i].path, strlen(names[i].path), &path,
				&why),
		   "%s matches", names[i].path);
		OK(!names[i].image == !!why, "%s is %s", names[i].path,
		   names[i].image ? "taken" : "refused");
		if (names[i].image)
			IS_STR(path.image, names[i].image, "%s: the name", names[i].path);
	}
}

/* What the route table makes of a method and a path. */
static const struct {
	const char *method, *path;
	enum route_match match;
	const char *operation;
} routes[] = {
	{ "GET", "/v1/volumes", ROUTE_FOUND, "listVolumes" },
	{ "GET", "/v1/volumes/", ROUTE_NO_PATH, NULL },
	{ "GET", "/v1/volumes/vm/images", ROUTE_FOUND, "listImages" },
	{ "POST", "/v1/volumes/vm/images", ROUTE_FOUND, "createImage" },
	{ "DELETE", "/v1/volumes/vm/images/a/b", ROUTE_FOUND, "deleteImage" },
	{ "DELETE", "/v1/volumes/vm/images/a/b/-/data", ROUTE_FOUND, "discardData" },
	{ "DELETE", "/v1/volumes/vm/images/a/-/dat", ROUTE_NO_PATH, NULL },
	{ "DELETE", "/v1/volumes/vm/images/a/-/", ROUTE_NO_PATH, NULL },
	{ "DELETE", "/v1/volumes/vm/images/a/-", ROUTE_NO_PATH, NULL },
	{ "HEAD", "/v1/volumes/vm/images/a", ROUTE_FOUND, "getImage" },
	{ "HEAD", "/v1/volumes/vm/images/a/-/data", ROUTE_FOUND, "headData" },
	{ "PATCH", "/v1/volumes/vm/images/a/-/data", ROUTE_NO_METHOD, NULL },
	{ "get", "/v1/volumes", ROUTE_NO_METHOD, NULL },
	{ "GET", "/", ROUTE_NO_PATH, NULL },
	{ "GET", "*", ROUTE_NO_PATH, NULL },
};

static void test_routes(void)
{
	const struct route *route;
	struct path path;
	const char *why;
	char allow[128];

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		enum route_match match = route_find(routes[i].method, routes[i].path,
						    strlen(routes[i].path), &route, &path, &why);

		IS_INT(match, routes[i].match, "%s %s", routes[i].method, routes[i].path);
		if (match == ROUTE_FOUND)
			IS_STR(route->operation, routes[i].operation, "%s %s: operation",
			       routes[i].method, routes[i].path);
	}
	route_find("PATCH", "/v1/volumes/vm/images/a/-/data", 30, &route, &path, &why);
	route_allow(route, allow, sizeof(allow));
	IS_STR(allow, "GET, HEAD, PUT, DELETE, OPTIONS", "Allow of data");
}

static void test_targets(void)
{
	size_t length;

	IS_STR(target_path("http://host:80/livez?x=1", &length), "/livez?x=1", "absolute form");
	IS_INT(length, 6, "its path ends at the query");
	IS_STR(target_path("HTTPS://host", &length), "", "absolute form without a path");
	IS_STR(target_path("/a/http://b", &length), "/a/http://b", "origin form");
}

static const struct {
	const char *target, *allowed;
	int result;
	const char *name, *value;
} queries[] = {
	{ "/x", "a", 0, "a", NULL },
	{ "/x?", "a", 0, "a", NULL },
	{ "/x?a=1", "a b", 0, "a", "1" },
	{ "/x?b=1&a=%2F+", "a b", 0, "a", "/+" },
	{ "/x?a", "a", 0, "a", "" },
	{ "/x?&a=1&", "a", 0, "a", "1" },
	{ "/x?a=1&a=2", "a", -EINVAL, NULL, NULL },
	{ "/x?c=1", "a b", -EINVAL, NULL, NULL },
	{ "/x?x", "prefix after", -EINVAL, NULL, NULL },
	{ "/x?=1", "a", -EINVAL, NULL, NULL },
	{ "/x?a=%00", "a", -EINVAL, NULL, NULL },
	{ "/x?a=%f", "a", -EINVAL, NULL, NULL },
	{ "/x?a=%ff", "a", -EINVAL, NULL, NULL },
	{ "/x?a=1", "", -EINVAL, NULL, NULL },
};

static void test_queries(void)
{
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct query query = { .count = 0 };
		const char *why = NULL;

		IS_INT(query_parse(queries[i].target, queries[i].allowed, &query, &why),
		       queries[i].result, "%s", queries[i].target);
		if (queries[i].result)
			OK(why != NULL, "%s: says why", queries[i].target);
		else
			IS_STR(query_value(&query, queries[i].name), queries[i].value, "%s: value",
			       queries[i].target);
		query_clear(&query);
	}
}

int main(void)
{
	test_names();
	test_routes();
	test_targets();
	test_queries();
	return tap_end();
}
