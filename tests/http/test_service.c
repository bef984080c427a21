/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service says of itself: health, its document, methods of every path, HEAD. */
#include <stdio.h>
#include <string.h>

#include "tests/lib/box.h"
#include "tests/lib/tap.h"

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "BREW" };

#define METHODS (sizeof(methods) / sizeof(methods[0]))

static void test_health(struct box *box)
{
	struct http_reply *r = http(box->web, "GET", "/livez");

	IS_INT(r->status, 200, "livez");
	r = http(box->web, "GET", "/readyz");
	IS_INT(r->status, 200, "readyz");
	OK(r->body && strstr(r->body, box->server.volume), "readyz names the volume");
	IS_INT(http(box->web, "HEAD", "/readyz")->status, 200, "HEAD of readyz");
}

static void test_document(struct box *box)
{
	struct http_reply *r = http(box->web, "GET", "/openapi.json");
	const char *version = http_string(r, "openapi");

	IS_INT(r->status, 200, "the document");
	IS_STR(http_header(r, "Content-Type"), "application/json", "as JSON");
	OK(version && !strncmp(version, "3.1", 3), "OpenAPI %s", version ? version : "missing");
	OK(json_object_size(http_member(r, "paths")) > 5, "it has paths");
}

/* Does the list in Allow name the method? */
static bool allows(const char *allow, const char *method)
{
	size_t size = strlen(method);

	for (const char *at = allow; at && (at = strstr(at, method)); at += size) {
		bool starts = at == allow || strchr(", ", at[-1]);

		if (starts && (!at[size] || strchr(", ", at[size])))
			return true;
	}
	return false;
}

struct path_case {
	const char *target;
	const char *allow; /* methods that must be there, beside OPTIONS */
};

/* An image that does not exist: the methods are known without looking. */
static void check_path(struct box *box, const struct path_case *path)
{
	struct http_reply *r = http(box->web, "OPTIONS", path->target);
	char allow[256];

	IS_STR(reply_wrong(r, 204, NULL, 0), NULL, "OPTIONS %s", path->target);
	snprintf(allow, sizeof(allow), "%s", http_text(r, "Allow"));
	OK(allows(allow, "OPTIONS"), "%s allows OPTIONS: %s", path->target, allow);
	for (size_t i = 0; i < METHODS; i++) {
		bool want = allows(path->allow, methods[i]);

		OK(allows(allow, methods[i]) == want, "%s: %s is %sin Allow: %s", path->target,
		   methods[i], want ? "" : "not ", allow);
		r = http(box->web, methods[i], path->target);
		if (want) {
			OK(r->status && r->status != 405 && r->status < 500, "%s %s: %ld",
			   methods[i], path->target, r->status);
			continue;
		}
		IS_INT(r->status, 405, "%s %s", methods[i], path->target);
		IS_STR(http_header(r, "Allow"), allow, "%s %s: the same Allow", methods[i],
		       path->target);
		OK(!strcmp(methods[i], "HEAD") || !problem_wrong(r, 405, NULL), "%s %s: a problem",
		   methods[i], path->target);
	}
}

static void test_methods(struct box *box)
{
	const char *volume = box_format("/v1/volumes/%s", box->server.volume);
	const struct path_case paths[] = {
		{ "/livez", "GET, HEAD" },
		{ "/readyz", "GET, HEAD" },
		{ "/openapi.json", "GET, HEAD" },
		{ "/v1/volumes", "GET, HEAD" },
		{ volume, "GET, HEAD" },
		{ box_format("%s/images", volume), "GET, HEAD, POST" },
		{ box_path(box, "nosuch", ""), "GET, HEAD, DELETE" },
		{ box_path(box, "no/such", ""), "GET, HEAD, DELETE" },
		{ box_format("%s/images/no/such", volume), "GET, HEAD, DELETE" },
		{ box_path(box, "nosuch", "/-/data"), "GET, HEAD, PUT, DELETE" },
		{ box_path(box, "nosuch", "/-/resize"), "POST" },
		{ box_path(box, "nosuch", "/-/rename"), "POST" },
		{ box_path(box, "nosuch", "/-/discard"), "POST" },
		{ box_path(box, "nosuch", "/-/zero"), "POST" },
		{ box_path(box, "nosuch", "/-/flush"), "POST" },
		{ box_path(box, "nosuch", "/-/extents"), "GET, HEAD" },
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		check_path(box, &paths[i]);
}

static void test_unknown_paths(struct box *box)
{
	static const char *const targets[] = {
		"/",	    "/v1",	    "/v2/volumes", "/V1/volumes",  "/volumes",	 "/livez/",
		"/livez/x", "/readyz.json", "/openapi",	   "/v1/volumes/", "/%6Civez/x", "//livez"
	};

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct http_reply *r = http(box->web, "GET", targets[i]);

		IS_STR(problem_wrong(r, 404, NULL), NULL, "GET %s", targets[i]);
		r = http(box->web, "POST", targets[i], .json = "{}");
		IS_STR(problem_wrong(r, 404, NULL), NULL, "POST %s", targets[i]);
	}
}

/* HEAD is GET without the body: status, length, media type and tag are the same. */
static void test_head(struct box *box)
{
	static const char *const headers[] = { "Content-Length", "Content-Type", "ETag",
					       "Accept-Ranges" };
	const char *targets[] = {
		"/livez",
		"/openapi.json",
		"/v1/volumes",
		box_format("/v1/volumes/%s/images", box->server.volume),
		box_path(box, "head.img", ""),
		box_path(box, "head.img", "/-/data"),
		box_path(box, "head.img", "/-/extents"),
		box_path(box, "nosuch", ""),
		box_path(box, "nosuch", "/-/data"),
		"/nosuch",
	};
	char want[4][256];

	box_create(box, "head.img", 65536);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct http_reply *r = http(box->web, "GET", targets[i]);
		long status = r->status;

		for (int h = 0; h < 4; h++) {
			const char *value = http_header(r, headers[h]);

			snprintf(want[h], sizeof(want[h]), "%s", value ? value : "none");
		}
		r = http(box->web, "HEAD", targets[i]);
		OK(!r->error && r->size == 0, "HEAD %s: no body", targets[i]);
		IS_INT(r->status, status, "HEAD %s: the status of GET", targets[i]);
		/* A problem document carries the id of its request; its length may differ. */
		for (int h = status == 200 ? 0 : 1; h < 4; h++) {
			const char *value = http_header(r, headers[h]);

			IS_STR(value ? value : "none", want[h], "HEAD %s: %s", targets[i],
			       headers[h]);
		}
	}
	box_delete(box, "head.img");
}

int main(void)
{
	struct box box;

	box_start(&box, NULL);
	test_health(&box);
	test_document(&box);
	test_methods(&box);
	test_unknown_paths(&box);
	test_head(&box);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
