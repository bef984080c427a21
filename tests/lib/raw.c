/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/raw.h"

#define TOKEN "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

struct raw *raw_open(uint16_t port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct raw *raw = calloc(1, sizeof(*raw));

	if (raw)
		raw->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!raw || raw->fd < 0 || connect(raw->fd, (struct sockaddr *)&to, sizeof(to))) {
		printf("Bail out! connect to port %u: %m\n", port);
		exit(1);
	}
	return raw;
}

void raw_close(struct raw *raw)
{
	close(raw->fd);
	free(raw->buf);
	http_reply_reset(&raw->reply);
	free(raw);
}

static bool wait_for(struct raw *raw, short events, int timeout_ms)
{
	struct pollfd pfd = { raw->fd, events, 0 };
	int ret;

	do
		ret = poll(&pfd, 1, timeout_ms);
	while (ret < 0 && errno == EINTR);
	return ret > 0;
}

size_t raw_send_some(struct raw *raw, const void *data, size_t size, int timeout_ms)
{
	size_t done = 0;

	while (done < size && wait_for(raw, POLLOUT, timeout_ms)) {
		ssize_t n = send(raw->fd, (const char *)data + done, size - done,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			break;
		if (n > 0)
			done += (size_t)n;
	}
	return done;
}

bool raw_send(struct raw *raw, const void *data, size_t size)
{
	return raw_send_some(raw, data, size, RAW_TIMEOUT_MS) == size;
}

bool raw_text(struct raw *raw, const char *format, ...)
{
	va_list args;
	char *text;
	int size;
	bool sent;

	va_start(args, format);
	size = vasprintf(&text, format, args);
	va_end(args);
	if (size < 0)
		return false;
	sent = raw_send(raw, text, (size_t)size);
	free(text);
	return sent;
}

/* Receive more; false at the end of the connection or when the time is over. */
static bool receive(struct raw *raw)
{
	ssize_t n;

	if (raw->ended || !wait_for(raw, POLLIN, RAW_TIMEOUT_MS))
		return false;
	if (raw->room - raw->have <= 65536) {
		size_t room = 2 * raw->room + 65536;
		char *buf = realloc(raw->buf, room);

		if (!buf)
			return false;
		raw->buf = buf;
		raw->room = room;
	}
	n = recv(raw->fd, raw->buf + raw->have, raw->room - raw->have, 0);
	if (n <= 0) {
		raw->ended = true;
		return false;
	}
	raw->have += (size_t)n;
	return true;
}

static void consume(struct raw *raw, size_t size)
{
	memmove(raw->buf, raw->buf + size, raw->have - size);
	raw->have -= size;
}

static const char *parse_header(struct http_reply *reply, const char *line, size_t size)
{
	size_t name = strspn(line, TOKEN);

	if (!name || name >= size || line[name] != ':')
		return "a header name is not a token";
	for (size_t i = name + 1; i < size; i++) {
		if ((unsigned char)line[i] < ' ' && line[i] != '\t')
			return "a header value has control bytes";
	}
	http_reply_add(reply, line, size);
	return NULL;
}

static const char *parse_head(struct http_reply *reply, const char *head, size_t size)
{
	const char *end = head + size;
	const char *line = memmem(head, size, "\r\n", 2);
	char *digits_end;

	if (memcmp(head, "HTTP/1.1 ", 9))
		return "the status line does not start with HTTP/1.1";
	reply->status = strtol(head + 9, &digits_end, 10);
	if (digits_end != head + 12 || *digits_end != ' ' || reply->status < 100)
		return "the status is not three digits and a space";
	for (line += 2; line < end; line += 2) {
		const char *stop = memmem(line, (size_t)(end - line), "\r\n", 2);
		const char *why = parse_header(reply, line, (size_t)(stop - line));

		if (why)
			return why;
		line = stop;
	}
	return NULL;
}

static const char *body_size(struct http_reply *reply, size_t *ret_size)
{
	const char *length = http_header(reply, "Content-Length");

	if (http_header(reply, "Transfer-Encoding"))
		return "there is a Transfer-Encoding";
	if (http_header_count(reply, "Content-Length") != 1)
		return "there is not exactly one Content-Length";
	if (!*length || length[strspn(length, "0123456789")])
		return "Content-Length is not a number";
	*ret_size = strtoull(length, NULL, 10);
	return NULL;
}

const char *raw_reply(struct raw *raw, const char *method)
{
	struct http_reply *reply = &raw->reply;
	const char *why, *end;
	size_t size = 0;

	http_reply_reset(reply);
	while (!(end = raw->have ? memmem(raw->buf, raw->have, "\r\n\r\n", 4) : NULL)) {
		if (!receive(raw))
			return raw->ended ? "the connection ended" : "no answer in time";
	}
	why = parse_head(reply, raw->buf, (size_t)(end - raw->buf) + 2);
	consume(raw, (size_t)(end - raw->buf) + 4);
	if (why)
		return why;
	if (strcmp(method, "HEAD") && reply->status >= 200 && reply->status != 204 &&
	    reply->status != 304)
		why = body_size(reply, &size);
	if (why)
		return why;
	while (raw->have < size) {
		if (!receive(raw))
			return raw->ended ? "the body is cut short" : "no body in time";
	}
	if (size)
		http_reply_append(reply, raw->buf, size);
	consume(raw, size);
	return NULL;
}

const char *raw_rest(struct raw *raw)
{
	while (receive(raw))
		;
	if (!raw->ended)
		return NULL;
	if (!raw->buf)
		return "";
	/* receive() leaves room, and a reset must not hide what came before it. */
	raw->buf[raw->have] = '\0';
	return raw->buf;
}

bool raw_closed(struct raw *raw)
{
	return raw_rest(raw) && !raw->have;
}
