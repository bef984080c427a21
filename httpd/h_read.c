/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GET and HEAD of an image's bytes.
 *
 *   read_start -> [open] -> read_opened -> [ask for the size] -> read_sized
 *       up to one buffer: read_buffered -> read_done        longer: stream_buffered -> stream_ready
 *
 * A closed range inside of the size that is known costs one round trip; whatever depends on the
 * exact size (whole image, open range, suffix, condition, a range past the end) asks first.
 */
#include <errno.h>
#include <string.h>

#include "httpd/handlers.h"
#include "httpd/image_json.h"
#include "httpd/range.h"
#include "httpd/reader.h"
#include "httpd/reply.h"
#include "httpd/server.h"

#define ATTEMPTS 3 /* against an image that somebody keeps shortening */

struct read_state {
	bool has_range;
	struct range_spec spec;
	struct byte_range range; /* what is answered */
	unsigned attempts;
	struct flight_buffer *buffer;
	struct flight_op read;
	struct reader *reader;
};

static step_fn read_opened, read_sized, read_buffered, read_done, stream_buffered, stream_ready,
	head_opened, head_done;

/* Read the Range header into @state; false when it was refused. Unknown units are ignored. */
static bool read_parse_range(struct request *rq, struct read_state *state)
{
	const char *value = request_header(rq, MHD_HTTP_HEADER_RANGE);
	struct range_set set;
	int error = value ? range_parse(value, &set) : -EOPNOTSUPP;

	if (error == -EOPNOTSUPP)
		return true;
	image_known(rq->flight->image, &rq->info);
	if (error || set.count > 1) {
		reply_problem(rq,
			      &(struct problem){
				      .type = PROBLEM_INVALID_RANGE,
				      .field = "Range",
				      .detail = error ? "Range must be \"bytes=FIRST-LAST\", "
							"\"bytes=FIRST-\" or \"bytes=-LENGTH\"." :
							"Ask for one range at a time.",
				      .has_size = true,
				      .size = rq->info.stat.size });
		return false;
	}
	range_next(&set, &state->spec);
	state->has_range = true;
	return true;
}

/* Whether what is known of the image is enough to answer. */
static bool read_is_plain(const struct request *rq, const struct read_state *state)
{
	return state->has_range && state->spec.form == RANGE_CLOSED &&
	       state->spec.last < rq->info.stat.size && !request_is_conditional(rq) &&
	       !request_header(rq, MHD_HTTP_HEADER_IF_RANGE);
}

enum verdict read_start(struct request *rq)
{
	return request_open_image(rq, read_opened);
}

static enum verdict read_opened(struct request *rq)
{
	struct read_state *state = request_alloc(rq, sizeof(*state), NULL);

	if (!state)
		return VERDICT_CUT;
	if (!read_parse_range(rq, state))
		return VERDICT_ANSWER;
	if (read_is_plain(rq, state))
		return request_next(rq, read_sized);
	return request_refresh(rq, read_sized);
}

/* Never called: MHD sends no body for HEAD and 304, but it wants a reader to take the length from. */
static ssize_t read_nothing(void *cls, uint64_t position, char *out, size_t max)
{
	(void)cls;
	(void)position;
	(void)out;
	(void)max;
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* An answer without the bytes of the image, but with its size as Content-Length (304, HEAD). */
static enum verdict reply_bodiless(struct request *rq, unsigned status)
{
	enum verdict verdict = reply_response(rq, status,
					      MHD_create_response_from_callback(rq->info.stat.size,
										1024, read_nothing,
										NULL, NULL));

	reply_validators(rq, &rq->info.stat);
	reply_header(rq, MHD_HTTP_HEADER_CONTENT_TYPE, "application/octet-stream");
	return verdict;
}

/* The headers of 200 and 206. @stat: of the image while it was read, or NULL. */
static void read_add_headers(struct request *rq, const struct image_stat *stat)
{
	const struct read_state *state = rq->state;

	reply_header(rq, MHD_HTTP_HEADER_CONTENT_TYPE, "application/octet-stream");
	if (state->has_range)
		reply_content_range(rq, state->range.first, state->range.last,
				    stat ? stat->size : rq->info.stat.size);
	if (stat || !state->has_range)
		reply_validators(rq, stat ? stat : &rq->info.stat);
}

static unsigned read_status(const struct read_state *state)
{
	return state->has_range ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK;
}

/* Decide which bytes of an image of the size in rq->info are wanted; false when answered. */
static bool read_resolve(struct request *rq, struct read_state *state)
{
	uint64_t size = rq->info.stat.size;

	if (state->has_range && !request_range_applies(rq, &rq->info.stat))
		state->has_range = false;
	if (!state->has_range) {
		state->range = (struct byte_range){ .first = 0, .last = size - 1 };
	} else if (range_resolve(&state->spec, size, &state->range)) {
		reply_beyond_end(rq, size);
		return false;
	}
	rq->has_range = true;
	rq->offset = state->range.first;
	rq->length = byte_range_length(&state->range);
	return true;
}

static enum verdict read_sized(struct request *rq)
{
	struct read_state *state = rq->state;

	switch (request_conditions(rq, &rq->info.stat)) {
	case CONDITION_FAILED:
		return VERDICT_ANSWER;
	case CONDITION_NOT_MODIFIED:
		return reply_bodiless(rq, MHD_HTTP_NOT_MODIFIED);
	default:
		break;
	}
	if (!read_resolve(rq, state))
		return VERDICT_ANSWER;
	if (rq->length == 0) /* an empty image */
		return reply_bodiless(rq, MHD_HTTP_OK);
	if (rq->length > BUFFER_MAX) {
		state->reader = reader_new(rq, &state->range);
		if (!state->reader)
			return VERDICT_CUT;
		return request_await_buffer(rq, reader_event(state->reader), stream_buffered);
	}
	state->buffer = flight_buffer(rq->flight, rq->server->buffers, rq->length);
	if (!state->buffer)
		return VERDICT_CUT;
	return request_await_buffer(rq, &state->buffer->event, read_buffered);
}

/* ---- up to one buffer ---- */

static enum verdict read_buffered(struct request *rq)
{
	struct read_state *state = rq->state;

	if (!state->buffer->wait.buffer)
		return reply_errno(rq, -ENOMEM, "read the image");
	state->read.op = (struct op){ .kind = OP_READ,
				      .buffer = state->buffer->wait.buffer,
				      .offset = rq->offset,
				      .length = rq->length };
	flight_submit(rq->flight, &state->read);
	return await(rq, &state->read.event, read_done);
}

static enum verdict reply_short(struct request *rq)
{
	return reply_refuse(rq, PROBLEM_SHORT_IO, NULL,
			    "The image is being shortened while it is read.");
}

/* The image ended where the range should have gone on: look at its size again. */
static enum verdict read_again(struct request *rq)
{
	struct read_state *state = rq->state;

	/* Nobody may wait for a buffer while holding one. */
	flight_buffer_release(state->buffer);
	if (++state->attempts < ATTEMPTS)
		return request_refresh(rq, read_sized);
	return reply_short(rq);
}

static void read_sent(void *flight)
{
	flight_unref(flight);
}

static enum verdict read_done(struct request *rq)
{
	struct read_state *state = rq->state;
	const struct op *op = &state->read.op;
	struct MHD_Response *response;
	enum verdict verdict;

	rq->gluster_ns += op->gluster_ns;
	if (op->result < 0)
		return reply_errno(rq, (int)op->result, "read the image");
	if ((uint64_t)op->result < op->length)
		return read_again(rq);
	response = MHD_create_response_from_buffer_with_free_callback_cls(op->length, op->buffer,
									  read_sent, rq->flight);
	if (response)
		flight_ref(rq->flight); /* the buffer is the flight's */
	verdict = reply_response(rq, read_status(state), response);
	rq->sent = op->length;
	read_add_headers(rq, op->has_stat ? &op->stat : NULL);
	return verdict;
}

/* ---- longer ---- */

static enum verdict stream_buffered(struct request *rq)
{
	struct read_state *state = rq->state;

	if (reader_begin(state->reader))
		return reply_errno(rq, -ENOMEM, "read the image");
	return await(rq, reader_event(state->reader), stream_ready);
}

/* The status is chosen when the first piece is there: an error up to then is a clean answer. */
static enum verdict stream_ready(struct request *rq)
{
	struct read_state *state = rq->state;
	int error = reader_first(state->reader);
	enum verdict verdict;

	if (error == -ENODATA)
		return reply_short(rq);
	if (error)
		return reply_errno(rq, error, "read the image");
	verdict = reply_response(rq, read_status(state), reader_response(state->reader));
	read_add_headers(rq, reader_stat(state->reader));
	return verdict;
}

/* ---- HEAD ---- */

enum verdict head_start(struct request *rq)
{
	return request_open_image(rq, head_opened);
}

static enum verdict head_opened(struct request *rq)
{
	return request_refresh(rq, head_done);
}

/* A Range in a HEAD is ignored (RFC 9110 section 14.2), so Content-Length is that of the image. */
static enum verdict head_done(struct request *rq)
{
	switch (request_conditions(rq, &rq->info.stat)) {
	case CONDITION_FAILED:
		return VERDICT_ANSWER;
	case CONDITION_NOT_MODIFIED:
		return reply_bodiless(rq, MHD_HTTP_NOT_MODIFIED);
	default:
		return reply_bodiless(rq, MHD_HTTP_OK);
	}
}
