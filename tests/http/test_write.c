/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing data: every form of Content-Range, whole images, refusals before and after the body. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/box.h"
#include "tests/lib/raw.h"
#include "tests/lib/tap.h"

#define SIZE ((size_t)3 << 20)

static const char *const image = "write.img";

/* The image as it must be; writes go here and to the server. */
static char *model;

static struct http_reply *put(struct box *box, const char *content_range, const void *body,
			      size_t size)
{
	return http(box->web, "PUT", box_path(box, image, "/-/data"), .body = body, .size = size,
		    .content_range = content_range);
}

static struct http_reply *put_chunked(struct box *box, const char *content_range, const void *body,
				      size_t size)
{
	return http(box->web, "PUT", box_path(box, image, "/-/data"), .body = body, .size = size,
		    .content_range = content_range, .chunked = true);
}

static void check_unchanged(struct box *box, const char *what)
{
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "%s: nothing is written", what);
}

static void test_accepted(struct box *box)
{
	static const struct {
		size_t first, size;
		const char *length; /* after the slash */
		bool open;	    /* F-/X */
		bool chunked;
	} cases[] = {
		{ 0, 1, "*", false, false },	       { 1, 1, "3145728", false, false },
		{ 4096, 4096, "4096", false, false },  { 4096, 4096, "4096", true, false },
		{ 100, 1900, "*", true, false },       { 100, 1900, "3145728", true, false },
		{ 5, 511, "*", false, true },	       { 5, 4096, "-1", false, true },
		{ 77, 70000, "3145728", false, true }, { 78, 70001, "70001", false, true },
		{ 1048570, 12, "*", false, false },    { 1048575, 1048578, "*", false, false },
		{ SIZE - 1, 1, "*", false, false },    { SIZE - 1, 1, "1", false, false },
		{ 0, SIZE, "*", false, true },	       { 0, SIZE, "3145728", false, false },
		{ 123, SIZE - 123, "*", true, false },
	};
	static char body[SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t first = cases[i].first, size = cases[i].size;
		const char *range = cases[i].open ?
					    box_format("bytes %zu-/%s", first, cases[i].length) :
					    box_format("bytes %zu-%zu/%s", first, first + size - 1,
						       cases[i].length);
		struct http_reply *r;

		box_pattern(body, size, i + 100);
		memcpy(model + first, body, size);
		r = cases[i].chunked ? put_chunked(box, range, body, size) :
				       put(box, range, body, size);
		IS_STR(reply_wrong(r, 204, NULL, 0), NULL, "%s%s", range,
		       cases[i].chunked ? ", chunked" : "");
		IS_STR(disk_wrong(box, image, model, SIZE), NULL, "%s: is on disk", range);
	}
}

/* What is wrong with the header is said before the body is asked for. */
static void test_malformed(struct box *box)
{
	static const char *const ranges[] = {
		"bytes 0-99/12345",
		"bytes 0-98/*",
		"bytes 0-100/*",
		"bytes 0-9/*",
		"bytes 99-0/*",
		"bytes */100",
		"bytes */*",
		"bytes 0-99",
		"bytes 0-99/",
		"bytes -99/*",
		"bytes -/*",
		"bytes a-b/*",
		"bytes 0-99/x",
		"bytes 0-99/*x",
		"bytes=0-99/*",
		"0-99/*",
		"items 0-99/*",
		"bytes 0-99/-1",
		"bytes 0-99/-100",
		"bytes 0-99/+100",
		"bytes +0-99/*",
		"bytes 0x0-99/*",
		"bytes 0-99,200-299/*",
		"bytes",
		"bytes 0-99/99999999999999999999999999",
		"bytes 0-/12345",
		"bytes 0 - 99/*",
		"bytes 0-99/100/100",
		"bytes 0-99 /*",
		"bytes 0-99/0",
	};
	char body[100] = "x";
	struct http_reply *r;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		r = http(box->web, "PUT", box_path(box, image, "/-/data"), .body = body,
			 .size = sizeof(body), .content_range = ranges[i], .expect = true);
		IS_STR(problem_wrong(r, 400, "invalid-content-range"), NULL, "[%s]", ranges[i]);
		OK(!r->continued && r->sent == 0, "[%s]: before the body", ranges[i]);
	}
	r = put(box, "bytes 0-9/*", body, sizeof(body));
	IS_STR(problem_wrong(r, 400, "invalid-content-range"), NULL, "without Expect, too");
	r = http(box->web, "GET", "/livez");
	IS_INT(r->connects, 0, "and the connection lives on");
	r = put_chunked(box, "bytes 0-/*", body, sizeof(body));
	IS_STR(problem_wrong(r, 400, "invalid-content-range"), NULL, "an open end needs a length");
	r = put(box, "bytes 99999999999999999999-99999999999999999999/*", body, 1);
	OK(r->status == 400 || r->status == 416, "numbers do not overflow: %ld", r->status);
	r = put(box, "bytes 18446744073709551616-18446744073709551715/*", body, 100);
	OK(r->status == 400 || r->status == 416, "nor wrap: %ld", r->status);
	check_unchanged(box, "malformed");
}

static void test_past_end(struct box *box)
{
	static const struct {
		const char *range;
		size_t size;
		bool chunked;
	} cases[] = {
		{ "bytes 3145728-3145728/*", 1, false },
		{ "bytes 3145700-3145799/*", 100, false },
		{ "bytes 3145700-/*", 100, false },
		{ "bytes 3145700-3145799/*", 100, true },
		{ "bytes 9999999-10000098/100", 100, false },
		{ "bytes 9223372036854775700-9223372036854775799/*", 100, false },
	};
	char body[100] = "x";

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_reply *r = http(box->web, "PUT", box_path(box, image, "/-/data"),
					    .body = body, .size = cases[i].size,
					    .content_range = cases[i].range,
					    .chunked = cases[i].chunked, .expect = true);

		IS_STR(problem_wrong(r, 416, NULL), NULL, "%s is past the end", cases[i].range);
		IS_STR(http_header(r, "Content-Range"), box_format("bytes */%zu", SIZE),
		       "%s: the size is told", cases[i].range);
		OK(!r->continued && r->sent == 0, "%s: before the body", cases[i].range);
	}
	check_unchanged(box, "past the end");
}

/* A chunked body that is not as long as its range says. */
static void test_chunked_lengths(struct box *box)
{
	static char body[200000];
	struct http_reply *r;

	memcpy(body, model + 1000, sizeof(body));
	r = put_chunked(box, "bytes 1000-100999/*", body, 99999);
	IS_STR(problem_wrong(r, 400, "invalid-content-range"), NULL, "chunked, one byte short");
	r = put_chunked(box, "bytes 1000-100999/*", body, 10);
	IS_STR(problem_wrong(r, 400, "invalid-content-range"), NULL, "chunked, much too short");
	check_unchanged(box, "too short");
	memset(body + 100000, '!', 100000);
	r = put_chunked(box, "bytes 1000-100999/*", body, 100001);
	IS_STR(problem_wrong(r, 400, "invalid-content-range"), NULL, "chunked, one byte long");
	r = put_chunked(box, "bytes 1000-100999/*", body, 200000);
	IS_STR(problem_wrong(r, 400, "invalid-content-range"), NULL, "chunked, much too long");
	check_unchanged(box, "beyond the last byte");
}

static void test_whole(struct box *box)
{
	static char body[SIZE];
	struct http_reply *r;

	r = put(box, NULL, body, 100);
	IS_STR(problem_wrong(r, 409, "size-mismatch"), NULL, "no range and a part of the size");
	r = put(box, NULL, body, 0);
	IS_STR(problem_wrong(r, 409, "size-mismatch"), NULL, "no range and no body");
	r = http(box->web, "PUT", box_path(box, image, "/-/data"), .body = model, .size = SIZE - 1,
		 .expect = true);
	IS_STR(problem_wrong(r, 409, "size-mismatch"), NULL, "one byte less than the image");
	OK(!r->continued && r->sent == 0, "said before the body");
	r = put_chunked(box, NULL, body, 100);
	IS_STR(problem_wrong(r, 411, NULL), NULL, "no range and no length");
	r = http(box->web, "PUT", box_path(box, image, "/-/data"), .body = body, .size = 100,
		 .range = "bytes=0-99", .expect = true);
	IS_STR(problem_wrong(r, 400, NULL), NULL, "Range where Content-Range is meant");
	OK(r->sent == 0, "said before the body");
	r = http(box->web, "PUT", box_path(box, image, "/-/data"), .body = body, .size = SIZE,
		 .range = "bytes=0-3145727", .expect = true);
	IS_STR(problem_wrong(r, 400, NULL), NULL, "Range, even with a body of the full size");
	check_unchanged(box, "refused");
	box_pattern(model, SIZE, 999);
	r = put(box, NULL, model, SIZE);
	IS_STR(reply_wrong(r, 204, NULL, 0), NULL, "the whole image");
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "is on disk");
	box_pattern(model, SIZE, 1000);
	r = http(box->web, "PUT", box_path(box, image, "/-/data"), .body = model, .size = SIZE,
		 .expect = true);
	IS_STR(reply_wrong(r, 204, NULL, 0), NULL, "the whole image after 100");
	OK(r->continued, "100 came");
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "is on disk");
}

static void test_empty_body(struct box *box)
{
	struct http_reply *r = put(box, "bytes 0-/0", "", 0);

	IS_STR(reply_wrong(r, 204, NULL, 0), NULL, "an empty body at 0, as curl sends it");
	r = put(box, "bytes 4096-/*", "", 0);
	IS_STR(reply_wrong(r, 204, NULL, 0), NULL, "an empty body elsewhere");
	check_unchanged(box, "empty body");
	box_create(box, "empty", 0);
	r = http(box->web, "PUT", box_path(box, "empty", "/-/data"), .body = "", .size = 0);
	IS_INT(r->status, 204, "the whole of an empty image");
	r = http(box->web, "PUT", box_path(box, "empty", "/-/data"), .body = "x", .size = 1,
		 .content_range = "bytes 0-0/*");
	IS_STR(problem_wrong(r, 416, NULL), NULL, "an empty image takes no byte");
	IS_STR(disk_wrong(box, "empty", "", 0), NULL, "and does not grow");
	box_delete(box, "empty");
}

static void test_flush(struct box *box)
{
	static const struct {
		const char *query;
		long status;
	} cases[] = {
		{ "?flush=true", 204 },	  { "?flush=false", 204 },    { "?flush=maybe", 400 },
		{ "?flush=", 400 },	  { "?flush=1x", 400 },	      { "?Flush=true", 400 },
		{ "?unknown=true", 400 }, { "?flush=true&x=y", 400 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *tail = box_format("/-/data%s", cases[i].query);
		char byte = (char)('a' + i);
		struct http_reply *r = http(box->web, "PUT", box_path(box, image, tail),
					    .body = &byte, .size = 1,
					    .content_range = "bytes 9-9/*");

		IS_INT(r->status, cases[i].status, "%s", cases[i].query);
		if (cases[i].status == 204)
			model[9] = byte;
	}
	check_unchanged(box, "bad query");
	IS_INT(http(box->web, "POST", box_path(box, image, "/-/flush"))->status, 204,
	       "flush without a body");
	IS_INT(http(box->web, "POST", box_path(box, image, "/-/flush"), .body = "", .size = 0)
		       ->status,
	       204, "flush with an empty body");
	IS_STR(problem_wrong(http(box->web, "POST", box_path(box, "nosuch", "/-/flush")), 404,
			     NULL),
	       NULL, "flush of nothing");
}

static void test_missing(struct box *box)
{
	static char body[100000];
	struct http_reply *r = http(box->web, "PUT", box_path(box, "nosuch", "/-/data"),
				    .body = body, .size = sizeof(body),
				    .content_range = "bytes 0-99999/*", .expect = true);

	IS_STR(problem_wrong(r, 404, NULL), NULL, "a missing image is 404");
	OK(!r->continued && r->sent == 0, "before the body");
	r = http(box->web, "PUT", box_path(box, "nosuch", "/-/data"), .body = body,
		 .size = sizeof(body), .content_range = "bytes 0-99999/*");
	IS_STR(problem_wrong(r, 404, NULL), NULL, "without Expect, too");
	OK(!disk_exists(box, "nosuch"), "and it was not made");
}

/* Many writers of one image at once: each its own stripe, with edges inside of pages. */
static void test_parallel(struct box *box)
{
	enum { WRITERS = 8 };
	struct raw *raw[WRITERS];
	size_t stripe = SIZE / WRITERS;

	box_pattern(model, SIZE, 31337);
	for (int i = 0; i < WRITERS; i++) {
		size_t first = (size_t)i * stripe;
		size_t last = i == WRITERS - 1 ? SIZE - 1 : first + stripe - 1;

		raw[i] = raw_open(box->server.port);
		raw_text(raw[i],
			 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
			 "Content-Range: bytes %zu-%zu/*\r\n\r\n",
			 box_path(box, image, "/-/data"), last - first + 1, first, last);
	}
	for (int half = 0; half < 2; half++) {
		for (int i = 0; i < WRITERS; i++) {
			size_t first = (size_t)i * stripe + (half ? 1000 : 0);
			size_t end = i == WRITERS - 1 ? SIZE : (size_t)(i + 1) * stripe;

			raw_send(raw[i], model + first, half ? end - first : 1000);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		IS_STR(raw_reply(raw[i], "PUT"), NULL, "writer %d is answered", i);
		IS_INT(raw[i]->reply.status, 204, "writer %d is done", i);
		raw_close(raw[i]);
	}
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "eight writers at once");
}

/* Clients that go away in the middle leave the server, and other bytes, alone. */
static void test_abort(struct box *box)
{
	struct http_reply *r;

	for (size_t i = 0; i < 30; i++) {
		struct raw *raw = raw_open(box->server.port);

		raw_text(raw,
			 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
			 "Content-Range: bytes 0-999999/*\r\n\r\n",
			 box_path(box, image, "/-/data"));
		raw_send(raw, model, i * i * 1000);
		raw_close(raw);
	}
	check_unchanged(box, "cut uploads of the same bytes");
	r = put(box, "bytes 0-999999/*", model, 1000000);
	IS_INT(r->status, 204, "the range can be sent again at once");
}

int main(void)
{
	struct box box;

	box_start(&box, NULL);
	model = box_fill(&box, image, SIZE);
	test_accepted(&box);
	test_malformed(&box);
	test_past_end(&box);
	test_chunked_lengths(&box);
	test_whole(&box);
	test_empty_body(&box);
	test_flush(&box);
	test_missing(&box);
	test_parallel(&box);
	test_abort(&box);
	free(model);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
