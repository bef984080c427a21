/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discard and zero. Long ranges go to gluster slice by slice, so that none runs into its timeouts:
 *
 *   ..._start -> [open] -> clear_opened -> [ask for the size] -> clear_sized
 *       -> clear_slice -> clear_slice_done -> clear_slice ... -> [flush] -> clear_flushed
 */
#include <errno.h>
#include <string.h>

#include "httpd/handlers.h"
#include "httpd/image_json.h"
#include "httpd/json_body.h"
#include "httpd/query.h"
#include "httpd/range.h"
#include "httpd/reply.h"

struct clear_state {
	enum op_kind kind; /* OP_DISCARD or OP_ZERO */
	struct range_body range;
	bool by_header; /* from the Range header, which is resolved when the size is known */
	struct range_spec spec;
	bool exact; /* rq->info is fresh */
	uint64_t done;
	struct flight_op op;
};

static step_fn clear_opened, clear_refreshed, clear_sized, clear_slice, clear_slice_done,
	clear_flushed;

static struct clear_state *clear_new(struct request *rq, enum op_kind kind)
{
	struct clear_state *state = request_alloc(rq, sizeof(*state), NULL);

	if (state)
		state->kind = kind;
	return state;
}

/*
 * DELETE with a Range. Nothing but a sound single range may pass: a client that loses the header
 * must not lose the image.
 */
enum verdict discard_data_start(struct request *rq)
{
	struct clear_state *state = clear_new(rq, OP_DISCARD);
	const char *value = request_header(rq, MHD_HTTP_HEADER_RANGE);
	struct range_set set;
	int error;

	if (!state)
		return VERDICT_CUT;
	if (!value)
		return reply_refuse(rq, PROBLEM_INVALID_REQUEST, "Range",
				    "To discard bytes say Range: bytes=FIRST-LAST.");
	error = range_parse(value, &set);
	if (error || set.count > 1 || strchr(value, ','))
		return reply_refuse(rq, PROBLEM_INVALID_REQUEST, "Range",
				    "A discard takes exactly one range: bytes=FIRST-LAST.");
	range_next(&set, &state->spec);
	state->by_header = true;
	if (!query_bool(rq, "flush", &state->range.flush))
		return VERDICT_ANSWER;
	return request_open_image(rq, clear_opened);
}

enum verdict discard_start(struct request *rq)
{
	struct clear_state *state = clear_new(rq, OP_DISCARD);

	if (!state)
		return VERDICT_CUT;
	if (!json_body_read(rq, &discard_schema, &state->range))
		return VERDICT_ANSWER;
	return request_open_image(rq, clear_opened);
}

enum verdict zero_start(struct request *rq)
{
	struct clear_state *state = clear_new(rq, OP_ZERO);

	if (!state)
		return VERDICT_CUT;
	if (!json_body_read(rq, &zero_schema, &state->range))
		return VERDICT_ANSWER;
	return request_open_image(rq, clear_opened);
}

static enum verdict clear_opened(struct request *rq)
{
	image_known(rq->flight->image, &rq->info);
	if (request_is_conditional(rq))
		return request_refresh(rq, clear_refreshed);
	return request_next(rq, clear_sized);
}

static enum verdict clear_refreshed(struct request *rq)
{
	((struct clear_state *)rq->state)->exact = true;
	if (request_conditions(rq, &rq->info.stat) != CONDITION_PASS)
		return VERDICT_ANSWER;
	return request_next(rq, clear_sized);
}

/* Whether the range is inside of the image as far as it is known. Never clamped. */
static bool clear_fits(struct request *rq, struct clear_state *state)
{
	uint64_t size = rq->info.stat.size;
	struct byte_range range;

	if (!state->by_header)
		return state->range.offset <= size &&
		       state->range.length <= size - state->range.offset;
	if (range_resolve_exact(&state->spec, size, &range))
		return false;
	state->range.offset = range.first;
	state->range.length = byte_range_length(&range);
	return true;
}

static enum verdict clear_sized(struct request *rq)
{
	struct clear_state *state = rq->state;
	struct volume_info volume;

	if (!clear_fits(rq, state) || (state->by_header && state->spec.form != RANGE_CLOSED)) {
		if (!state->exact)
			return request_refresh(rq, clear_refreshed);
		if (!clear_fits(rq, state))
			return reply_beyond_end(rq, rq->info.stat.size);
	}
	volume_info(rq->flight->volume, &volume);
	if (state->kind == OP_ZERO && state->range.unmap && volume.features.discard)
		state->kind = OP_DISCARD; /* it reads as zeros, too */
	rq->has_range = true;
	rq->offset = state->range.offset;
	rq->length = state->range.length;
	return request_next(rq, clear_slice);
}

static enum verdict clear_slice(struct request *rq)
{
	struct clear_state *state = rq->state;
	uint64_t left = rq->length - state->done;
	uint64_t most = op_slice_max(rq->flight->volume, state->kind);

	if (left) {
		state->op.op = (struct op){ .kind = state->kind,
					    .offset = rq->offset + state->done,
					    .length = left < most ? left : most };
		flight_submit(rq->flight, &state->op);
		return await(rq, &state->op.event, clear_slice_done);
	}
	if (!state->range.flush)
		return reply_empty(rq, MHD_HTTP_NO_CONTENT);
	state->op.op = (struct op){ .kind = OP_FLUSH };
	flight_submit(rq->flight, &state->op);
	return await(rq, &state->op.event, clear_flushed);
}

static enum verdict clear_slice_done(struct request *rq)
{
	struct clear_state *state = rq->state;
	const struct op *op = &state->op.op;

	rq->gluster_ns += op->gluster_ns;
	if (op->result == -ERANGE)
		return reply_beyond_end(rq, rq->info.stat.size);
	if (op->result < 0)
		return reply_problem(
			rq, &(struct problem){ .type = problem_from_errno((int)-op->result),
					       .error = (int)-op->result,
					       .has_range = true,
					       .offset = rq->offset,
					       .length = rq->length,
					       .has_written = state->done > 0,
					       .written = state->done });
	state->done += op->length;
	return request_next(rq, clear_slice);
}

static enum verdict clear_flushed(struct request *rq)
{
	const struct clear_state *state = rq->state;

	rq->gluster_ns += state->op.op.gluster_ns;
	if (state->op.op.result < 0)
		return reply_errno(rq, (int)state->op.op.result, "flush the image");
	return reply_empty(rq, MHD_HTTP_NO_CONTENT);
}
