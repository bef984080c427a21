/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw bytes at the front door: requests that hide another, pipelining, 100-continue, HTTP/1.0,
 * slow and half-closed clients.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/lib/box.h"
#include "tests/lib/raw.h"
#include "tests/lib/tap.h"

#define SIZE 8192
#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

static const char *const image = "door.img";

/* Refused with 400 and closed; what hides behind them is never answered. */
static void test_smuggling(struct box *box)
{
	static const struct {
		const char *text;
		size_t size;
	} requests[] = {
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
		      "Content-Length: 5\r\n\r\n0\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
		      "Content-Length: 5\r\n\r\nabcde"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		      "Content-Length: 5\r\n\r\nabcde"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nabcde"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nabcde"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nabcde"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nabcde"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nabcde"),
		BYTES("GET /livez HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
		BYTES("GET /livez HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"),
		BYTES("GET /livez HTTP/1.1\r\n\r\n"),
		BYTES("GET /livez HTTP/1.1\r\nHost: x\r\nBad[name]: 1\r\n\r\n"),
		BYTES("GET /livez HTTP/1.1\r\nHost: x\r\nBad name: 1\r\n\r\n"),
		BYTES("GET /livez HTTP/1.1\r\nHost: x\r\nBad\x01name: 1\r\n\r\n"),
		BYTES("GET /livez HTTP/1.1\r\nHost: x\r\nName: a\x01"
		      "b\r\n\r\n"),
		BYTES("GET /livez HTTP/1.1\r\nHost: x\r\nName: a\x7f"
		      "b\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"
		      "0\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
		      "0\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n"
		      "\r\n0\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n"
		      "0\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
		      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct raw *raw = raw_open(box->server.port);
		const char *line = strstr(requests[i].text, "Host: x");
		const char *what = box_format("%.70s", line ? line : "no Host");
		const char *rest;

		raw_send(raw, requests[i].text, requests[i].size);
		raw_text(raw, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
		rest = raw_rest(raw);
		OK(rest, "[%s] closes", what);
		OK(rest && !strncmp(rest, "HTTP/1.1 400 ", 13), "[%s] is 400", what);
		/* The head may come twice: so does libmicrohttpd 0.9.75 with its own errors. */
		OK(rest && !strstr(rest, "HTTP/1.1 200"), "[%s] hides nothing", what);
		raw_close(raw);
	}
	IS_INT(http(box->web, "GET", "/livez")->status, 200, "the server is well");
}

/* libmicrohttpd cuts a value at a NUL and does not tell: the cut one must be all there is. */
static void test_nul(struct box *box)
{
	static const char request[] =
		"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\0b\r\n\r\n";
	struct raw *raw = raw_open(box->server.port);

	raw_send(raw, request, sizeof(request) - 1);
	IS_STR(raw_reply(raw, "GET"), NULL, "a NUL in a header is answered");
	OK(raw->reply.status == 400 || !strcmp(http_text(&raw->reply, "X-Request-Id"), "a"),
	   "and refused, or cuts the value");
	raw_close(raw);
}

/* Refused in one way or another, and never by anything but 4xx or 5xx and a close. */
static void test_garbage(struct box *box)
{
	static const struct {
		const char *text;
		size_t size;
	} requests[] = {
		BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n"),
		BYTES("GET\r\n\r\n"),
		BYTES("GET /livez\r\n\r\n"),
		BYTES("GET /livez HTTP/9.9\r\nHost: x\r\n\r\n"),
		BYTES("GET /livez FTP/1.1\r\nHost: x\r\n\r\n"),
		BYTES("GET /livez HTTP/1.1\r\nHost x\r\n\r\n"),
		BYTES("GET  /livez  HTTP/1.1\r\nHost: x\r\n\r\nx\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		      "zz\r\n\r\n"),
		BYTES("POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		      "fffffffffffffffff\r\n\r\n"),
		BYTES("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct raw *raw = raw_open(box->server.port);
		const char *rest;

		raw_send(raw, requests[i].text, requests[i].size);
		shutdown(raw->fd, SHUT_WR);
		rest = raw_rest(raw);
		OK(rest && !strstr(rest, "HTTP/1.1 2"), "garbage %zu ends badly", i);
		raw_close(raw);
		IS_INT(http(box->web, "GET", "/livez")->status, 200, "the server survives %zu", i);
	}
}

static void test_long_requests(struct box *box)
{
	static char filler[200000];
	struct raw *raw = raw_open(box->server.port);

	memset(filler, 'a', sizeof(filler) - 1);
	raw_text(raw, "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", filler);
	OK(raw_rest(raw), "a target of 200 kB closes");
	raw_close(raw);
	raw = raw_open(box->server.port);
	raw_text(raw, "GET /livez HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", filler);
	OK(raw_rest(raw), "a header of 200 kB closes");
	raw_close(raw);
	raw = raw_open(box->server.port);
	raw_text(raw, "GET /livez HTTP/1.1\r\nHost: x\r\nX: %.4000s\r\n\r\n", filler);
	IS_STR(raw_reply(raw, "GET"), NULL, "a header of 4 kB is answered");
	IS_INT(raw->reply.status, 200, "as any other");
	raw_close(raw);
}

static void test_pipelining(struct box *box)
{
	struct raw *raw = raw_open(box->server.port);
	const char *data = box_path(box, image, "/-/data");
	char bytes[SIZE];

	box_pattern(bytes, SIZE, SIZE + 1);
	raw_text(raw,
		 "GET %s HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\n\r\n"
		 "HEAD %s HTTP/1.1\r\nHost: x\r\n\r\n"
		 "GET /nosuch HTTP/1.1\r\nHost: x\r\n\r\n"
		 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
		 "Content-Range: bytes 0-3/*\r\n\r\nPIPE"
		 "GET %s HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\n\r\n",
		 data, data, data, data);
	IS_STR(raw_reply(raw, "GET"), NULL, "pipeline 1");
	OK(raw->reply.size == 10 && !memcmp(raw->reply.body, bytes, 10), "the old bytes");
	IS_STR(raw_reply(raw, "HEAD"), NULL, "pipeline 2");
	IS_INT(raw->reply.status, 200, "HEAD");
	IS_STR(raw_reply(raw, "GET"), NULL, "pipeline 3");
	IS_INT(raw->reply.status, 404, "an error in the middle");
	IS_STR(raw_reply(raw, "PUT"), NULL, "pipeline 4");
	IS_INT(raw->reply.status, 204, "a write");
	IS_STR(raw_reply(raw, "GET"), NULL, "pipeline 5");
	OK(raw->reply.size == 10 && !memcmp(raw->reply.body, "PIPE", 4), "the new bytes");
	raw_close(raw);
}

static void test_byte_by_byte(struct box *box)
{
	struct raw *raw = raw_open(box->server.port);
	const char *request = box_format("PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
					 "Content-Range: bytes 100-104/*\r\n\r\nslow!",
					 box_path(box, image, "/-/data"));
	struct http_reply *r;

	for (const char *c = request; *c; c++)
		raw_send(raw, c, 1);
	IS_STR(raw_reply(raw, "PUT"), NULL, "a request in single bytes");
	IS_INT(raw->reply.status, 204, "is done");
	r = http(box->web, "GET", box_path(box, image, "/-/data"), .range = "bytes=100-104");
	IS_STR(reply_wrong(r, 206, "slow!", 5), NULL, "and right");
	raw_close(raw);
}

/* Chunks of every size, with extensions and trailers. */
static void test_chunks(struct box *box)
{
	struct raw *raw = raw_open(box->server.port);
	struct http_reply *r;

	raw_text(raw,
		 "PUT %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
		 "Content-Range: bytes 200-209/*\r\n\r\n"
		 "1\r\na\r\n2;ext=1\r\nbc\r\n0003\r\ndef\r\n4\r\nghij\r\n0\r\nX: y\r\n\r\n",
		 box_path(box, image, "/-/data"));
	IS_STR(raw_reply(raw, "PUT"), NULL, "chunks with extension and trailer");
	IS_INT(raw->reply.status, 204, "are written");
	r = http(box->web, "GET", box_path(box, image, "/-/data"), .range = "bytes=200-209");
	IS_STR(reply_wrong(r, 206, "abcdefghij", 10), NULL, "in order");
	raw_text(raw, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
	IS_STR(raw_reply(raw, "GET"), NULL, "and the connection is kept");
	raw_close(raw);
}

static void test_continue(struct box *box)
{
	struct raw *raw = raw_open(box->server.port);
	struct http_reply *r;

	raw_text(raw,
		 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
		 "Content-Range: bytes 300-303/*\r\nExpect: 100-continue\r\n\r\n",
		 box_path(box, image, "/-/data"));
	IS_STR(raw_reply(raw, "PUT"), NULL, "a good request with Expect");
	IS_INT(raw->reply.status, 100, "gets 100");
	raw_text(raw, "body");
	IS_STR(raw_reply(raw, "PUT"), NULL, "and after the body");
	IS_INT(raw->reply.status, 204, "204");
	r = http(box->web, "GET", box_path(box, image, "/-/data"), .range = "bytes=300-303");
	IS_STR(reply_wrong(r, 206, "body", 4), NULL, "and it is written");
	raw_close(raw);

	raw = raw_open(box->server.port);
	raw_text(raw,
		 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
		 "Content-Range: bytes 9999999-10000002/*\r\nExpect: 100-continue\r\n\r\n",
		 box_path(box, image, "/-/data"));
	IS_STR(raw_reply(raw, "PUT"), NULL, "a bad request with Expect");
	IS_INT(raw->reply.status, 416, "gets its answer instead of 100");
	raw_close(raw);
}

static void test_http_1_0(struct box *box)
{
	struct raw *raw = raw_open(box->server.port);

	raw_text(raw, "GET %s HTTP/1.0\r\nRange: bytes=0-9\r\n\r\n",
		 box_path(box, image, "/-/data"));
	IS_STR(raw_reply(raw, "GET"), NULL, "HTTP/1.0, without Host");
	IS_INT(raw->reply.status, 206, "is served");
	IS_INT(raw->reply.size, 10, "with its body");
	OK(raw_closed(raw), "and closed");
	raw_close(raw);
	raw = raw_open(box->server.port);
	for (int i = 0; i < 2; i++) {
		raw_text(raw, "GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
		IS_STR(raw_reply(raw, "GET"), NULL, "HTTP/1.0 with keep-alive, request %d", i);
	}
	raw_close(raw);
}

static void test_close(struct box *box)
{
	struct raw *raw = raw_open(box->server.port);

	raw_text(raw, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	IS_STR(raw_reply(raw, "GET"), NULL, "Connection: close is answered");
	OK(raw_closed(raw), "and closed");
	raw_close(raw);
	raw = raw_open(box->server.port);
	raw_text(raw, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		 box_path(box, image, "/-/data"));
	shutdown(raw->fd, SHUT_WR);
	OK(raw_rest(raw), "a half-closed client is answered or closed, not forgotten");
	raw_close(raw);
	raw = raw_open(box->server.port);
	raw_text(raw,
		 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
		 "Content-Range: bytes 0-99/*\r\n\r\nonly this",
		 box_path(box, image, "/-/data"));
	shutdown(raw->fd, SHUT_WR);
	OK(raw_rest(raw), "a body that ends early ends the connection");
	raw_close(raw);
	IS_INT(http(box->web, "GET", "/livez")->status, 200, "the server is well");
}

/* A body on a method that has none is read and ignored, or refused; the next request is whole. */
static void test_body_on_get(struct box *box)
{
	struct raw *raw = raw_open(box->server.port);

	raw_text(raw, "GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /"
		      "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
	IS_STR(raw_reply(raw, "GET"), NULL, "GET with a body");
	OK(raw->reply.status == 200 || raw->reply.status == 400, "status %ld", raw->reply.status);
	if (raw->reply.status == 200) {
		IS_STR(raw_reply(raw, "GET"), NULL, "and the next request");
		IS_INT(raw->reply.status, 200, "is not mixed up");
	}
	raw_close(raw);
}

static void test_many_connections(struct box *box)
{
	enum { MANY = 200 };
	struct raw *raw[MANY];
	int good = 0;

	for (int i = 0; i < MANY; i++)
		raw[i] = raw_open(box->server.port);
	for (int i = 0; i < MANY; i++)
		raw_text(raw[i], "GET %s HTTP/1.1\r\nHost: x\r\nRange: bytes=%d-%d\r\n\r\n",
			 box_path(box, image, "/-/data"), i, i + 9);
	for (int i = 0; i < MANY; i++) {
		good += !raw_reply(raw[i], "GET") && raw[i]->reply.status == 206;
		raw_close(raw[i]);
	}
	IS_INT(good, MANY, "200 connections at once");
}

int main(void)
{
	struct box box;
	char data[SIZE];

	box_start(&box, NULL);
	box_create(&box, image, SIZE);
	box_pattern(data, SIZE, SIZE + 1);
	box_put(&box, image, data, 0, SIZE);
	test_smuggling(&box);
	test_nul(&box);
	test_garbage(&box);
	test_long_requests(&box);
	test_pipelining(&box);
	test_byte_by_byte(&box);
	test_chunks(&box);
	test_continue(&box);
	test_http_1_0(&box);
	test_close(&box);
	test_body_on_get(&box);
	test_many_connections(&box);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
