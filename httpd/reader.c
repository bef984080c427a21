/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of slots, each one read of at most BUFFER_MAX bytes:
 *
 *      head                 tail
 *       v                    v
 *   [ready][in flight][in flight][free]    bytes come from the head, reads start at the tail
 *
 * The first buffer is waited for; more are taken only while the budget has them to spare, so two
 * streams can never wait for each other's. A buffer whose piece was sent is used for the next.
 */
#include "httpd/reader.h"

#include <errno.h>
#include <string.h>

#include "httpd/log.h"
#include "httpd/server.h"

#define WINDOW	   4u
#define BLOCK_SIZE (256u << 10) /* MHD asks for and sends this much at once */

struct slot {
	struct flight_op read;
	void *buffer;
};

struct reader {
	struct request *rq;
	struct flight *flight;
	struct buffer_pool *buffers;
	struct flight_buffer *first_buffer;
	uint64_t first, next, end; /* bytes of the image: begin, next to be read, end */
	uint64_t ino;		   /* the file that all is read from, whatever has the name later */
	size_t piece;		   /* bytes of each read but the last */
	struct slot slots[WINDOW];
	unsigned head, used; /* slots in use: head, head + 1, ... */
	size_t consumed;     /* of the head */
	void *spare[WINDOW]; /* buffers not in use */
	unsigned n_spare;
	bool begun;
};

static void reader_clear(void *memory)
{
	struct reader *reader = memory;

	while (reader->n_spare)
		buffer_put(reader->buffers, reader->spare[--reader->n_spare], reader->piece);
	for (unsigned i = 0; i < WINDOW; i++)
		buffer_put(reader->buffers, reader->slots[i].buffer, reader->piece);
}

struct reader *reader_new(struct request *rq, const struct byte_range *range)
{
	struct reader *reader = flight_alloc(rq->flight, sizeof(*reader), reader_clear);

	if (!reader)
		return NULL;
	reader->rq = rq;
	reader->flight = rq->flight;
	reader->buffers = rq->server->buffers;
	reader->first = reader->next = range->first;
	reader->end = range->last + 1;
	reader->ino = rq->info.stat.ino;
	reader->piece = BUFFER_MAX;
	reader->first_buffer = flight_buffer(rq->flight, reader->buffers, reader->piece);
	return reader->first_buffer ? reader : NULL;
}

struct event *reader_event(struct reader *reader)
{
	return reader->begun ? &reader->slots[0].read.event : &reader->first_buffer->event;
}

static void *reader_take_buffer(struct reader *reader)
{
	if (reader->n_spare)
		return reader->spare[--reader->n_spare];
	return buffer_try(reader->buffers, reader->piece);
}

/* Start reads until the window, the image or the budget is used up. */
static void reader_fill(struct reader *reader)
{
	while (reader->used < WINDOW && reader->next < reader->end) {
		struct slot *slot = &reader->slots[(reader->head + reader->used) % WINDOW];
		uint64_t left = reader->end - reader->next;

		slot->buffer = reader_take_buffer(reader);
		if (!slot->buffer)
			return;
		slot->read.op = (struct op){ .kind = OP_READ,
					     .ino = reader->ino,
					     .buffer = slot->buffer,
					     .offset = reader->next,
					     .length = left < reader->piece ? left :
									      reader->piece };
		reader->next += slot->read.op.length;
		reader->used++;
		flight_submit(reader->flight, &slot->read);
	}
}

int reader_begin(struct reader *reader)
{
	void *buffer = flight_buffer_take(reader->first_buffer);

	if (!buffer)
		return -ENOMEM;
	reader->spare[reader->n_spare++] = buffer;
	reader->begun = true;
	reader_fill(reader);
	return 0;
}

/* 0, -ENODATA when the image ended within the piece, or gluster's -errno. */
static int slot_result(const struct slot *slot)
{
	const struct op *op = &slot->read.op;

	if (op->result < 0)
		return (int)op->result;
	return (uint64_t)op->result < op->length ? -ENODATA : 0;
}

int reader_first(const struct reader *reader)
{
	return slot_result(&reader->slots[0]);
}

const struct image_stat *reader_stat(const struct reader *reader)
{
	const struct op *op = &reader->slots[0].read.op;

	return op->has_stat ? &op->stat : NULL;
}

/* The head's piece was sent: its buffer is free for the next read. */
static void reader_advance(struct reader *reader)
{
	struct slot *slot = &reader->slots[reader->head];

	reader->rq->gluster_ns += slot->read.op.gluster_ns;
	reader->spare[reader->n_spare++] = slot->buffer;
	slot->buffer = NULL;
	reader->head = (reader->head + 1) % WINDOW;
	reader->used--;
	reader->consumed = 0;
	/* One buffer is enough to go on; others may be waiting for their first. */
	while (reader->n_spare && reader->n_spare + reader->used > 1 &&
	       buffer_wanted(reader->buffers, reader->piece))
		buffer_put(reader->buffers, reader->spare[--reader->n_spare], reader->piece);
	reader_fill(reader);
}

/* MHD wants up to @max bytes for the client. */
static ssize_t reader_read(void *cls, uint64_t position, char *out, size_t max)
{
	struct reader *reader = cls;
	struct slot *slot = &reader->slots[reader->head];
	size_t n;
	int error;

	(void)position;
	while (!flight_is_set(reader->flight, &slot->read.event)) {
		if (flight_expired(reader->flight))
			return MHD_CONTENT_READER_END_WITH_ERROR;
		if (flight_park(reader->flight))
			return 0;
	}
	error = slot_result(slot);
	if (error) {
		log_warning("request %s: stream ended early at byte %llu: %s", reader->rq->id,
			    (unsigned long long)slot->read.op.offset, strerrorname_np(-error));
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	n = slot->read.op.length - reader->consumed;
	if (n > max)
		n = max;
	memcpy(out, (char *)slot->buffer + reader->consumed, n);
	reader->consumed += n;
	reader->rq->sent += n;
	if (reader->consumed == slot->read.op.length)
		reader_advance(reader);
	return (ssize_t)n;
}

/* MHD is through with the response: after the request, and after the last call of reader_read(). */
static void reader_release(void *cls)
{
	flight_unref(((struct reader *)cls)->flight);
}

struct MHD_Response *reader_response(struct reader *reader)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
		reader->end - reader->first, BLOCK_SIZE, reader_read, reader, reader_release);

	if (response)
		flight_ref(reader->flight);
	return response;
}
