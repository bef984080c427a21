/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP for black-box tests, over libcurl: one keep-alive connection per handle. raw.h is the
 * other way to talk, for what libcurl would not send. Handles are not shared between threads.
 */
#ifndef TESTS_LIB_HTTP_H
#define TESTS_LIB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define HTTP_HEADERS_MAX 64

struct http;

struct http_header {
	char *name;
	char *value;
};

/* What came back. Owned by the handle (or the raw connection), valid until its next request. */
struct http_reply {
	int error;	/* CURLcode; 0: a complete answer */
	long status;	/* 0: none */
	bool continued; /* a 100 came before the answer */
	long connects;	/* new connections this request needed: 0 on a kept one */
	int64_t sent;	/* body bytes that left */
	struct http_header headers[HTTP_HEADERS_MAX];
	int header_count;
	char *body; /* with a NUL behind it */
	size_t size;
	json_t *json; /* parsed on first use */
};

struct http_request {
	const char *method;
	const char *target;	    /* path and query, sent as they are */
	const char *json;	    /* a JSON body with its content type, or NULL */
	const void *body;	    /* any body, or NULL for none */
	size_t size;		    /* bytes of body */
	const char *range;	    /* value of Range, or NULL */
	const char *content_range;  /* value of Content-Range, or NULL */
	const char *const *headers; /* more "Name: value", ends with NULL */
	bool chunked;
	bool expect; /* wait for 100 before the body */
};

/* http(handle, "GET", "/livez", .range = "bytes=0-1") */
#define http(handle, verb, path, ...)                                                              \
	http_do((handle),                                                                          \
		&(struct http_request){ .method = (verb), .target = (path), ##__VA_ARGS__ })
#define HEADERS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/** http_open() - a client of 127.0.0.1:@port (gives); ends the process when out of memory */
struct http *http_open(uint16_t port);

/** http_close() - close the connection, free handle and reply (takes @http; NULL is fine) */
void http_close(struct http *http);

/**
 * http_do() - send one request and read the answer
 *
 * A body of size 0 that is not NULL is sent as Content-Length: 0. Gives up after a minute.
 *
 * Return: the reply (lent until the next request); error is set if it is not complete
 */
struct http_reply *http_do(struct http *http, const struct http_request *request);

/** http_header() - value of the first header of that name (lent), or NULL */
const char *http_header(const struct http_reply *reply, const char *name);

/** http_text() - the same, or "" */
const char *http_text(const struct http_reply *reply, const char *name);

/** http_header_count() - how many headers of that name */
int http_header_count(const struct http_reply *reply, const char *name);

/**
 * http_member() - a member of the JSON body
 * @path: members separated by dots, "" for the whole document
 *
 * Return: lent, or NULL if the body is no JSON or has no such member
 */
json_t *http_member(struct http_reply *reply, const char *path);

/** http_string() - a string member of the JSON body (lent), or NULL */
const char *http_string(struct http_reply *reply, const char *path);

/** http_int() - an integer member of the JSON body, or -1 */
int64_t http_int(struct http_reply *reply, const char *path);

/** http_reply_add() - for readers of answers: copy one header line, without its line end */
void http_reply_add(struct http_reply *reply, const char *line, size_t size);

/** http_reply_append() - for readers of answers: more body */
void http_reply_append(struct http_reply *reply, const void *data, size_t size);

/** http_reply_reset() - free what a reply holds, back to all zeros */
void http_reply_reset(struct http_reply *reply);

#endif
