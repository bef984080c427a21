/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting without a volume, draining, and being stopped by force. Only with the fake gluster. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lib/box.h"
#include "tests/lib/raw.h"
#include "tests/lib/tap.h"

#define SIZE	  ((size_t)16 << 20)
#define TRANSFERS 5 /* each way */

/* Waits until new clients are turned away: the stop has begun. */
static bool refuses(struct box *box)
{
	for (int i = 0; i < 1000; i++) {
		struct http *web = http_open(box->server.port);
		struct http_reply *r = http(web, "GET", "/v1/volumes");
		bool refused = r->error || r->status == 503;

		http_close(web);
		if (refused)
			return true;
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
	}
	return false;
}

static void test_drain(void)
{
	struct raw *down[TRANSFERS], *up[TRANSFERS];
	struct box box;
	char *data, *sent;

	box_start(&box, NULL);
	data = box_fill(&box, "down.img", SIZE);
	sent = box_fill(&box, "up.img", SIZE);
	server_trace_clear(&box.server);
	server_rules(&box.server, "op=pread delay_ms=5\nop=pwrite delay_ms=5\n");
	box_pattern(sent, SIZE, 77);
	for (size_t i = 0; i < TRANSFERS; i++) {
		size_t first = i * (SIZE / TRANSFERS);

		down[i] = raw_open(box.server.port);
		raw_text(down[i], "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
			 box_path(&box, "down.img", "/-/data"));
		up[i] = raw_open(box.server.port);
		raw_text(up[i],
			 "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n"
			 "Content-Range: bytes %zu-%zu/*\r\n\r\n",
			 box_path(&box, "up.img", "/-/data"), first, first + 2999999);
		raw_send(up[i], sent + first, 1500000);
	}
	server_trace_wait(&box.server, "pread", TRANSFERS);
	server_trace_wait(&box.server, "pwrite", TRANSFERS);
	server_signal(&box.server, SIGTERM);
	OK(refuses(&box), "new clients are turned away");
	for (size_t i = 0; i < TRANSFERS; i++) {
		size_t first = i * (SIZE / TRANSFERS);

		OK(raw_send(up[i], sent + first + 1500000, 1500000), "upload %zu goes on", i);
	}
	for (int i = 0; i < TRANSFERS; i++) {
		IS_STR(raw_reply(down[i], "GET"), NULL, "download %d finishes", i);
		IS_STR(reply_wrong(&down[i]->reply, 200, data, SIZE), NULL, "download %d is whole",
		       i);
		IS_STR(raw_reply(up[i], "PUT"), NULL, "upload %d is answered", i);
		IS_INT(up[i]->reply.status, 204, "upload %d is done", i);
		raw_close(down[i]);
		raw_close(up[i]);
	}
	IS_INT(server_wait(&box.server), 0, "then the server ends cleanly");
	for (size_t i = 0; i < TRANSFERS; i++) {
		/* Between the uploads is still what box_fill() wrote. */
		size_t first = i * (SIZE / TRANSFERS) + 3000000;
		size_t end = i + 1 < TRANSFERS ? (i + 1) * (SIZE / TRANSFERS) : SIZE;

		memcpy(sent + first, data + first, end - first);
	}
	IS_STR(disk_wrong(&box, "up.img", sent, SIZE), NULL, "all uploads are on disk");
	free(data);
	free(sent);
	box_end(&box, tap_failures);
}

static void test_idle_connections(void)
{
	enum { IDLE = 20 };
	struct raw *idle[IDLE];
	struct box box;
	int closed = 0;

	box_start(&box, NULL);
	for (int i = 0; i < IDLE; i++) {
		idle[i] = raw_open(box.server.port);
		if (i % 2) {
			raw_text(idle[i], "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
			raw_reply(idle[i], "GET");
		}
	}
	IS_INT(box_stop(&box), 0, "idle clients do not keep the server from ending");
	for (int i = 0; i < IDLE; i++) {
		closed += raw_closed(idle[i]);
		raw_close(idle[i]);
	}
	IS_INT(closed, IDLE, "and are disconnected");
	box_end(&box, tap_failures);
}

static void test_forced(void)
{
	struct raw *raw;
	struct box box;

	box_start(&box, NULL);
	box_create(&box, "held.img", 4096);
	server_trace_clear(&box.server);
	server_rules(&box.server, "op=pread path=held.img hold=1\n");
	raw = raw_open(box.server.port);
	raw_text(raw, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", box_path(&box, "held.img", "/-/data"));
	OK(server_trace_wait(&box.server, "pread", 1), "a read never ends");
	server_signal(&box.server, SIGTERM);
	OK(refuses(&box), "a first signal drains");
	server_signal(&box.server, SIGTERM);
	IS_INT(server_wait(&box.server), 3, "a second one ends with 3");
	raw_close(raw);
	box_end(&box, tap_failures);
}

/* A volume that is down does not stop the start, and comes up by itself. */
static void test_start_without_volume(void)
{
	struct box box = { 0 };
	struct http_reply *r;

	server_open(&box.server);
	server_rules(&box.server, "op=init errno=ENOTCONN\n");
	if (!OK(server_spawn(&box.server, NULL), "the server listens without its volume"))
		exit(box_end(&box, 1));
	box.web = http_open(box.server.port);
	IS_INT(http(box.web, "GET", "/livez")->status, 200, "it lives");
	IS_INT(http(box.web, "GET", "/readyz")->status, 503, "it is not ready");
	r = http(box.web, "GET", "/v1/volumes/vm");
	IS_INT(r->status, 200, "the volume is known");
	OK(http_string(r, "state") && strcmp(http_string(r, "state"), "up"), "but not up: %s",
	   http_string(r, "state") ? http_string(r, "state") : "missing");
	OK(http_string(r, "error"), "and it says why");
	r = http(box.web, "GET", box_path(&box, "x", "/-/data"));
	IS_STR(problem_wrong(r, 503, NULL), NULL, "its images are 503");
	OK(http_header(r, "Retry-After"), "with Retry-After");
	server_rules(&box.server, "");
	OK(server_ready(&box.server), "ready as soon as the volume is there");
	box_create(&box, "x", 512);
	IS_INT(http(box.web, "GET", box_path(&box, "x", "/-/data"))->status, 200, "and it works");
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	box_end(&box, tap_failures);
}

static void test_stop_while_connecting(void)
{
	struct box box = { 0 };

	server_open(&box.server);
	server_rules(&box.server, "op=init errno=ENOTCONN\n");
	if (!OK(server_spawn(&box.server, NULL), "a server without its volume"))
		exit(box_end(&box, 1));
	IS_INT(server_stop(&box.server), 0, "can be stopped");
	box_end(&box, tap_failures);
}

int main(void)
{
	server_need_fake();
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_drain();
	test_idle_connections();
	test_forced();
	test_start_without_volume();
	test_stop_while_connecting();
	return tap_end();
}
