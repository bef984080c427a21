/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/acceptor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "httpd/log.h"
#include "httpd/server.h"

#define BACKLOG	     1024
#define PAUSE_MS     100 /* when descriptors run out: others have to close theirs first */
#define ACCEPT_BATCH 64

struct acceptor {
	struct server *server;
	const struct listeners *listeners;
	pthread_t thread;
	int stop_fd;
};

static const char full_body[] = "{\"type\":\"/problems/overloaded\",\"title\":\"Overloaded\","
				"\"status\":503,\"detail\":\"Too many connections are open.\"}";

/* The address that @fd is bound to, as people write it (gives). */
static char *socket_text(int fd)
{
	struct sockaddr_storage addr = { .ss_family = AF_UNSPEC };
	socklen_t length = sizeof(addr);
	char host[INET6_ADDRSTRLEN] = "?", *text = NULL;
	const void *raw = &((struct sockaddr_in *)&addr)->sin_addr;
	unsigned port;

	if (getsockname(fd, (struct sockaddr *)&addr, &length))
		return strdup("?");
	if (addr.ss_family == AF_UNIX)
		return asprintf(&text, "unix:%s", ((struct sockaddr_un *)&addr)->sun_path) < 0 ?
			       NULL :
			       text;
	if (addr.ss_family == AF_INET6)
		raw = &((struct sockaddr_in6 *)&addr)->sin6_addr;
	inet_ntop(addr.ss_family, raw, host, sizeof(host));
	port = ntohs(((struct sockaddr_in *)&addr)->sin_port); /* the same place in sin6 */
	if (asprintf(&text, addr.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, port) < 0)
		return NULL;
	return text;
}

static int listeners_add(struct listeners *listeners, int fd, const char *unlink_path)
{
	char *text = socket_text(fd), *path = unlink_path ? strdup(unlink_path) : NULL;

	if (listeners->count == LISTENERS_MAX || !text || (unlink_path && !path)) {
		free(text);
		free(path);
		return listeners->count == LISTENERS_MAX ? -E2BIG : -ENOMEM;
	}
	listeners->sockets[listeners->count].fd = fd;
	listeners->sockets[listeners->count].text = text;
	listeners->sockets[listeners->count++].unlink_path = path;
	return 0;
}

/* Remove the unix socket at @path if nobody listens on it any more. */
static void stale_socket_remove(const struct listen_address *address, const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (fd >= 0 && !lstat(path, &st) && S_ISSOCK(st.st_mode) &&
	    connect(fd, (const struct sockaddr *)&address->addr, address->len) &&
	    errno == ECONNREFUSED)
		unlink(path);
	if (fd >= 0)
		close(fd);
}

/* A socket that listens on @address, or -errno. */
static int address_listen(const struct listen_address *address)
{
	int fd = socket(address->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, error;

	if (fd < 0)
		return -errno;
	if (!address->is_unix)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!bind(fd, (const struct sockaddr *)&address->addr, address->len) &&
	    !listen(fd, BACKLOG))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static int listeners_add_address(struct listeners *listeners, const struct listen_address *address)
{
	const char *path = address->is_unix ?
				   ((const struct sockaddr_un *)&address->addr)->sun_path :
				   NULL;
	int fd, error;

	if (path)
		stale_socket_remove(address, path);
	fd = address_listen(address);
	if (fd < 0)
		return fd;
	error = listeners_add(listeners, fd, path);
	if (error)
		close(fd);
	return error;
}

/* Take the sockets that systemd passed. It passes blocking ones unless told otherwise. */
static int listeners_add_inherited(struct listeners *listeners, int count)
{
	int error = 0;

	for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count && !error; fd++) {
		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
			return -ENOTSOCK;
		if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
			return -errno;
		error = listeners_add(listeners, fd, NULL);
	}
	return error;
}

int listeners_open(const struct config *config, struct listeners *ret_listeners, char *why,
		   size_t why_size)
{
	struct listeners listeners = { .count = 0 };
	const char *what = "LISTEN_FDS";
	int inherited = sd_listen_fds(1);
	int error = inherited < 0 ? inherited : listeners_add_inherited(&listeners, inherited);

	for (size_t i = 0; inherited == 0 && i < config->n_listen && !error; i++) {
		what = config->listen[i].text;
		error = listeners_add_address(&listeners, &config->listen[i]);
	}
	if (error) {
		snprintf(why, why_size, "listen %s: %s", what, strerrordesc_np(-error));
		listeners_close(&listeners);
		return error;
	}
	*ret_listeners = listeners;
	return 0;
}

void listeners_close(struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++) {
		close(listeners->sockets[i].fd);
		if (listeners->sockets[i].unlink_path)
			unlink(listeners->sockets[i].unlink_path);
		free(listeners->sockets[i].unlink_path);
		free(listeners->sockets[i].text);
	}
	listeners->count = 0;
}

/* Answer 503 by hand, without waiting for the request, and close. */
static void connection_refuse(int fd)
{
	char answer[512];
	int length = snprintf(answer, sizeof(answer),
			      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n"
			      "Connection: close\r\nContent-Type: application/problem+json\r\n"
			      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
			      "Content-Length: %zu\r\n\r\n%s",
			      sizeof(full_body) - 1, full_body);

	send(fd, answer, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
	close(fd);
}

/* Accept one connection. Return: 0, or -errno when there is none or none can be had. */
static int acceptor_accept(struct acceptor *acceptor, int listener)
{
	struct server *server = acceptor->server;
	struct sockaddr_storage addr = { .ss_family = AF_UNSPEC };
	socklen_t length = sizeof(addr);
	int fd = accept4(listener, (struct sockaddr *)&addr, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return -errno;
	/* MHD copies as many bytes as it is told: a unix peer's may be longer than its buffer. */
	if (length > sizeof(struct sockaddr_in6))
		length = sizeof(sa_family_t);
	if (server->connections >= server->config->max_connections) {
		connection_refuse(fd);
		return 0;
	}
	server->connections++;
	if (MHD_add_connection(server->daemon, fd, (struct sockaddr *)&addr, length) != MHD_YES)
		server->connections--; /* MHD has closed it */
	return 0;
}

static void acceptor_drain_listener(struct acceptor *acceptor, int listener)
{
	int error = 0;

	for (int i = 0; i < ACCEPT_BATCH && !error; i++)
		error = acceptor_accept(acceptor, listener);
	if (error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -ENOBUFS) {
		log_warning("cannot accept connections: %s", strerrordesc_np(-error));
		poll(NULL, 0, PAUSE_MS);
	}
}

static void *acceptor_thread(void *arg)
{
	struct acceptor *acceptor = arg;
	size_t n = acceptor->listeners->count;
	struct pollfd fds[LISTENERS_MAX + 1];

	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = acceptor->listeners->sockets[i].fd,
					  .events = POLLIN };
	fds[n] = (struct pollfd){ .fd = acceptor->stop_fd, .events = POLLIN };
	while (poll(fds, n + 1, -1) >= 0 || errno == EINTR) {
		if (fds[n].revents)
			break;
		for (size_t i = 0; i < n; i++)
			if (fds[i].revents)
				acceptor_drain_listener(acceptor, fds[i].fd);
	}
	return NULL;
}

struct acceptor *acceptor_start(struct server *server, const struct listeners *listeners)
{
	struct acceptor *acceptor = calloc(1, sizeof(*acceptor));

	if (!acceptor)
		return NULL;
	acceptor->server = server;
	acceptor->listeners = listeners;
	acceptor->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (acceptor->stop_fd >= 0 &&
	    !(errno = pthread_create(&acceptor->thread, NULL, acceptor_thread, acceptor)))
		return acceptor;
	if (acceptor->stop_fd >= 0)
		close(acceptor->stop_fd);
	free(acceptor);
	return NULL;
}

void acceptor_stop(struct acceptor *acceptor)
{
	if (!acceptor)
		return;
	eventfd_write(acceptor->stop_fd, 1);
	pthread_join(acceptor->thread, NULL);
	close(acceptor->stop_fd);
	free(acceptor);
}
