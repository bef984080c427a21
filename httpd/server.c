/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block/clock.h"
#include "httpd/log.h"
#include "httpd/request.h"

/*
 * MHD zeroes the whole pool of a connection after each request, so it stays small; data has
 * buffers of its own.
 */
#define CONNECTION_POOL (32u << 10)
#define FINI_CAP_S	1

static void server_panic(void *cls, const char *file, unsigned line, const char *reason)
{
	(void)cls;
	log_error("libmicrohttpd gave up: %s:%u: %s", file, line, reason ? reason : "-");
	log_flush();
	abort();
}

__attribute__((format(printf, 2, 0))) static void server_mhd_log(void *cls, const char *format,
								 va_list args)
{
	char text[512];

	(void)cls;
	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_debug("libmicrohttpd: %s", text);
}

/* Leave the target as it came: MHD's own decoding turns %2F into a slash and stops at %00. */
static size_t server_no_unescape(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls;
	(void)connection;
	return strlen(text);
}

static void server_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
			      enum MHD_ConnectionNotificationCode what)
{
	struct server *server = cls;

	(void)connection;
	(void)socket_context;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED)
		server->connections--;
}

static struct MHD_Daemon *server_start_mhd(struct server *server)
{
	const struct config *config = server->config;

	MHD_set_panic_func(server_panic, NULL);
	return MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET |
			MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
		0, NULL, NULL, request_access, server, MHD_OPTION_EXTERNAL_LOGGER, server_mhd_log,
		NULL, MHD_OPTION_NOTIFY_COMPLETED, request_completed, server,
		MHD_OPTION_NOTIFY_CONNECTION, server_connection, server,
		MHD_OPTION_URI_LOG_CALLBACK, request_begin, server, MHD_OPTION_UNESCAPE_CALLBACK,
		server_no_unescape, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_POOL, MHD_OPTION_CONNECTION_LIMIT,
		config->max_connections * config->threads, MHD_OPTION_CONNECTION_TIMEOUT,
		config->idle_timeout_s, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		config->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, config->threads,
		MHD_OPTION_END);
}

static void server_report(int level, const char *text)
{
	static const enum log_level levels[] = { LOG_LEVEL_ERROR,   LOG_LEVEL_ERROR,
						 LOG_LEVEL_ERROR,   LOG_LEVEL_ERROR,
						 LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE,
						 LOG_LEVEL_INFO,    LOG_LEVEL_DEBUG };

	log_line(levels[level & 7], "%s", text);
}

static int server_add_volumes(struct server *server, char *why, size_t why_size)
{
	for (size_t i = 0; i < server->config->n_volumes; i++) {
		int error = volumes_add(server->volumes, &server->config->volumes[i], why,
					why_size);

		if (error)
			return error;
	}
	return 0;
}

int server_start(struct server *server, struct listeners *listeners, char *why, size_t why_size)
{
	bool unflushed;
	int error = -ENOMEM;

	snprintf(why, why_size, "out of memory or threads");
	flights_init(&server->flights);
	server->id_salt = arc4random();
	server->buffers = buffer_pool_new(server->config->max_inflight_bytes);
	server->volumes = volumes_new(server_report);
	if (!server->buffers || !server->volumes)
		goto fail;
	error = server_add_volumes(server, why, why_size);
	if (error)
		goto fail;
	error = -EIO;
	server->daemon = server_start_mhd(server);
	if (!server->daemon) {
		snprintf(why, why_size, "libmicrohttpd does not start");
		goto fail;
	}
	server->reaper = reaper_start(server);
	server->acceptor = server->reaper ? acceptor_start(server, listeners) : NULL;
	if (server->acceptor)
		return 0;
	snprintf(why, why_size, "no thread can be made");
fail:
	server_stop(server, &unflushed);
	return error;
}

void server_refuse(struct server *server)
{
	server->draining = true;
	acceptor_stop(server->acceptor);
	server->acceptor = NULL;
}

size_t server_drain(struct server *server, uint64_t until_ns)
{
	return flights_wait(&server->flights, until_ns);
}

int server_stop(struct server *server, bool *ret_unflushed)
{
	int left = 0;

	acceptor_stop(server->acceptor);
	reaper_stop(server->reaper);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	if (server->volumes)
		left = volumes_stop(server->volumes, FINI_CAP_S, ret_unflushed);
	if (server->buffers && !left)
		buffer_pool_free(server->buffers);
	log_flush();
	return left;
}
