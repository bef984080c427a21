/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/handlers.h"
#include "httpd/reply.h"

static step_fn flush_opened, flush_done;

enum verdict flush_start(struct request *rq)
{
	return request_open_image(rq, flush_opened);
}

static enum verdict flush_opened(struct request *rq)
{
	struct flight_op *flush = request_alloc(rq, sizeof(*flush), NULL);

	if (!flush)
		return VERDICT_CUT;
	flush->op.kind = OP_FLUSH;
	flight_submit(rq->flight, flush);
	return await(rq, &flush->event, flush_done);
}

static enum verdict flush_done(struct request *rq)
{
	const struct flight_op *flush = rq->state;

	rq->gluster_ns += flush->op.gluster_ns;
	if (flush->op.result < 0)
		return reply_errno(rq, (int)flush->op.result, "flush the image");
	return reply_empty(rq, MHD_HTTP_NO_CONTENT);
}
