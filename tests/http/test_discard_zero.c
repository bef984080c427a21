/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Discard and zero, in both spellings. A DELETE that is not exactly right does nothing. */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/box.h"
#include "tests/lib/tap.h"

#define SIZE ((size_t)4 << 20)

static const char *const image = "discard.img";
static char *model;

static void refill(struct box *box)
{
	box_pattern(model, SIZE, 17);
	box_put(box, image, model, 0, SIZE);
}

static void test_delete_refused(struct box *box)
{
	static const struct {
		const char *range;
		long status; /* 0: 400 or 416 */
	} cases[] = {
		{ NULL, 400 },
		{ "items=0-99", 0 },
		{ "0-99", 0 },
		{ "bytes=", 0 },
		{ "bytes=abc", 0 },
		{ "bytes=99-0", 0 },
		{ "bytes=-", 0 },
		{ "bytes=1", 0 },
		{ "bytes 0-99/*", 0 },
		{ "bytes=0-99,200-299", 0 },
		{ "bytes=4194304-", 0 },
		{ "bytes=4194304-4194304", 416 },
		{ "bytes=0-4194304", 416 },
		{ "bytes=4190000-9999999", 416 },
		{ "bytes=0-18446744073709551615", 416 },
		{ "bytes=0-99999999999999999999999999", 416 },
		{ "bytes=99999999999999999999999999-", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *range = cases[i].range;
		struct http_reply *r = http(box->web, "DELETE", box_path(box, image, "/-/data"),
					    .range = range);

		IS_STR(problem_wrong(r, cases[i].status, NULL), NULL, "DELETE [%s] is a problem",
		       range ? range : "no Range");
		OK(r->status == 400 || r->status == 416, "DELETE [%s]: %ld",
		   range ? range : "no Range", r->status);
	}
	IS_STR(problem_wrong(http(box->web, "DELETE", box_path(box, "nosuch", "/-/data"),
				  .range = "bytes=0-99"),
			     404, NULL),
	       NULL, "DELETE of a missing image's data");
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "nothing happened");
}

struct span {
	size_t offset, length;
};

static const struct span spans[] = {
	{ 0, 1 },
	{ 511, 2 },
	{ 4096, 4096 },
	{ 4095, 4098 },
	{ 10000, 100000 },
	{ 1048575, 2 },
	{ 1000001, 1999999 },
	{ SIZE - 1, 1 },
	{ SIZE - 5000, 5000 },
	{ 0, SIZE },
};

/* Does the same to the model and compares disk, and what the server reads, with it. */
static void check_zeroed(struct box *box, const struct span *span, struct http_reply *r,
			 const char *how)
{
	char text[64];
	struct http_reply *back;

	snprintf(text, sizeof(text), "%s of %zu bytes at %zu", how, span->length, span->offset);
	IS_STR(reply_wrong(r, 204, NULL, 0), NULL, "%s", text);
	memset(model + span->offset, 0, span->length);
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "%s: on disk", text);
	back = http(box->web, "GET", box_path(box, image, "/-/data"),
		    .range = box_format("bytes=%zu-%zu", span->offset,
					span->offset + span->length - 1));
	IS_STR(reply_wrong(back, 206, model + span->offset, span->length), NULL, "%s: read back",
	       text);
}

/* Every way to ask for it: the request for one span. */
static struct http_reply *ask(struct box *box, int way, const struct span *span)
{
	static const struct {
		const char *tail;
		const char *more; /* JSON members; NULL: DELETE with Range */
	} ways[] = {
		{ "/-/data", NULL },
		{ "/-/data?flush=true", NULL },
		{ "/-/discard", "" },
		{ "/-/discard", ",\"flush\":true" },
		{ "/-/zero", "" },
		{ "/-/zero", ",\"unmap\":true,\"flush\":false" },
		{ "/-/zero", ",\"unmap\":false,\"flush\":true" },
	};
	const char *target = box_path(box, image, ways[way].tail);

	if (!ways[way].more)
		return http(box->web, "DELETE", target,
			    .range = box_format("bytes=%zu-%zu", span->offset,
						span->offset + span->length - 1));
	return http(box->web, "POST", target,
		    .json = box_format("{\"offset\":%zu,\"length\":%zu%s}", span->offset,
				       span->length, ways[way].more));
}

static void test_spans(struct box *box)
{
	static const char *const names[] = { "DELETE",	      "DELETE and flush",
					     "discard",	      "discard and flush",
					     "zero",	      "unmap",
					     "zero and flush" };

	for (int way = 0; way < 7; way++) {
		refill(box);
		for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
			check_zeroed(box, &spans[i], ask(box, way, &spans[i]), names[way]);
	}
}

static void test_open_end(struct box *box)
{
	static const struct {
		const char *range;
		size_t offset;
	} cases[] = { { "bytes=4190208-", 4190208 }, { "bytes=-4096", SIZE - 4096 } };

	refill(box);
	for (size_t i = 0; i < 2; i++) {
		struct http_reply *r = http(box->web, "DELETE", box_path(box, image, "/-/data"),
					    .range = cases[i].range);

		OK(r->status == 204 || r->status == 400 || r->status == 416, "DELETE %s: %ld",
		   cases[i].range, r->status);
		if (r->status == 204)
			memset(model + cases[i].offset, 0, SIZE - cases[i].offset);
		IS_STR(disk_wrong(box, image, model, SIZE), NULL, "%s: and it did what it said",
		       cases[i].range);
	}
}

static void test_allocation(struct box *box)
{
	int64_t full, now;

	refill(box);
	IS_INT(http(box->web, "POST", box_path(box, image, "/-/flush"))->status, 204, "flush");
	full = disk_blocks(box, image);
	OK(full >= (int64_t)SIZE, "a written image has its space: %lld", (long long)full);
	http(box->web, "POST", box_path(box, image, "/-/zero"),
	     .json = "{\"offset\":0,\"length\":4194304,\"flush\":true}");
	now = disk_blocks(box, image);
	OK(now >= (int64_t)SIZE, "zero keeps it: %lld", (long long)now);
	http(box->web, "DELETE", box_path(box, image, "/-/data?flush=true"),
	     .range = "bytes=0-2097151");
	now = disk_blocks(box, image);
	OK(now <= full - (1 << 20), "discard gives it back: %lld of %lld", (long long)now,
	   (long long)full);
	memset(model, 0, SIZE);
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "all of it reads as zeros");
}

static void test_json_refused(struct box *box)
{
	static const struct {
		const char *json;
		const char *names; /* must be in the detail, or NULL */
		long status;	   /* 0: any 4xx */
	} cases[] = {
		{ "", NULL, 400 },
		{ "{}", NULL, 400 },
		{ "[]", NULL, 400 },
		{ "{\"offset\":0}", "length", 400 },
		{ "{\"length\":1}", "offset", 400 },
		{ "{\"offset\":\"0\",\"length\":1}", "offset", 400 },
		{ "{\"offset\":0,\"length\":1.5}", "length", 400 },
		{ "{\"offset\":0,\"length\":true}", "length", 400 },
		{ "{\"offset\":null,\"length\":1}", "offset", 400 },
		{ "{\"offset\":-1,\"length\":1}", NULL, 0 },
		{ "{\"offset\":0,\"length\":-1}", NULL, 0 },
		{ "{\"offset\":0,\"length\":1,\"flush\":1}", "flush", 400 },
		{ "{\"offset\":0,\"length\":1,\"size\":1}", "size", 400 },
		{ "{\"offset\":0,\"offset\":0,\"length\":1}", "offset", 400 },
		{ "{\"offset\":0,\"length\":1}x", NULL, 400 },
		{ "{\"offset\":0,\"length\":4194305}", NULL, 416 },
		{ "{\"offset\":4194304,\"length\":1}", NULL, 416 },
		{ "{\"offset\":4194303,\"length\":2}", NULL, 416 },
		{ "{\"offset\":9223372036854775807,\"length\":1}", NULL, 0 },
		{ "{\"offset\":1,\"length\":9223372036854775807}", NULL, 0 },
		{ "{\"offset\":0,\"length\":99999999999999999999}", NULL, 0 },
	};
	static const char *const tails[] = { "/-/discard", "/-/zero" };

	refill(box);
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const char *tail = tails[i % 2];
		const char *json = cases[i / 2].json;
		const char *names = cases[i / 2].names;
		struct http_reply *r = http(box->web, "POST", box_path(box, image, tail),
					    .json = json);

		IS_STR(problem_wrong(r, cases[i / 2].status, NULL), NULL, "%s %s", tail, json);
		OK(r->status < 500, "%s %s is the client's fault", tail, json);
		OK(!names ||
			   strstr(http_string(r, "detail") ? http_string(r, "detail") : "", names),
		   "%s %s: the detail names %s", tail, json, names ? names : "nothing");
	}
	IS_STR(problem_wrong(http(box->web, "POST", box_path(box, image, "/-/discard"),
				  .json = "{\"offset\":0,\"length\":1,\"unmap\":true}"),
			     400, NULL),
	       NULL, "discard knows no unmap");
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "nothing happened");
}

int main(void)
{
	struct box box;

	box_start(&box, NULL);
	model = box_fill(&box, image, SIZE);
	test_delete_refused(&box);
	test_spans(&box);
	test_open_end(&box);
	test_allocation(&box);
	test_json_refused(&box);
	IS_INT(http(box.web, "GET", box_path(&box, image, ""))->status, 200,
	       "the image is still there");
	free(model);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
