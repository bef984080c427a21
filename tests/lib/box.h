/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The box of a black-box test: a running daemon, a client, and the shorthands that most tests
 * need. Functions that only prepare end the test with "Bail out!" when the preparation fails;
 * functions that judge return NULL, or what is wrong.
 */
#ifndef TESTS_LIB_BOX_H
#define TESTS_LIB_BOX_H

#include "tests/lib/http.h"
#include "tests/lib/server.h"

struct box {
	struct server server;
	struct http *web;
};

/**
 * box_start() - start a server and connect a client
 * @flags: more arguments for the daemon, ends with NULL; or NULL
 */
void box_start(struct box *box, const char *const *flags);

/**
 * box_stop() - disconnect and stop the server
 *
 * Return: the server's exit status, see server_stop()
 */
int box_stop(struct box *box);

/**
 * box_end() - print the server's log if the test failed, remove everything
 * @status: what main() will return
 *
 * Return: @status
 */
int box_end(struct box *box, int status);

/**
 * box_path() - request target of an image
 * @image: name, percent-encoded here
 * @tail: what follows: "", "/-/data", ...; sent as it is
 *
 * Return: one of 32 rotating buffers
 */
const char *box_path(const struct box *box, const char *image, const char *tail);

/** box_format() - printf into one of 32 rotating buffers */
const char *box_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** box_create() - make an image of @size bytes, with its directories */
void box_create(struct box *box, const char *image, uint64_t size);

/** box_put() - write through the server */
void box_put(struct box *box, const char *image, const void *data, uint64_t offset, size_t size);

/** box_fill() - make an image and fill it with a pattern: the data (gives) */
char *box_fill(struct box *box, const char *image, size_t size);

/** box_delete() - delete an image */
void box_delete(struct box *box, const char *image);

/** box_random() - next number of a generator; seed it with anything but 0 */
uint64_t box_random(uint64_t *state);

/** box_pattern() - fill memory with bytes that repeat nowhere near */
void box_pattern(void *data, size_t size, uint64_t seed);

/** data_wrong() - compare; NULL, or where the first difference is */
const char *data_wrong(const void *got, const void *want, size_t size);

/** reply_wrong() - is it a complete answer of this status with these bytes? NULL, or why not */
const char *reply_wrong(const struct http_reply *reply, long status, const void *want, size_t size);

/** disk_wrong() - compare an image's file on this machine with @want; NULL, or why not */
const char *disk_wrong(const struct box *box, const char *image, const void *want, size_t size);

/** disk_blocks() - bytes allocated to an image's file, or -1 if it does not exist */
int64_t disk_blocks(const struct box *box, const char *image);

/** disk_exists() - is there a file of that name on the volume? */
bool disk_exists(const struct box *box, const char *image);

/**
 * problem_wrong() - is the answer a correct problem document?
 * @status: wanted; 0 for any 4xx or 5xx
 * @type: last part of the wanted type, or NULL for any
 *
 * Return: NULL, or what is wrong
 */
const char *problem_wrong(struct http_reply *reply, long status, const char *type);

#endif
