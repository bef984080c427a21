/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slots are filled and written one after the other, and are free again in whatever order gluster
 * answers. As in the reader, only the first buffer is waited for.
 */
#include "httpd/writer.h"

#include <errno.h>
#include <string.h>

#include "httpd/server.h"

#define WINDOW 4u

struct slot {
	struct flight_op write;
	void *buffer;
	size_t used; /* bytes filled */
	bool busy;   /* given to gluster, and its result not looked at */
};

struct writer {
	struct request *rq;
	struct flight *flight;
	struct buffer_pool *buffers;
	struct flight_buffer *first_buffer;
	uint64_t first, next, end; /* bytes of the image: begin, next to be fed, end */
	uint64_t ino;		   /* of a long body, the file that gets all of it; else 0 */
	size_t piece;		   /* size of the buffers */
	bool durable;
	struct slot slots[WINDOW];
	struct slot *filling;
	int error;
	uint64_t failed_at; /* the lowest byte that could not be written */
};

static void writer_clear(void *memory)
{
	struct writer *writer = memory;

	for (unsigned i = 0; i < WINDOW; i++)
		buffer_put(writer->buffers, writer->slots[i].buffer, writer->piece);
}

struct writer *writer_new(struct request *rq, const struct byte_range *range, bool durable)
{
	struct writer *writer = flight_alloc(rq->flight, sizeof(*writer), writer_clear);
	uint64_t length = byte_range_length(range);

	if (!writer)
		return NULL;
	writer->rq = rq;
	writer->flight = rq->flight;
	writer->buffers = rq->server->buffers;
	writer->first = writer->next = range->first;
	writer->end = range->last + 1;
	writer->failed_at = writer->end;
	writer->piece = length < BUFFER_MAX ? (size_t)length : BUFFER_MAX;
	writer->ino = length > BUFFER_MAX ? rq->info.stat.ino : 0;
	writer->durable = durable;
	return writer;
}

struct event *writer_begin(struct writer *writer)
{
	writer->first_buffer = flight_buffer(writer->flight, writer->buffers, writer->piece);
	return writer->first_buffer ? &writer->first_buffer->event : NULL;
}

bool writer_has_begun(const struct writer *writer)
{
	return writer->first_buffer != NULL;
}

/* Look at the result of a busy slot if it is there. */
static void slot_harvest(struct writer *writer, struct slot *slot)
{
	const struct op *op = &slot->write.op;

	if (!slot->busy || !flight_is_set(writer->flight, &slot->write.event))
		return;
	slot->busy = false;
	slot->used = 0;
	writer->rq->gluster_ns += op->gluster_ns;
	if (op->result < 0) {
		if (!writer->error)
			writer->error = (int)op->result;
		if (op->offset + op->transferred < writer->failed_at)
			writer->failed_at = op->offset + op->transferred;
	}
}

/* Put the first buffer, once it is there, into the first slot. */
static void writer_take_first(struct writer *writer)
{
	if (!writer->slots[0].buffer && writer->first_buffer->wait.buffer)
		writer->slots[0].buffer = flight_buffer_take(writer->first_buffer);
	else if (!writer->slots[0].buffer)
		writer->error = -ENOMEM;
}

/* A slot to fill: one with a buffer, else one for which the budget has a buffer; or NULL. */
static struct slot *writer_free_slot(struct writer *writer)
{
	struct slot *bare = NULL;

	for (unsigned i = 0; i < WINDOW; i++) {
		struct slot *slot = &writer->slots[i];

		slot_harvest(writer, slot);
		if (!slot->busy && slot->buffer)
			return slot;
		if (!slot->buffer)
			bare = slot;
	}
	if (bare)
		bare->buffer = buffer_try(writer->buffers, writer->piece);
	return bare && bare->buffer ? bare : NULL;
}

static void writer_submit(struct writer *writer)
{
	struct slot *slot = writer->filling;

	writer->filling = NULL;
	slot->busy = true;
	slot->write.op = (struct op){ .kind = OP_WRITE,
				      .durable = writer->durable,
				      .ino = writer->ino,
				      .buffer = slot->buffer,
				      .offset = writer->next - slot->used,
				      .length = slot->used };
	flight_submit(writer->flight, &slot->write);
}

size_t writer_feed(struct writer *writer, const char *data, size_t length)
{
	size_t taken = 0;

	writer_take_first(writer);
	while (taken < length && writer->next < writer->end) {
		uint64_t room;
		struct slot *slot = writer->filling;

		if (!slot)
			slot = writer->filling = writer_free_slot(writer);
		if (!slot || writer->error)
			break;
		room = writer->piece - slot->used;
		if (room > writer->end - writer->next)
			room = writer->end - writer->next;
		if (room > length - taken)
			room = length - taken;
		memcpy((char *)slot->buffer + slot->used, data + taken, room);
		slot->used += room;
		writer->next += room;
		taken += room;
		if (slot->used == writer->piece || writer->next == writer->end)
			writer_submit(writer);
	}
	return taken;
}

void writer_finish(struct writer *writer)
{
	if (writer->filling && writer->filling->used && !writer->error)
		writer_submit(writer);
}

bool writer_is_idle(struct writer *writer)
{
	bool idle = true;

	for (unsigned i = 0; i < WINDOW; i++) {
		slot_harvest(writer, &writer->slots[i]);
		idle &= !writer->slots[i].busy;
	}
	return idle;
}

uint64_t writer_left(const struct writer *writer)
{
	return writer->end - writer->next;
}

int writer_error(struct writer *writer)
{
	return writer->error;
}

uint64_t writer_written(const struct writer *writer)
{
	uint64_t end = writer->next < writer->failed_at ? writer->next : writer->failed_at;

	if (writer->filling && writer->next - writer->filling->used < end)
		end = writer->next - writer->filling->used;
	for (unsigned i = 0; i < WINDOW; i++)
		if (writer->slots[i].busy && writer->slots[i].write.op.offset < end)
			end = writer->slots[i].write.op.offset;
	return end - writer->first;
}
