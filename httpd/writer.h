/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_WRITER_H
#define HTTPD_WRITER_H

#include "httpd/range.h"
#include "httpd/request.h"

/*
 * The writer: takes the body of an upload piece by piece and writes it to a range of an image, several
 * writes in flight. The first error stops it: nothing is written any more. MHD threads.
 */
struct writer;

/*
 * writer_new() - a writer to @range, which is not empty, of rq->flight->image (borrows; lives with the
 * flight). NULL without memory.
 * @durable: each write is on disk before it is done
 */
struct writer *writer_new(struct request *rq, const struct byte_range *range, bool durable);

/*
 * writer_begin() - ask for the first buffer, when the first bytes are there: who announces a body and
 * sends nothing holds none. Await the event (borrows), then feed; NULL without memory.
 */
struct event *writer_begin(struct writer *writer);

/* writer_has_begun() - was writer_begin() called? */
bool writer_has_begun(const struct writer *writer);

/*
 * writer_feed() - take bytes of the body.
 *
 * Return: how many were taken; fewer than @length when all buffers are in flight (wait, and feed the
 * rest), when the range is full, or after an error.
 */
size_t writer_feed(struct writer *writer, const char *data, size_t length);

/* writer_finish() - no more bytes come: write what is left. */
void writer_finish(struct writer *writer);

/* writer_is_idle() - is nothing in flight any more? Otherwise wait and ask again. */
bool writer_is_idle(struct writer *writer);

/* writer_left() - bytes of the range that were not fed. */
uint64_t writer_left(const struct writer *writer);

/* writer_error() - 0, or the first -errno of gluster that was seen. */
int writer_error(struct writer *writer);

/* writer_written() - bytes from the beginning of the range that are known to be in the image. */
uint64_t writer_written(const struct writer *writer);

#endif
