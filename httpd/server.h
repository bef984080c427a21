/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_SERVER_H
#define HTTPD_SERVER_H

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "block/buffer.h"
#include "block/volume.h"
#include "httpd/acceptor.h"
#include "httpd/config.h"
#include "httpd/flight.h"
#include "httpd/reaper.h"

/*
 * The server: everything that requests share. main() owns it; its members are constant after
 * server_start() but for those that say otherwise.
 */
struct server {
	const struct config *config;
	struct volumes *volumes;
	struct buffer_pool *buffers;
	struct MHD_Daemon *daemon;
	struct acceptor *acceptor;
	struct reaper *reaper;
	struct flights flights;	 /* has its own lock */
	atomic_bool draining;	 /* no new work is taken */
	atomic_uint connections; /* open now */
	atomic_ulong requests;	 /* begun so far; numbers them */
	uint32_t id_salt;	 /* makes request ids differ between starts */
};

/*
 * server_start() - begin to connect volumes, then to serve.
 * @server: zeroed but for config; must live until server_stop()
 * @listeners: listening sockets (borrows until server_refuse())
 * @why: on failure one line
 *
 * Return: 0 or -errno; on failure nothing runs.
 */
int server_start(struct server *server, struct listeners *listeners, char *why, size_t why_size);

/* server_refuse() - stop accepting and refuse new requests; the listeners may be closed then. */
void server_refuse(struct server *server);

/*
 * server_drain() - wait for the requests that run, after server_refuse().
 * @until_ns: give up then (clock_now())
 *
 * Return: requests still not done, detached ones included.
 */
size_t server_drain(struct server *server, uint64_t until_ns);

/*
 * server_stop() - end all threads, close images and connections. Only after server_drain() returned
 * 0: libmicrohttpd aborts the process when a suspended connection is left.
 * @ret_unflushed: set when an image could not be flushed and closed
 *
 * Return: 0, or the number of gluster connections that do not end (then only _exit() is left).
 */
int server_stop(struct server *server, bool *ret_unflushed);

#endif
