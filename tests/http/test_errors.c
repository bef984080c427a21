/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Problems and the headers of every answer; connections outlive errors; limits of JSON bodies. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/box.h"
#include "tests/lib/raw.h"
#include "tests/lib/tap.h"

#define JSON_MAX 65536

struct request_case {
	const char *method, *target, *json, *range;
	long status;
};

#define CASES_MAX 40

/* Requests that go wrong, one way each, and a few that do not. */
static size_t make_cases(struct box *box, struct request_case *cases)
{
	const char *images = box_format("/v1/volumes/%s/images", box->server.volume);
	const struct request_case all[] = {
		{ "GET", "/livez", NULL, NULL, 200 },
		{ "GET", "/nosuch", NULL, NULL, 404 },
		{ "POST", "/nosuch", "{\"a\":1}", NULL, 404 },
		{ "BREW", "/livez", NULL, NULL, 405 },
		{ "POST", "/livez", "{}", NULL, 405 },
		{ "OPTIONS", "/livez", NULL, NULL, 204 },
		{ "GET", "/v1/volumes/nosuch", NULL, NULL, 404 },
		{ "GET", "/v1/volumes?x=1", NULL, NULL, 400 },
		{ "POST", images, "{", NULL, 400 },
		{ "POST", images, "{\"name\":\"e.img\",\"size\":512}", NULL, 409 },
		{ "POST", images, "{\"name\":\"f.img\",\"size\":1}", NULL, 400 },
		{ "GET", box_path(box, "nosuch", ""), NULL, NULL, 404 },
		{ "DELETE", box_path(box, "nosuch", ""), NULL, NULL, 404 },
		{ "DELETE", box_path(box, "e.img", ""), NULL, "bytes=0-1", 400 },
		{ "GET", box_path(box, "e.img", "/-/data"), NULL, "bytes=0-1", 206 },
		{ "GET", box_path(box, "e.img", "/-/data"), NULL, "bytes=9999999-", 416 },
		{ "GET", box_path(box, "nosuch", "/-/data"), NULL, NULL, 404 },
		{ "PUT", box_path(box, "e.img", "/-/data"), "short", NULL, 409 },
		{ "PUT", box_path(box, "nosuch", "/-/data"), "short", NULL, 404 },
		{ "DELETE", box_path(box, "e.img", "/-/data"), NULL, NULL, 400 },
		{ "POST", box_path(box, "e.img", "/-/resize"), "{\"size\":0}", NULL, 409 },
		{ "POST", box_path(box, "e.img", "/-/flush"), NULL, NULL, 204 },
		{ "GET", box_path(box, "e.img", "/-/extents?limit=0"), NULL, NULL, 400 },
		{ "GET", box_path(box, "a//b", ""), NULL, NULL, 400 },
		{ "GET", "/openapi.json", NULL, NULL, 200 },
	};

	memcpy(cases, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

static struct http_reply *ask(struct box *box, const struct request_case *c,
			      const char *const *headers)
{
	return http(box->web, c->method, c->target, .json = c->json, .range = c->range,
		    .headers = headers);
}

static void test_every_answer(struct box *box)
{
	struct request_case cases[CASES_MAX];
	char last_id[256] = "";

	/* The paths are in rotating buffers: one case at a time. */
	for (size_t i = 0; i < make_cases(box, cases); i++) {
		const char *what = box_format("%s %s", cases[i].method, cases[i].target);
		struct http_reply *r = ask(box, &cases[i], NULL);
		const char *id = http_header(r, "X-Request-Id");

		IS_INT(r->status, cases[i].status, "%s", what);
		IS_STR(http_header(r, "Cache-Control"), "no-store", "%s: Cache-Control", what);
		IS_STR(http_header(r, "X-Content-Type-Options"), "nosniff", "%s: nosniff", what);
		IS_INT(http_header_count(r, "X-Request-Id"), 1, "%s: one X-Request-Id", what);
		OK(id && *id && strcmp(id, last_id), "%s: a new id", what);
		snprintf(last_id, sizeof(last_id), "%s", id ? id : "");
		if (r->status >= 400)
			IS_STR(problem_wrong(r, cases[i].status, NULL), NULL, "%s: a problem",
			       what);
		OK(i == 0 || r->connects == 0, "%s: on the same connection", what);
		r = ask(box, &cases[i], HEADERS("X-Request-Id: client-7.x"));
		IS_STR(http_header(r, "X-Request-Id"), "client-7.x", "%s: the client's id", what);
	}
	IS_INT(http(box->web, "GET", "/livez")->connects, 0, "one connection for all");
}

static void test_request_ids(struct box *box)
{
	char long_id[5000];
	const char *insane[] = { "X-Request-Id: with space", "X-Request-Id: a\"b",
				 "X-Request-Id: <script>", "X-Request-Id: \xc3\xa9", NULL };
	struct http_reply *r;

	snprintf(long_id, sizeof(long_id), "X-Request-Id: %04000d", 7);
	insane[4] = long_id;
	for (int i = 0; i < 5; i++) {
		const char *id;

		r = http(box->web, "GET", "/livez", .headers = HEADERS(insane[i]));
		id = http_header(r, "X-Request-Id");
		IS_INT(r->status, 200, "[%.40s]: answered", insane[i]);
		OK(id && *id && !strstr(insane[i], id), "[%.40s]: replaced", insane[i]);
	}
	r = http(box->web, "GET", "/nosuch", .headers = HEADERS("X-Request-Id: abc"));
	IS_STR(http_string(r, "request_id"), "abc", "the problem has it, too");
}

static void test_problem_members(struct box *box)
{
	struct http_reply *r = http(box->web, "GET", box_path(box, "no/such", "/-/data"));

	IS_STR(http_string(r, "volume"), box->server.volume, "volume");
	IS_STR(http_string(r, "image"), "no/such", "image");
	IS_STR(http_string(r, "operation"), "readData", "operation");
	IS_STR(http_string(r, "errno"), "ENOENT", "errno");
}

/* The types that the contract names are there to be read. */
static void test_problem_pages(struct box *box)
{
	static const char *const types[] = { "invalid-name",  "size-alignment",
					     "would-shrink",  "invalid-content-range",
					     "size-mismatch", "not-supported",
					     "lost-writes" };
	struct http_reply *r;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const char *media;

		r = http(box->web, "GET", box_format("/problems/%s", types[i]));
		media = http_header(r, "Content-Type");
		OK(r->status == 200 && r->size > 0, "/problems/%s: %ld", types[i], r->status);
		OK(media && !strncmp(media, "text/plain", 10), "/problems/%s: text", types[i]);
	}
	r = http(box->web, "GET", "/nosuch");
	if (http_string(r, "type"))
		IS_INT(http(box->web, "GET", box_format("%s", http_string(r, "type")))->status, 200,
		       "so is the type of a 404");
	IS_STR(problem_wrong(http(box->web, "GET", "/problems/nosuch"), 404, NULL), NULL,
	       "no such problem");
}

static void test_unknown_parameters(struct box *box)
{
	static const struct {
		const char *method, *tail, *json;
	} cases[] = {
		{ "GET", "?x=1", NULL },
		{ "DELETE", "?x=1", NULL },
		{ "GET", "/-/data?x=1", NULL },
		{ "GET", "/-/data?flush=true", NULL },
		{ "HEAD", "/-/data?x", NULL },
		{ "POST", "/-/resize?x=1", "{\"size\":1048576}" },
		{ "POST", "/-/rename?x=1", "{\"name\":\"moved\"}" },
		{ "POST", "/-/discard?x=1", "{\"offset\":0,\"length\":1}" },
		{ "POST", "/-/zero?flush=true", "{\"offset\":0,\"length\":1}" },
		{ "POST", "/-/flush?x=1", NULL },
		{ "GET", "/-/extents?x=1", NULL },
	};
	static const char *const targets[] = { "/livez?x=1", "/readyz?x", "/v1/volumes?x=1" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_reply *r = http(box->web, cases[i].method,
					    box_path(box, "e.img", cases[i].tail),
					    .json = cases[i].json);

		IS_INT(r->status, 400, "%s %s", cases[i].method, cases[i].tail);
	}
	for (size_t i = 0; i < 3; i++)
		IS_INT(http(box->web, "GET", targets[i])->status, 400, "GET %s", targets[i]);
	IS_INT(http(box->web, "POST", box_format("/v1/volumes/%s/images?x=1", box->server.volume),
		    .json = "{\"name\":\"new\",\"size\":512}")
		       ->status,
	       400, "create with an unknown parameter");
	OK(!disk_exists(box, "new") && !disk_exists(box, "moved"), "nothing was done");
	IS_INT(http(box->web, "GET", box_path(box, "e.img", "?"))->status, 200, "an empty query");
}

/* A name of so many bytes that the whole body has @size. */
static char *padded_json(size_t size)
{
	static const char head[] = "{\"size\":512,\"name\":\"pad\"";
	char *json = malloc(size + 1);

	if (!json)
		exit(1);
	memset(json, ' ', size);
	memcpy(json, head, sizeof(head) - 1);
	json[size - 1] = '}';
	json[size] = '\0';
	return json;
}

static void test_json_sizes(struct box *box)
{
	static const struct {
		size_t size;
		long status;
		bool chunked;
	} cases[] = {
		{ JSON_MAX, 201, false },    { JSON_MAX, 201, true }, { JSON_MAX + 1, 413, false },
		{ JSON_MAX + 1, 413, true }, { 500000, 413, false },  { 500000, 413, true },
		{ 1048576, 413, false },
	};
	const char *images = box_format("/v1/volumes/%s/images", box->server.volume);
	struct http_reply *r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *json = padded_json(cases[i].size);

		r = http(box->web, "POST", images, .json = json, .chunked = cases[i].chunked);
		IS_INT(r->status, cases[i].status, "JSON of %zu bytes%s", cases[i].size,
		       cases[i].chunked ? ", chunked" : "");
		if (r->status == 413)
			IS_STR(problem_wrong(r, 413, NULL), NULL, "is a problem");
		else if (r->status == 201)
			box_delete(box, "pad");
		r = http(box->web, "GET", "/livez");
		OK(r->connects == 0 && r->status == 200, "and is swallowed");
		free(json);
	}
	r = http(box->web, "POST", images, .body = "{}", .size = 2, .expect = true,
		 .headers = HEADERS("Content-Type: application/json"));
	IS_STR(problem_wrong(r, 400, NULL), NULL, "a small one after 100");
}

/* Refused bodies: up to 1 MiB are read to keep the connection, longer ones are not. */
static void test_refused_bodies(struct box *box)
{
	size_t size = 64 << 20;
	struct raw *raw = raw_open(box->server.port);
	char *zeros = calloc(1, 1 << 20);
	struct http_reply *r;

	r = http(box->web, "PUT", box_path(box, "nosuch", "/-/data"), .body = zeros,
		 .size = 1 << 20, .content_range = "bytes 0-1048575/*");
	IS_STR(problem_wrong(r, 404, NULL), NULL, "a body of 1 MiB for nothing");
	OK(r->sent == 1 << 20, "is read");
	r = http(box->web, "GET", "/livez");
	OK(r->connects == 0, "and the connection is kept");

	raw_text(raw,
		 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
		 "Content-Range: bytes 0-%zu/*\r\n\r\n",
		 box_path(box, "nosuch", "/-/data"), size, size - 1);
	IS_STR(raw_reply(raw, "PUT"), NULL, "a body of 64 MiB for nothing is answered at once");
	IS_INT(raw->reply.status, 404, "with 404");
	OK(raw_closed(raw), "and the connection is closed");
	raw_close(raw);
	IS_INT(http(box->web, "GET", "/livez")->status, 200, "the server is well");
	free(zeros);
}

int main(void)
{
	struct box box;
	char *data;

	box_start(&box, NULL);
	data = box_fill(&box, "e.img", 1048576);
	test_every_answer(&box);
	test_request_ids(&box);
	test_problem_members(&box);
	test_problem_pages(&box);
	test_unknown_parameters(&box);
	test_json_sizes(&box);
	test_refused_bodies(&box);
	IS_STR(disk_wrong(&box, "e.img", data, 1048576), NULL, "all those errors changed nothing");
	free(data);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
