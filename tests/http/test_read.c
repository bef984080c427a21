/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading data: whole images, one range in every form, HEAD, conditions, big and stalled reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lib/box.h"
#include "tests/lib/raw.h"
#include "tests/lib/tap.h"

#define SIZE ((size_t)1048576 + 512)
#define BIG  ((size_t)32 << 20)

struct range_case {
	const char *range;
	uint64_t first, last;
};

static const char *const image = "read.img";

static void check_data_headers(const struct http_reply *r, const char *what)
{
	IS_STR(http_header(r, "Accept-Ranges"), "bytes", "%s: Accept-Ranges", what);
	OK(!http_header(r, "Transfer-Encoding"), "%s: not chunked", what);
	OK(!http_header(r, "Content-Encoding"), "%s: not encoded", what);
	IS_STR(http_header(r, "Content-Type"), "application/octet-stream", "%s: media type", what);
}

static void test_whole(struct box *box, const char *data)
{
	struct http_reply *r = http(box->web, "GET", box_path(box, image, "/-/data"));

	IS_STR(reply_wrong(r, 200, data, SIZE), NULL, "the whole image");
	check_data_headers(r, "200");
	OK(!http_header(r, "Content-Range"), "200: no Content-Range");
	r = http(box->web, "HEAD", box_path(box, image, "/-/data"));
	IS_INT(r->status, 200, "HEAD");
	IS_STR(http_header(r, "Content-Length"), box_format("%zu", SIZE), "HEAD: exact length");
	check_data_headers(r, "HEAD");
	IS_INT(r->size, 0, "HEAD: no body");
}

static void test_ranges(struct box *box, const char *data)
{
	static const struct range_case cases[] = {
		{ "bytes=0-0", 0, 0 },
		{ "bytes=0-511", 0, 511 },
		{ "bytes=1-1", 1, 1 },
		{ "bytes=4095-4097", 4095, 4097 },
		{ "bytes=1000-70000", 1000, 70000 },
		{ "bytes=1048575-1048576", 1048575, 1048576 },
		{ "bytes=1049087-1049087", SIZE - 1, SIZE - 1 },
		{ "bytes=1049087-", SIZE - 1, SIZE - 1 },
		{ "bytes=0-", 0, SIZE - 1 },
		{ "bytes=0-1049087", 0, SIZE - 1 },
		{ "bytes=524288-", 524288, SIZE - 1 },
		{ "bytes=-1", SIZE - 1, SIZE - 1 },
		{ "bytes=-512", SIZE - 512, SIZE - 1 },
		{ "bytes=-1049088", 0, SIZE - 1 },
		{ "bytes=-1049089", 0, SIZE - 1 },
		{ "bytes=-99999999999999999999999999", 0, SIZE - 1 },
		{ "bytes=0-1049088", 0, SIZE - 1 },
		{ "bytes=1049000-2000000", 1049000, SIZE - 1 },
		{ "bytes=0-18446744073709551615", 0, SIZE - 1 },
		{ "bytes=5-9223372036854775807", 5, SIZE - 1 },
		{ "bytes=7-99999999999999999999999999", 7, SIZE - 1 },
		{ "bytes=00000000000000000000000000008-9", 8, 9 },
		{ "Bytes=0-3", 0, 3 },
		{ "BYTES=0-3", 0, 3 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct range_case *c = &cases[i];
		size_t size = c->last - c->first + 1;
		struct http_reply *r = http(box->web, "GET", box_path(box, image, "/-/data"),
					    .range = c->range);

		IS_STR(reply_wrong(r, 206, data + c->first, size), NULL, "%s", c->range);
		IS_STR(http_header(r, "Content-Range"),
		       box_format("bytes %llu-%llu/%zu", (unsigned long long)c->first,
				  (unsigned long long)c->last, SIZE),
		       "%s: Content-Range", c->range);
		IS_STR(http_header(r, "Content-Length"), box_format("%zu", size),
		       "%s: exact length", c->range);
		check_data_headers(r, c->range);
	}
}

static void test_unsatisfiable(struct box *box)
{
	static const char *const ranges[] = {
		"bytes=1049088-",
		"bytes=1049088-1049088",
		"bytes=2000000-3000000",
		"bytes=-0",
		"bytes=9223372036854775807-",
		"bytes=18446744073709551615-",
		"bytes=18446744073709551616-",
		"bytes=99999999999999999999999999-",
		/* malformed */
		"bytes=5-2",
		"bytes=abc",
		"bytes=",
		"bytes=-",
		"bytes=1",
		"bytes=1-2x",
		"bytes=x1-2",
		"bytes=+1-2",
		"bytes=1-+2",
		"bytes=0x10-20",
		"bytes=1--2",
		"bytes=--1",
		"bytes=1-2-3",
		"bytes=0 -3",
		"bytes=0- 3",
		"bytes=1.5-3",
		"bytes=,",
		"bytes=0-3;",
		"bytes=*",
		"bytes=0-1/2",
		"bytes=99999999999999999999-5",
	};
	const char *size = box_format("bytes */%zu", SIZE);

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct http_reply *r = http(box->web, "GET", box_path(box, image, "/-/data"),
					    .range = ranges[i]);

		IS_STR(problem_wrong(r, 416, NULL), NULL, "[%s] is 416", ranges[i]);
		IS_STR(http_header(r, "Content-Range"), size, "[%s] tells the size", ranges[i]);
	}
}

static void test_other_units(struct box *box, const char *data)
{
	static const char *const ranges[] = { "items=0-3", "lines=5-2", "byte=0-3", "bytesx=0-3" };
	struct http_reply *r;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		r = http(box->web, "GET", box_path(box, image, "/-/data"), .range = ranges[i]);
		IS_STR(reply_wrong(r, 200, data, SIZE), NULL, "[%s] is ignored", ranges[i]);
	}
	r = http(box->web, "HEAD", box_path(box, image, "/-/data"), .range = "bytes=0-9");
	OK((r->status == 200 && !strcmp(http_text(r, "Content-Length"), box_format("%zu", SIZE))) ||
		   (r->status == 206 && !strcmp(http_text(r, "Content-Length"), "10")),
	   "HEAD with Range: status %ld and the length that goes with it", r->status);
}

static void test_empty_image(struct box *box)
{
	static const char *const ranges[] = { "bytes=0-0", "bytes=0-", "bytes=-1", "bytes=-0" };
	struct http_reply *r;

	box_create(box, "empty", 0);
	r = http(box->web, "GET", box_path(box, "empty", "/-/data"));
	IS_STR(reply_wrong(r, 200, NULL, 0), NULL, "an empty image");
	r = http(box->web, "HEAD", box_path(box, "empty", "/-/data"));
	IS_STR(http_header(r, "Content-Length"), "0", "HEAD of an empty image");
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		r = http(box->web, "GET", box_path(box, "empty", "/-/data"), .range = ranges[i]);
		IS_STR(problem_wrong(r, 416, NULL), NULL, "%s of an empty image", ranges[i]);
		IS_STR(http_header(r, "Content-Range"), "bytes */0", "%s: size 0", ranges[i]);
	}
	box_delete(box, "empty");
}

static void test_missing(struct box *box)
{
	struct http_reply *r = http(box->web, "GET", box_path(box, "nosuch", "/-/data"));

	IS_STR(problem_wrong(r, 404, NULL), NULL, "a missing image is 404");
	IS_STR(http_string(r, "image"), "nosuch", "the problem names it");
	r = http(box->web, "GET", box_path(box, "nosuch", "/-/data"), .range = "bytes=0-3");
	IS_STR(problem_wrong(r, 404, NULL), NULL, "with Range, too");
	r = http(box->web, "HEAD", box_path(box, "nosuch", "/-/data"));
	OK(r->status == 404 && !r->error && !r->size, "and to HEAD");
	box_create(box, "dir/inner", 512);
	r = http(box->web, "GET", box_path(box, "dir", "/-/data"));
	OK(r->status == 404 || r->status == 409, "a directory is no image: %ld", r->status);
	box_delete(box, "dir/inner");
}

static const char *http_date(time_t when)
{
	static char text[64];
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return text;
}

static long status_with(struct box *box, const char *method, const char *header)
{
	return http(box->web, method, box_path(box, image, "/-/data"), .range = "bytes=0-9",
		    .headers = HEADERS(header))
		->status;
}

static void test_conditions(struct box *box, const char *data)
{
	struct http_reply *r = http(box->web, "HEAD", box_path(box, image, "/-/data"));
	const char *now = http_date(time(NULL));
	const char *etag = http_header(r, "ETag");
	char tag[256];

	snprintf(tag, sizeof(tag), "%s", etag ? etag : "");
	OK(tag[0] == '"' && tag[strlen(tag) - 1] == '"' && strlen(tag) > 2, "a strong ETag: %s",
	   tag);
	r = http(box->web, "GET", box_path(box, image, "/-/data"));
	IS_STR(http_header(r, "ETag"), tag, "the same on GET");
	r = http(box->web, "GET", box_path(box, image, ""));
	IS_STR(http_header(r, "ETag"), tag, "the same on getImage");

	r = http(box->web, "GET", box_path(box, image, "/-/data"),
		 .headers = HEADERS(box_format("If-None-Match: %s", tag)));
	IS_STR(reply_wrong(r, 304, NULL, 0), NULL, "If-None-Match that matches");
	IS_STR(http_header(r, "ETag"), tag, "304 has the ETag");
	IS_INT(status_with(box, "GET", box_format("If-None-Match: \"x\", W/%s", tag)), 304,
	       "in a list, weakly");
	IS_INT(status_with(box, "GET", "If-None-Match: *"), 304, "If-None-Match: *");
	IS_INT(status_with(box, "GET", "If-None-Match: \"x\""), 206, "one that does not match");
	IS_INT(status_with(box, "GET", box_format("If-Match: %s", tag)), 206, "If-Match");
	IS_INT(status_with(box, "GET", box_format("If-Match: \"x\", %s", tag)), 206, "in a list");
	IS_INT(status_with(box, "GET", "If-Match: *"), 206, "If-Match: *");
	IS_INT(status_with(box, "GET", "If-Match: \"x\""), 412, "If-Match that does not match");
	IS_INT(status_with(box, "GET", box_format("If-Match: W/%s", tag)), 412,
	       "a weak tag never matches If-Match");
	IS_INT(status_with(box, "HEAD", "If-Match: \"x\""), 412, "HEAD, too");
	IS_INT(status_with(box, "GET", box_format("If-Modified-Since: %s", now)), 304,
	       "If-Modified-Since now");
	IS_INT(status_with(box, "GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"), 206,
	       "If-Modified-Since long ago");
	IS_INT(status_with(box, "GET", "If-Modified-Since: yesterday"), 206, "no date: ignored");
	IS_INT(status_with(box, "GET", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"), 412,
	       "If-Unmodified-Since long ago");
	IS_INT(status_with(box, "GET", box_format("If-Unmodified-Since: %s", now)), 206,
	       "If-Unmodified-Since now");

	r = http(box->web, "GET", box_path(box, image, "/-/data"), .range = "bytes=0-9",
		 .headers = HEADERS(box_format("If-Range: %s", tag)));
	IS_STR(reply_wrong(r, 206, data, 10), NULL, "If-Range that matches");
	r = http(box->web, "GET", box_path(box, image, "/-/data"), .range = "bytes=0-9",
		 .headers = HEADERS("If-Range: \"x\""));
	IS_STR(reply_wrong(r, 200, data, SIZE), NULL, "If-Range that does not match");
	r = http(box->web, "GET", box_path(box, image, "/-/data"), .range = "bytes=0-9",
		 .headers = HEADERS(box_format("If-Range: W/%s", tag)));
	IS_STR(reply_wrong(r, 200, data, SIZE), NULL, "If-Range with a weak tag");
	r = http(box->web, "GET", box_path(box, image, "/-/data"), .range = "bytes=9999999-",
		 .headers = HEADERS("If-Range: \"x\""));
	IS_STR(reply_wrong(r, 200, data, SIZE), NULL, "a stale If-Range saves a bad Range");
}

static void test_order_of_conditions(struct box *box)
{
	struct http_reply *r = http(box->web, "HEAD", box_path(box, image, "/-/data"));
	const char *path = box_path(box, image, "/-/data");
	const char *tag = box_format("%s", http_text(r, "ETag"));
	const char *old = "Sun, 06 Nov 1994 08:49:37 GMT";

	r = http(box->web, "GET", path,
		 .headers = HEADERS(box_format("If-Match: %s", tag),
				    box_format("If-Unmodified-Since: %s", old)));
	IS_INT(r->status, 200, "If-Match replaces If-Unmodified-Since");
	r = http(box->web, "GET", path,
		 .headers = HEADERS("If-None-Match: \"x\"",
				    box_format("If-Modified-Since: %s", http_date(time(NULL)))));
	IS_INT(r->status, 200, "If-None-Match replaces If-Modified-Since");
	r = http(box->web, "GET", path,
		 .headers = HEADERS("If-Match: \"x\"", box_format("If-None-Match: %s", tag)));
	IS_INT(r->status, 412, "If-Match comes before If-None-Match");
	r = http(box->web, "GET", path, .range = "bytes=9999999-",
		 .headers = HEADERS(box_format("If-None-Match: %s", tag)));
	IS_INT(r->status, 304, "conditions come before the range");
}

/* The tag moves with everything that changes bytes or size, and with nothing else. */
static void test_etag_moves(struct box *box)
{
	static const struct {
		const char *method, *tail, *json, *range;
		bool moves;
	} steps[] = {
		{ "GET", "/-/data", NULL, NULL, false },
		{ "POST", "/-/flush", NULL, NULL, false },
		{ "GET", "/-/extents", NULL, NULL, false },
		{ "POST", "/-/discard", "{\"offset\":0,\"length\":4096}", NULL, true },
		{ "POST", "/-/zero", "{\"offset\":4096,\"length\":4096}", NULL, true },
		{ "DELETE", "/-/data", NULL, "bytes=8192-12287", true },
		{ "POST", "/-/resize", "{\"size\":131072}", NULL, true },
	};
	char before[256];
	char *data = box_fill(box, "tag.img", 65536);
	struct http_reply *r = http(box->web, "HEAD", box_path(box, "tag.img", "/-/data"));

	snprintf(before, sizeof(before), "%s", http_text(r, "ETag"));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		r = http(box->web, steps[i].method, box_path(box, "tag.img", steps[i].tail),
			 .json = steps[i].json, .range = steps[i].range);
		OK(r->status / 100 == 2, "%s %s: %ld", steps[i].method, steps[i].tail, r->status);
		r = http(box->web, "HEAD", box_path(box, "tag.img", "/-/data"));
		OK(!strcmp(before, http_text(r, "ETag")) == !steps[i].moves, "%s %s %s the ETag",
		   steps[i].method, steps[i].tail, steps[i].moves ? "moves" : "leaves");
		snprintf(before, sizeof(before), "%s", http_text(r, "ETag"));
	}
	box_put(box, "tag.img", "x", 0, 1);
	r = http(box->web, "HEAD", box_path(box, "tag.img", "/-/data"));
	OK(strcmp(before, http_text(r, "ETag")), "a write moves the ETag");
	box_delete(box, "tag.img");
	free(data);
}

static void test_big(struct box *box)
{
	char *data = box_fill(box, "big.img", BIG);
	uint64_t random = 4711;
	const char *wrong = NULL;
	struct http_reply *r = http(box->web, "GET", box_path(box, "big.img", "/-/data"));

	IS_STR(reply_wrong(r, 200, data, BIG), NULL, "a big image streams");
	for (int i = 0; i < 300 && !wrong; i++) {
		size_t first = box_random(&random) % BIG;
		size_t size = 1 + box_random(&random) % (i % 10 ? 8192 : 4000000);

		if (size > BIG - first)
			size = BIG - first;
		r = http(box->web, "GET", box_path(box, "big.img", "/-/data"),
			 .range = box_format("bytes=%zu-%zu", first, first + size - 1));
		wrong = reply_wrong(r, 206, data + first, size);
	}
	IS_STR(wrong, NULL, "300 ranges of it are right");
	free(data);
}

/* Who asks and does not read costs a socket, nothing else: others read and write the image. */
static void test_stalled(struct box *box)
{
	struct raw *raw[4];
	char byte = 'x';
	struct http_reply *r;

	for (int i = 0; i < 4; i++) {
		raw[i] = raw_open(box->server.port);
		raw_text(raw[i], "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
			 box_path(box, "big.img", "/-/data"));
	}
	r = http(box->web, "PUT", box_path(box, "big.img", "/-/data"), .body = &byte, .size = 1,
		 .content_range = "bytes 5-5/*");
	IS_INT(r->status, 204, "a write beside stalled readers");
	r = http(box->web, "GET", box_path(box, "big.img", "/-/data"), .range = "bytes=5-5");
	IS_STR(reply_wrong(r, 206, "x", 1), NULL, "a read beside stalled readers");
	IS_STR(raw_reply(raw[3], "GET"), NULL, "a reader that wakes up gets its bytes");
	IS_INT(raw[3]->reply.size, BIG, "all of them");
	for (int i = 0; i < 4; i++)
		raw_close(raw[i]);
	r = http(box->web, "DELETE", box_path(box, "big.img", ""));
	IS_INT(r->status, 204, "and the image can be deleted after they left");
}

int main(void)
{
	struct box box;
	char *data;

	box_start(&box, NULL);
	data = box_fill(&box, image, SIZE);
	test_whole(&box, data);
	test_ranges(&box, data);
	test_unsatisfiable(&box);
	test_other_units(&box, data);
	test_empty_image(&box);
	test_missing(&box);
	test_conditions(&box, data);
	test_order_of_conditions(&box);
	test_etag_moves(&box);
	test_big(&box);
	test_stalled(&box);
	free(data);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
