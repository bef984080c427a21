/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After faults the server goes on: nothing waits for ever, no answer is lost, no loss is hidden. Fake
 * gluster only; its rules are in tests/fake/rules.c.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/box.h"
#include "tests/lib/raw.h"
#include "tests/lib/tap.h"

#define SIZE ((size_t)8 << 20)

static const char *const image = "r.img";

static struct http_reply *post(struct box *box, const char *tail, const char *json)
{
	return http(box->web, "POST", box_path(box, image, tail), .json = json);
}

/* The one fsync of a group fails in a way that needs a new handle, and there is none to be had. */
static void test_flush_without_handle(struct box *box)
{
	server_rules(&box->server,
		     "op=fsync errno=ESTALE count=1\nop=open errno=ENOTCONN count=1\n");
	OK(post(box, "/-/flush", NULL)->status == 503, "a flush that cannot be done is 503");
	server_rules(&box->server, "");
	IS_STR(problem_wrong(post(box, "/-/flush", NULL), 409, "lost-writes"), NULL,
	       "the next one is answered, too: writes may be lost");
	IS_INT(post(box, "/-/reopen", "{}")->status, 200, "re-opened");
	IS_INT(post(box, "/-/flush", NULL)->status, 204, "a flush works again");
}

/* A loss is not forgotten by a rename. */
static void test_rename_keeps_loss(struct box *box, const char *model)
{
	box_put(box, image, model, 0, 1);
	server_rules(&box->server, "op=fsync errno=EIO count=1\n");
	OK(post(box, "/-/rename", "{\"name\":\"other.img\"}")->status >= 500,
	   "what cannot be flushed is not renamed");
	server_rules(&box->server, "");
	IS_STR(problem_wrong(post(box, "/-/rename", "{\"name\":\"other.img\"}"), 409,
			     "lost-writes"),
	       NULL, "nor later, until it is re-opened");
	IS_INT(post(box, "/-/reopen", "{}")->status, 200, "re-opened");
}

/* A stream stays with the file it began with when another takes its name. */
static void test_stream_keeps_file(struct box *box, const char *model)
{
	struct raw *raw = raw_open(box->server.port);
	char first;

	server_rules(&box->server, "op=pread delay_ms=50\n");
	raw_text(raw, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", box_path(box, image, "/-/data"));
	OK(recv(raw->fd, &first, 1, MSG_PEEK) == 1, "a stream has begun");
	IS_INT(http(box->web, "POST", box_format("/v1/volumes/%s/images", box->server.volume),
		    .json = box_format("{\"name\":\"%s\",\"size\":%zu,\"overwrite\":true}", image,
				       SIZE))
		       ->status,
	       201, "replaced while it is read");
	IS_STR(raw_reply(raw, "GET"), NULL, "the stream is complete");
	IS_STR(data_wrong(raw->reply.body, model, SIZE), NULL, "and of the first file to its end");
	raw_close(raw);
	server_rules(&box->server, "");
}

/* Clients that shut down their sending side are answered. */
static void test_half_closed(struct box *box)
{
	unsigned answered = 0;

	for (unsigned i = 0; i < 50; i++) {
		struct raw *raw = raw_open(box->server.port);

		raw_text(raw, "POST %s HTTP/1.1\r\nHost: x\r\n\r\n",
			 box_path(box, image, "/-/flush"));
		shutdown(raw->fd, SHUT_WR);
		answered += raw_reply(raw, "POST") == NULL && raw->reply.status == 204;
		raw_close(raw);
	}
	IS_INT(answered, 50, "half-closed clients are answered");
}

/* More resizes wait for writes than there are workers to wait on. */
static void test_many_resizes(struct box *box)
{
	enum { N = 12 };
	struct raw *writes[N], *resizes[N];
	unsigned good = 0;

	for (int i = 0; i < N; i++)
		box_create(box, box_format("many%d.img", i), 1 << 20);
	server_rules(&box->server, "op=pwrite hold=1\n");
	for (int i = 0; i < N; i++) {
		writes[i] = raw_open(box->server.port);
		raw_text(writes[i],
			 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
			 "Content-Range: bytes 1048572-1048575/*\r\n\r\ntail",
			 box_path(box, box_format("many%d.img", i), "/-/data"));
	}
	for (int i = 0; i < N; i++) {
		resizes[i] = raw_open(box->server.port);
		raw_text(resizes[i],
			 "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\n"
			 "{\"size\":4096,\"shrink\":true}",
			 box_path(box, box_format("many%d.img", i), "/-/resize"));
	}
	IS_INT(http(box->web, "GET", box_path(box, image, ""))->status, 200,
	       "another image is not held up");
	server_rules(&box->server, "");
	for (int i = 0; i < N; i++) {
		good += raw_reply(writes[i], "PUT") == NULL;
		good += raw_reply(resizes[i], "POST") == NULL && resizes[i]->reply.status < 500;
		raw_close(writes[i]);
		raw_close(resizes[i]);
	}
	IS_INT(good, 2 * N, "all are answered when the bricks go on");
}

int main(void)
{
	struct box box;
	char *model;

	if (!getenv("GI_BACKEND") || strcmp(getenv("GI_BACKEND"), "fake") != 0)
		return tap_skip_all("needs the rules of the fake gluster");
	box_start(&box, NULL);
	model = box_fill(&box, image, SIZE);
	test_flush_without_handle(&box);
	test_rename_keeps_loss(&box, model);
	test_stream_keeps_file(&box, model);
	test_half_closed(&box);
	test_many_resizes(&box);
	free(model);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
