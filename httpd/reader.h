/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_READER_H
#define HTTPD_READER_H

#include "httpd/range.h"
#include "httpd/request.h"

/*
 * The reader: streams a long range of an image as the body of an answer. A window of reads is kept
 * in flight ahead of what the client has taken; a client that stops reading costs that window and
 * nothing else. MHD threads.
 */
struct reader;

/*
 * reader_new() - a reader of @range for rq->flight->image (borrows; lives with the flight).
 *
 * Await reader_event(), then call reader_begin(). NULL without memory.
 */
struct reader *reader_new(struct request *rq, const struct byte_range *range);

/* reader_begin() - begin to read, once the first buffer is there. Return: 0, -ENOMEM. */
int reader_begin(struct reader *reader);

/* reader_event() - what to wait for: before reader_begin() a buffer, then the first piece. */
struct event *reader_event(struct reader *reader);

/* reader_first() - the first piece: 0, -ENODATA when the image ended within it, or gluster's -errno. */
int reader_first(const struct reader *reader);

/* reader_stat() - what gluster said of the file with the first piece; NULL when it did not. */
const struct image_stat *reader_stat(const struct reader *reader);

/* reader_response() - the answer whose body the reader is (gives; NULL without memory). */
struct MHD_Response *reader_response(struct reader *reader);

#endif
