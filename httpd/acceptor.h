/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_ACCEPTOR_H
#define HTTPD_ACCEPTOR_H

#include <stddef.h>

#include "httpd/config.h"

/*
 * Listening and accepting are ours, not MHD's: that gives several listeners (TCP, unix, inherited)
 * on one daemon, a 503 with Retry-After when full, and an end without MHD_quiesce_daemon, which can
 * abort the process. One thread.
 */
#define LISTENERS_MAX 32

struct listeners {
	size_t count;
	struct {
		int fd;
		char *text;	   /* as people write it; the port is the real one */
		char *unlink_path; /* of a unix socket that we made, else NULL */
	} sockets[LISTENERS_MAX];
};

struct acceptor;
struct server;

/*
 * listeners_open() - take the sockets that systemd passed (LISTEN_FDS), else make those of @config.
 * @why: on failure one line that names the address
 *
 * Return: 0 and @ret_listeners (gives; listeners_close()), -errno.
 */
int listeners_open(const struct config *config, struct listeners *ret_listeners, char *why,
		   size_t why_size);

/* listeners_close() - close all (takes), and remove the unix sockets that we made. */
void listeners_close(struct listeners *listeners);

/* acceptor_start() - accept on @listeners (borrows) for @server. NULL with errno. */
struct acceptor *acceptor_start(struct server *server, const struct listeners *listeners);

/* acceptor_stop() - end the thread and free @acceptor (takes; NULL is fine). */
void acceptor_stop(struct acceptor *acceptor);

#endif
