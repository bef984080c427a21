/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What clients see when gluster fails, stalls, comes short or out of order. Only with the fake
 * gluster; its rules are in tests/fake/rules.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/box.h"
#include "tests/lib/raw.h"
#include "tests/lib/tap.h"

#define SIZE ((size_t)16 << 20)
#define MIB  ((size_t)1 << 20)

static const char *const image = "fault.img";
static char *model;

static void rules(struct box *box, const char *text)
{
	server_rules(&box->server, text);
}

static struct http_reply *get(struct box *box, const char *range)
{
	return http(box->web, "GET", box_path(box, image, "/-/data"), .range = range);
}

static struct http_reply *put(struct box *box, size_t offset, size_t size)
{
	return http(box->web, "PUT", box_path(box, image, "/-/data"), .body = model + offset,
		    .size = size,
		    .content_range = box_format("bytes %zu-%zu/*", offset, offset + size - 1));
}

static void check_well(struct box *box, const char *what)
{
	rules(box, "");
	IS_STR(reply_wrong(get(box, NULL), 200, model, SIZE), NULL, "%s: all is well afterwards",
	       what);
}

static void test_read_error(struct box *box)
{
	struct http_reply *r;

	rules(box, "op=pread path=fault.img errno=EIO\n");
	r = get(box, "bytes=1000-1999");
	IS_STR(problem_wrong(r, 500, NULL), NULL, "EIO on a read is a clean 500");
	IS_STR(http_string(r, "errno"), "EIO", "with its errno");
	r = get(box, NULL);
	IS_STR(problem_wrong(r, 500, NULL), NULL, "on a whole read, too: nothing was sent yet");
	r = http(box->web, "GET", "/livez");
	OK(r->connects == 0, "and the connection lives on");
	check_well(box, "read error");
}

static void test_read_error_in_the_middle(struct box *box)
{
	struct http_reply *r;

	rules(box, "op=pread path=fault.img offset=12000000 errno=EIO\n");
	r = get(box, NULL);
	IS_INT(r->status, 200, "a long read starts well");
	OK(r->error && r->size < SIZE && r->size <= 12000000, "and is cut short after %zu bytes",
	   r->size);
	IS_STR(data_wrong(r->body, model, r->size), NULL, "of which all are right");
	r = get(box, "bytes=0-15000000");
	OK(r->status == 206 && r->error, "a long range is cut, too");
	check_well(box, "cut read");
}

static void test_short_reads(struct box *box)
{
	static const char *const faults[] = { "short=100 count=1", "short=100", "short=0 count=1",
					      "short=0", "nth=2 short=7" };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct http_reply *r;

		rules(box, box_format("op=pread path=fault.img %s\n", faults[i]));
		r = get(box, "bytes=5000-9999");
		OK(!reply_wrong(r, 206, model + 5000, 5000) || !problem_wrong(r, 0, NULL) ||
			   r->error,
		   "%s: a range is whole, or an error (%ld)", faults[i], r->status);
		rules(box, box_format("op=pread path=fault.img %s\n", faults[i]));
		r = get(box, "bytes=0-5999999");
		OK(r->error || !reply_wrong(r, 206, model, 6000000) || !problem_wrong(r, 0, NULL),
		   "%s: a long range is whole, cut or an error (%ld)", faults[i], r->status);
		if (r->status == 206)
			IS_STR(data_wrong(r->body, model, r->size), NULL, "%s: what came is right",
			       faults[i]);
	}
	check_well(box, "short reads");
}

/* The problem says how far the write came; that much is on disk. */
static void test_write_error(struct box *box)
{
	static const char *const names[] = { "ENOSPC", "EDQUOT" };

	for (int i = 0; i < 2; i++) {
		size_t size = 6 * MIB - 4096;
		struct http_reply *r;
		int64_t written;

		box_pattern(model + 4096, size, (uint64_t)i + 50);
		rules(box, box_format("op=pwrite path=fault.img offset=%zu errno=%s\n",
				      5 * MIB + MIB / 2, names[i]));
		r = put(box, 4096, size);
		IS_STR(problem_wrong(r, 507, NULL), NULL, "%s on a write is 507", names[i]);
		IS_STR(http_string(r, "errno"), names[i], "with its errno");
		IS_INT(http_int(r, "offset"), 4096, "with the offset");
		written = http_int(r, "written");
		OK(written >= 0 && written < (int64_t)(5 * MIB + MIB / 2), "written: %lld",
		   (long long)written);
		rules(box, "");
		if (written < 0)
			written = 0;
		r = put(box, 4096 + (size_t)written, size - (size_t)written);
		IS_INT(r->status, 204, "the rest can be sent");
		IS_STR(disk_wrong(box, image, model, SIZE), NULL, "and all is there");
	}
	/* More body to come than the server would swallow. */
	rules(box, "op=pwrite path=fault.img errno=ENOSPC\n");
	OK(put(box, 0, SIZE)->status != 204, "a long write that fails at once is no success");
	rules(box, "");
	check_well(box, "write error");
}

static void test_short_writes(struct box *box)
{
	static const char *const faults[] = { "short=100 count=1", "short=100000",
					      "nth=2 short=0" };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct http_reply *r;
		const char *disk;

		box_pattern(model, 3 * MIB, i + 70);
		rules(box, box_format("op=pwrite path=fault.img %s\n", faults[i]));
		r = put(box, 0, 3 * MIB);
		disk = disk_wrong(box, image, model, SIZE);
		OK(r->status == 204 ? !disk : !problem_wrong(r, 0, NULL),
		   "%s: all is written, or an error (%ld)", faults[i], r->status);
		OK(r->status == 204 || http_int(r, "written") < (int64_t)(3 * MIB),
		   "%s: written does not claim it", faults[i]);
		rules(box, "");
		put(box, 0, 3 * MIB);
	}
	check_well(box, "short writes");
}

static void test_errno_table(struct box *box)
{
	static const struct {
		const char *name;
		long status;
	} cases[] = {
		{ "EINVAL", 400 }, { "EACCES", 403 },	{ "EROFS", 403 },
		{ "EFBIG", 413 },  { "EBUSY", 423 },	{ "EAGAIN", 423 },
		{ "ENOSPC", 507 }, { "EDQUOT", 507 },	{ "EOPNOTSUPP", 501 },
		{ "ENOSYS", 501 }, { "ENOTCONN", 503 }, { "ECONNREFUSED", 503 },
		{ "ENOMEM", 503 }, { "EMFILE", 503 },	{ "EBADF", 503 },
		{ "EBADFD", 503 }, { "ESTALE", 503 },	{ "ETIMEDOUT", 504 },
		{ "EIO", 500 },	   { "EPROTO", 500 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_reply *r;

		rules(box, box_format("op=pwrite path=fault.img errno=%s\n", cases[i].name));
		r = put(box, 8192, 4096);
		IS_STR(problem_wrong(r, cases[i].status, NULL), NULL, "%s is %ld", cases[i].name,
		       cases[i].status);
		IS_STR(http_string(r, "errno"), cases[i].name, "%s: named", cases[i].name);
		OK(r->status != 503 || http_header(r, "Retry-After"), "%s: Retry-After with 503",
		   cases[i].name);
	}
	check_well(box, "errno table");
}

static void test_reopen(struct box *box)
{
	static const char *const names[] = { "EBADF", "EBADFD", "ESTALE" };

	for (int i = 0; i < 3; i++) {
		struct http_reply *r;

		server_trace_clear(&box->server);
		rules(box, box_format("op=pread path=fault.img errno=%s count=1\n", names[i]));
		r = get(box, "bytes=0-99");
		IS_STR(reply_wrong(r, 206, model, 100), NULL, "%s once: a read is repeated",
		       names[i]);
		OK(server_trace_count(&box->server, "open", image) >= 1, "on a new handle");
		rules(box, box_format("op=pwrite path=fault.img errno=%s count=1\n", names[i]));
		box_pattern(model, 100, (uint64_t)i + 90);
		IS_INT(put(box, 0, 100)->status, 204, "%s once: a write is repeated", names[i]);
		IS_STR(disk_wrong(box, image, model, SIZE), NULL, "and is on disk");
	}
	check_well(box, "reopen");
}

static void test_submission_errors(struct box *box)
{
	struct http_reply *r;

	rules(box, "op=pread path=fault.img errno=EIO submit=1\n");
	IS_STR(problem_wrong(get(box, "bytes=0-99"), 500, NULL), NULL, "a read not submitted");
	rules(box, "op=pwrite path=fault.img errno=ENOSPC submit=1\n");
	r = put(box, 0, 4096);
	IS_STR(problem_wrong(r, 507, NULL), NULL, "a write not submitted");
	box_create(box, "other.img", 4096);
	rules(box, "op=fsync path=other.img errno=EIO submit=1\n");
	r = http(box->web, "POST", box_path(box, "other.img", "/-/flush"));
	IS_STR(problem_wrong(r, 500, NULL), NULL, "a flush not submitted");
	rules(box, "");
	box_delete(box, "other.img");
	check_well(box, "submission");
}

static void test_disconnected(struct box *box)
{
	const char *images = box_format("/v1/volumes/%s/images", box->server.volume);
	struct http_reply *r;

	rules(box, "op=* errno=ENOTCONN\n");
	r = get(box, "bytes=0-99");
	IS_STR(problem_wrong(r, 503, NULL), NULL, "no brick: reads are 503");
	OK(http_header(r, "Retry-After"), "with Retry-After");
	r = put(box, 0, 100);
	IS_STR(problem_wrong(r, 503, NULL), NULL, "no brick: writes are 503");
	r = http(box->web, "POST", images, .json = "{\"name\":\"x\",\"size\":512}");
	IS_STR(problem_wrong(r, 503, NULL), NULL, "no brick: create is 503");
	r = http(box->web, "GET", images);
	IS_STR(problem_wrong(r, 503, NULL), NULL, "no brick: list is 503");
	r = http(box->web, "GET", box_path(box, "nosuch", "/-/data"));
	IS_STR(problem_wrong(r, 503, NULL), NULL, "no brick: nobody can tell what is missing");
	rules(box, "");
	OK(server_ready(&box->server), "and is ready when the bricks are back");
	check_well(box, "disconnect");
}

static void test_lost_writes(struct box *box)
{
	char *data = box_fill(box, "lost.img", 65536);
	const char *path = box_path(box, "lost.img", "/-/data");
	const char *flush = box_path(box, "lost.img", "/-/flush");
	struct http_reply *r;

	rules(box, "op=fsync path=lost.img errno=EIO count=1\n");
	r = http(box->web, "POST", flush);
	IS_STR(problem_wrong(r, 500, NULL), NULL, "a failed flush");
	for (int i = 0; i < 2; i++) {
		r = http(box->web, "POST", flush);
		IS_STR(problem_wrong(r, 409, "lost-writes"), NULL, "is not hidden by a later one");
		r = http(box->web, "PUT", path, .body = "x", .size = 1,
			 .content_range = "bytes 0-0/*");
		IS_STR(problem_wrong(r, 409, "lost-writes"), NULL, "stops writes");
	}
	r = http(box->web, "GET", path);
	IS_STR(reply_wrong(r, 200, data, 65536), NULL, "but not reads");
	IS_INT(http(box->web, "POST", box_path(box, image, "/-/flush"))->status, 204,
	       "nor another image");
	rules(box, "");
	box_delete(box, "lost.img");
	box_create(box, "lost.img", 512);
	box_put(box, "lost.img", "x", 0, 1);
	box_delete(box, "lost.img");
	free(data);
}

static void test_unsupported(struct box *box)
{
	struct http_reply *r;

	rules(box, "op=discard errno=EOPNOTSUPP\n");
	r = http(box->web, "DELETE", box_path(box, image, "/-/data"), .range = "bytes=0-1048575");
	IS_STR(problem_wrong(r, 501, "not-supported"), NULL, "DELETE without discard is 501");
	r = http(box->web, "POST", box_path(box, image, "/-/discard"),
		 .json = "{\"offset\":0,\"length\":4096}");
	IS_STR(problem_wrong(r, 501, "not-supported"), NULL, "discard without discard is 501");
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "and nothing is done");
	check_well(box, "unsupported");
}

/* What a volume cannot do is known from its start. */
static void test_poor_volume(void)
{
	struct box box = { 0 };
	struct http_reply *r;
	char *data;

	server_open(&box.server);
	rules(&box, "op=zerofill errno=EOPNOTSUPP\nop=discard errno=EOPNOTSUPP\n"
		    "op=fallocate errno=EOPNOTSUPP\nop=lseek errno=EOPNOTSUPP\n");
	if (!OK(server_start(&box.server, NULL), "a volume that can do little"))
		exit(box_end(&box, 1));
	box.web = http_open(box.server.port);
	r = http(box.web, "GET", "/v1/volumes/vm");
	OK(json_is_false(http_member(r, "features.zero")) &&
		   json_is_false(http_member(r, "features.discard")) &&
		   json_is_false(http_member(r, "features.falloc")),
	   "says so");
	data = box_fill(&box, image, 4 * MIB);
	r = http(box.web, "POST", box_path(&box, image, "/-/zero"),
		 .json = "{\"offset\":1000,\"length\":3000000,\"flush\":true}");
	IS_STR(reply_wrong(r, 204, NULL, 0), NULL, "zero writes zeros");
	memset(data + 1000, 0, 3000000);
	IS_STR(disk_wrong(&box, image, data, 4 * MIB), NULL, "all of them, and no more");
	r = http(box.web, "DELETE", box_path(&box, image, "/-/data"), .range = "bytes=0-4095");
	IS_STR(problem_wrong(r, 501, "not-supported"), NULL, "discard is 501");
	r = http(box.web, "GET", box_path(&box, image, "/-/extents"));
	IS_INT(r->status, 200, "extents still answer");
	OK(json_is_true(json_object_get(json_array_get(http_member(r, "extents"), 0), "data")),
	   "that all is data");
	r = http(box.web, "POST", "/v1/volumes/vm/images",
		 .json = "{\"name\":\"full\",\"size\":1048576,\"preallocation\":\"full\"}");
	IS_INT(r->status, 201, "full preallocation writes zeros");
	OK(disk_blocks(&box, "full") >= (int64_t)MIB, "the space is there");
	free(data);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	box_end(&box, tap_failures);
}

/* The same work under every kind of completion. */
static void test_completions(struct box *box)
{
	static const char *const kinds[] = { "op=* inline=1\n", "op=* reorder=1\n",
					     "op=pread inline=1\nop=pwrite reorder=1\n",
					     "op=* delay_ms=3\n" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct http_reply *r;

		rules(box, kinds[i]);
		box_pattern(model, SIZE, i + 200);
		IS_INT(put(box, 0, SIZE)->status, 204, "%.30s: write", kinds[i]);
		IS_STR(disk_wrong(box, image, model, SIZE), NULL, "is on disk");
		IS_STR(reply_wrong(get(box, NULL), 200, model, SIZE), NULL, "read");
		r = get(box, "bytes=777-3000000");
		IS_STR(reply_wrong(r, 206, model + 777, 2999224), NULL, "read a range");
		r = http(box->web, "DELETE", box_path(box, image, "/-/data"),
			 .range = "bytes=0-2999999");
		IS_INT(r->status, 204, "discard");
		r = http(box->web, "POST", box_path(box, image, "/-/zero"),
			 .json = "{\"offset\":3000000,\"length\":3000000,\"flush\":true}");
		IS_INT(r->status, 204, "zero");
		memset(model, 0, 6000000);
		IS_STR(disk_wrong(box, image, model, SIZE), NULL, "is on disk");
		IS_INT(http(box->web, "POST", box_path(box, image, "/-/flush"))->status, 204,
		       "flush");
		rules(box, box_format("op=pread inline=%zu errno=EIO\n", i % 2));
		IS_STR(problem_wrong(get(box, "bytes=0-9"), 500, NULL), NULL, "fail");
	}
	check_well(box, "completions");
}

/* Overlapping writes take effect in the order of their arrival. */
static void test_order(struct box *box)
{
	struct raw *first = raw_open(box->server.port);
	struct http_reply *r;

	server_trace_clear(&box->server);
	rules(box, "op=pwrite path=fault.img nth=1 delay_ms=300\n");
	raw_text(first,
		 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		 "Content-Range: bytes 100-104/*\r\n\r\nfirst",
		 box_path(box, image, "/-/data"));
	OK(server_trace_wait(&box->server, "pwrite", 1), "the first write is on its way");
	r = http(box->web, "PUT", box_path(box, image, "/-/data"), .body = "2nd", .size = 3,
		 .content_range = "bytes 102-104/*");
	IS_INT(r->status, 204, "the second is done");
	IS_STR(raw_reply(first, "PUT"), NULL, "the first is answered");
	IS_INT(first->reply.status, 204, "and done");
	memcpy(model + 100, "fi2nd", 5);
	IS_STR(disk_wrong(box, image, model, SIZE), NULL, "the second won");
	raw_close(first);
	check_well(box, "order");
}

/* One gluster call for a ranged request on an open image; the keeper of handles may look, too. */
static void test_round_trips(struct box *box)
{
	enum { ROUNDS = 100 };
	int calls;

	get(box, "bytes=0-0");
	server_trace_clear(&box->server);
	for (int i = 0; i < ROUNDS; i++)
		get(box, box_format("bytes=%d-%d", i * 4096, i * 4096 + 4095));
	calls = server_trace_count(&box->server, "pread", image);
	IS_INT(calls, ROUNDS, "one read per ranged GET");
	calls = server_trace_count(&box->server, NULL, NULL) - calls;
	OK(calls < ROUNDS / 2, "and no other call per request: %d", calls);
	server_trace_clear(&box->server);
	for (int i = 0; i < ROUNDS; i++)
		put(box, (size_t)i * 4096, 4096);
	calls = server_trace_count(&box->server, "pwrite", image);
	IS_INT(calls, ROUNDS, "one write per ranged PUT");
	calls = server_trace_count(&box->server, NULL, NULL) - calls;
	OK(calls < ROUNDS / 2, "and no other call per request: %d", calls);
	server_trace_clear(&box->server);
	IS_INT(http(box->web, "POST", box_path(box, image, "/-/flush"))->status, 204, "flush");
	IS_INT(server_trace_count(&box->server, "fsync", image), 1, "is one fsync");
}

static void test_client_aborts(struct box *box)
{
	rules(box, "op=pread delay_ms=20\nop=pwrite delay_ms=20\n");
	for (int i = 0; i < 8; i++) {
		struct raw *down = raw_open(box->server.port);
		struct raw *up = raw_open(box->server.port);

		raw_text(down, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
			 box_path(box, image, "/-/data"));
		raw_text(up,
			 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
			 "Content-Range: bytes 0-%zu/*\r\n\r\n",
			 box_path(box, image, "/-/data"), SIZE, SIZE - 1);
		raw_send(up, model, 100000 + (size_t)i * 300000);
		raw_close(down);
		raw_close(up);
	}
	IS_STR(reply_wrong(get(box, "bytes=0-99"), 206, model, 100), NULL,
	       "another client reads beside aborted transfers");
	check_well(box, "client aborts");
}

/* A server with a short deadline, since these requests wait for it. */
static void test_deadline(void)
{
	static const struct {
		const char *method, *tail, *json, *range, *op;
	} cases[] = {
		{ "GET", "/-/data", NULL, "bytes=0-9", "pread" },
		{ "GET", "/-/data", NULL, NULL, "pread" },
		{ "POST", "/-/flush", NULL, NULL, "fsync" },
		{ "DELETE", "/-/data", NULL, "bytes=0-9", "discard" },
		{ "POST", "/-/zero", "{\"offset\":0,\"length\":10}", NULL, "zerofill" },
	};
	struct box box;
	struct http_reply *r;
	char zeros[10] = { 0 };

	box_start(&box, (const char *const[]){ "--request-deadline", "1", NULL });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = box_format("held-%zu", i);

		box_create(&box, name, 4096);
		box_create(&box, "free", 4096);
		rules(&box, box_format("op=%s path=%s hold=1\n", cases[i].op, name));
		r = http(box.web, cases[i].method, box_path(&box, name, cases[i].tail),
			 .json = cases[i].json, .range = cases[i].range);
		IS_STR(problem_wrong(r, 504, NULL), NULL, "%s held: %s is 504", cases[i].op,
		       cases[i].tail);
		r = http(box.web, "GET", box_path(&box, "free", "/-/data"), .range = "bytes=0-9");
		IS_STR(reply_wrong(r, 206, zeros, 10), NULL, "another image is not held up");
		rules(&box, "");
		r = http(box.web, "GET", box_path(&box, name, "/-/data"), .range = "bytes=0-9");
		IS_STR(reply_wrong(r, 206, zeros, 10), NULL, "released: the image works");
		box_delete(&box, name);
		box_delete(&box, "free");
	}
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	box_end(&box, tap_failures);
}

int main(void)
{
	struct box box;

	server_need_fake();
	box_start(&box, NULL);
	model = box_fill(&box, image, SIZE);
	test_read_error(&box);
	test_read_error_in_the_middle(&box);
	test_short_reads(&box);
	test_write_error(&box);
	test_short_writes(&box);
	test_errno_table(&box);
	test_reopen(&box);
	test_submission_errors(&box);
	test_disconnected(&box);
	test_lost_writes(&box);
	test_unsupported(&box);
	test_completions(&box);
	test_order(&box);
	test_round_trips(&box);
	test_client_aborts(&box);
	test_deadline();
	test_poor_volume();
	free(model);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
