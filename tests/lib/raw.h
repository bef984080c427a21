/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw connections for black-box tests: bytes as given, answers parsed strictly. Nothing blocks
 * for longer than RAW_TIMEOUT_MS.
 */
#ifndef TESTS_LIB_RAW_H
#define TESTS_LIB_RAW_H

#include "tests/lib/http.h"

#define RAW_TIMEOUT_MS 30000

struct raw {
	int fd;
	char *buf; /* received, not consumed yet */
	size_t have;
	size_t room;
	bool ended; /* the peer has closed or reset */
	struct http_reply reply;
};

/** raw_open() - connect to 127.0.0.1:@port (gives); ends the process if that fails */
struct raw *raw_open(uint16_t port);

/** raw_close() - close and free (takes @raw); unread bytes make it a reset */
void raw_close(struct raw *raw);

/** raw_send() - send all of it; false if the peer does not take it */
bool raw_send(struct raw *raw, const void *data, size_t size);

/** raw_text() - send printf-formatted text */
bool raw_text(struct raw *raw, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** raw_send_some() - send what the peer takes before @timeout_ms pass without progress */
size_t raw_send_some(struct raw *raw, const void *data, size_t size, int timeout_ms);

/**
 * raw_reply() - read one answer
 * @method: of the request it answers; HEAD has no body
 *
 * Wants a status line, header lines of token, colon and value with CRLF, exactly one
 * Content-Length where a body is allowed, no Transfer-Encoding. A 100 is an answer of its own.
 *
 * Return: NULL and the answer in raw->reply, or what is wrong with it
 */
const char *raw_reply(struct raw *raw, const char *method);

/** raw_rest() - all that comes until the peer closes (lent); NULL if it does not in time */
const char *raw_rest(struct raw *raw);

/** raw_closed() - does the peer close now without another byte? */
bool raw_closed(struct raw *raw);

#endif
