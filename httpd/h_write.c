/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PUT of an image's bytes.
 *
 *   write_start -> [open] -> write_opened -> [ask for the size] -> write_sized
 *       -> body: write_body ... -> write_end -> write_drain -> [flush] -> write_synced
 *
 * Everything up to write_sized happens on the headers alone: a client that waits for
 * "100 Continue" has sent nothing when it is refused.
 */
#include <errno.h>
#include <string.h>

#include "httpd/handlers.h"
#include "httpd/image_json.h"
#include "httpd/query.h"
#include "httpd/range.h"
#include "httpd/reply.h"
#include "httpd/server.h"
#include "httpd/writer.h"

struct write_state {
	bool has_range, flush, exact; /* exact: rq->info is fresh */
	struct content_range content_range;
	struct byte_range range; /* where the body goes */
	struct writer *writer;
	struct flight_op sync;
};

static step_fn write_opened, write_sized, write_refreshed, write_body, write_end, write_drain,
	write_synced;

enum verdict write_start(struct request *rq)
{
	struct write_state *state = request_alloc(rq, sizeof(*state), NULL);
	const char *value = request_header(rq, MHD_HTTP_HEADER_CONTENT_RANGE), *why;

	if (!state)
		return VERDICT_CUT;
	if (!query_bool(rq, "flush", &state->flush))
		return VERDICT_ANSWER;
	if (value && content_range_parse(value, &state->content_range, &why))
		return reply_refuse(rq, PROBLEM_INVALID_CONTENT_RANGE, "Content-Range", "%s.", why);
	if (!value && request_header(rq, MHD_HTTP_HEADER_RANGE))
		return reply_refuse(
			rq, PROBLEM_INVALID_REQUEST, "Range",
			"A PUT says where its body goes with Content-Range: bytes "
			"FIRST-LAST/*; Range would be ignored and the image overwritten "
			"from its beginning.");
	if (!value && rq->content_length < 0)
		return reply_refuse(
			rq, PROBLEM_LENGTH_REQUIRED, "Content-Length",
			"Without Content-Range the body replaces the whole image, and its "
			"length must be known.");
	state->has_range = value != NULL;
	return request_open_image(rq, write_opened);
}

static enum verdict write_opened(struct request *rq)
{
	image_known(rq->flight->image, &rq->info);
	if (request_is_conditional(rq))
		return request_refresh(rq, write_refreshed);
	return request_next(rq, write_sized);
}

static enum verdict write_refreshed(struct request *rq)
{
	((struct write_state *)rq->state)->exact = true;
	if (request_conditions(rq, &rq->info.stat) != CONDITION_PASS)
		return VERDICT_ANSWER;
	return request_next(rq, write_sized);
}

/* A whole image's body must have its size. 0, or -ERANGE. */
static int whole_check(const struct request *rq, struct byte_range *ret_range)
{
	uint64_t size = rq->info.stat.size;

	if ((uint64_t)rq->content_length != size)
		return -ERANGE;
	*ret_range = (struct byte_range){ .first = 0, .last = size - 1 };
	return 0;
}

/* What forbids writing to the image whatever the range; false when answered. */
static bool write_is_allowed(struct request *rq)
{
	if (rq->info.lost_writes)
		reply_errno(rq, -ENOTRECOVERABLE, "write to the image");
	else if (rq->info.mode != IMAGE_RW)
		reply_errno(rq, -EROFS, "write to the image");
	else
		return true;
	return false;
}

/* The range does not fit the size of the image. */
static enum verdict write_misfit(struct request *rq)
{
	const struct write_state *state = rq->state;

	if (!state->exact)
		return request_refresh(rq, write_refreshed); /* it may have grown elsewhere */
	if (state->has_range)
		return reply_beyond_end(rq, rq->info.stat.size);
	return reply_refuse(
		rq, PROBLEM_SIZE_MISMATCH, "Content-Length",
		"The image has %llu bytes, the body %lld; say with Content-Range where a "
		"part goes.",
		(unsigned long long)rq->info.stat.size, (long long)rq->content_length);
}

static enum verdict write_sized(struct request *rq)
{
	struct write_state *state = rq->state;
	const char *why = NULL;
	int error;

	if (!write_is_allowed(rq))
		return VERDICT_ANSWER;
	error = state->has_range ? content_range_check(&state->content_range, rq->content_length,
						       rq->info.stat.size, &state->range, &why) :
				   whole_check(rq, &state->range);
	if (error == -EINVAL)
		return reply_refuse(rq, PROBLEM_INVALID_CONTENT_RANGE, "Content-Range", "%s.", why);
	if (error)
		return write_misfit(rq);
	rq->has_range = true;
	rq->offset = state->range.first;
	rq->length = byte_range_length(&state->range);
	rq->body_step = write_body;
	rq->end_step = write_end;
	if (rq->length == 0)
		return VERDICT_BODY;
	state->writer = writer_new(rq, &state->range, state->flush && rq->length <= BUFFER_MAX);
	return state->writer ? VERDICT_BODY : VERDICT_CUT;
}

/* A write failed, or the body was not as long as it said: tell what is in the image. */
static enum verdict write_failed(struct request *rq, enum problem_type type, int error,
				 const char *detail)
{
	const struct write_state *state = rq->state;

	return reply_problem(
		rq, &(struct problem){ .type = type,
				       .error = error,
				       .detail = detail,
				       .has_range = true,
				       .offset = rq->offset,
				       .length = rq->length,
				       .has_written = true,
				       .written = state->writer ? writer_written(state->writer) : 0,
				       .has_size = error == ERANGE,
				       .size = rq->info.stat.size });
}

static enum verdict write_gluster_failed(struct request *rq, int error)
{
	enum problem_type type = error == -ERANGE ? PROBLEM_RANGE_NOT_SATISFIABLE :
						    problem_from_errno(-error);

	return write_failed(
		rq, type, -error,
		"Not all could be written; \"written\" tells how much from \"offset\" on "
		"is in the image.");
}

static enum verdict write_body(struct request *rq)
{
	struct write_state *state = rq->state;
	struct event *buffer;
	size_t n;

	if (state->writer && !writer_has_begun(state->writer)) {
		buffer = writer_begin(state->writer);
		return buffer ? request_await_buffer(rq, buffer, write_body) : VERDICT_CUT;
	}
	n = state->writer ? writer_feed(state->writer, rq->upload, rq->upload_size) : 0;
	rq->upload += n;
	rq->upload_size -= n;
	if (state->writer && writer_error(state->writer))
		return write_gluster_failed(rq, writer_error(state->writer));
	if (!rq->upload_size)
		return VERDICT_BODY;
	if (!state->writer || writer_left(state->writer) == 0)
		return write_failed(rq, PROBLEM_INVALID_CONTENT_RANGE, 0,
				    "The body is longer than Content-Range says.");
	return VERDICT_WAIT; /* for a buffer */
}

static enum verdict write_sync(struct request *rq)
{
	struct write_state *state = rq->state;

	state->sync.op.kind = OP_FLUSH;
	flight_submit(rq->flight, &state->sync);
	return await(rq, &state->sync.event, write_synced);
}

static enum verdict write_end(struct request *rq)
{
	struct write_state *state = rq->state;

	if (!state->writer) /* nothing to write */
		return state->flush ? write_sync(rq) : reply_empty(rq, MHD_HTTP_NO_CONTENT);
	writer_finish(state->writer);
	return request_next(rq, write_drain);
}

static enum verdict write_drain(struct request *rq)
{
	struct write_state *state = rq->state;

	if (!writer_is_idle(state->writer))
		return VERDICT_WAIT;
	if (writer_error(state->writer))
		return write_gluster_failed(rq, writer_error(state->writer));
	if (writer_left(state->writer))
		return write_failed(rq, PROBLEM_INVALID_CONTENT_RANGE, 0,
				    "The body is shorter than Content-Range says.");
	if (!state->flush || rq->length <= BUFFER_MAX) /* then the write itself was durable */
		return reply_empty(rq, MHD_HTTP_NO_CONTENT);
	return write_sync(rq);
}

static enum verdict write_synced(struct request *rq)
{
	const struct write_state *state = rq->state;

	rq->gluster_ns += state->sync.op.gluster_ns;
	if (state->sync.op.result < 0)
		return reply_errno(rq, (int)state->sync.op.result, "flush the image");
	return reply_empty(rq, MHD_HTTP_NO_CONTENT);
}
