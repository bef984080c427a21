/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runner: MHD's callbacks on one side, steps on the other. What MHD 0.9.75 demands of the order
 * of calls is kept here and nowhere else:
 *
 * - An answer that is queued in the first call closes the connection, so it waits for the final call
 *   unless closing is meant. In the middle of an upload MHD takes no answer at all: the rest of the
 *   body is swallowed first, or the connection cut when that is too much.
 * - "upload_size == 0" means the end of the body only after a step has asked for the body: MHD also
 *   calls so after a resume in the first call.
 * - MHD may call while the connection is suspended (chunked uploads): then nothing may be touched.
 * - To return without an answer and without suspending, while no body comes, makes it call again at
 *   once, for ever: done once for each request, see request_turn().
 */
#include "httpd/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block/clock.h"
#include "httpd/access.h"
#include "httpd/front.h"
#include "httpd/reply.h"
#include "httpd/route.h"
#include "httpd/server.h"

#define SWALLOW_MAX	       (1u << 20)      /* of a body that was refused at once */
#define SWALLOW_NS	       (10 * NS_PER_S) /* for a body that failed under way */
#define FLIGHTS_PER_CONNECTION 2	       /* those of requests that have ended included */

enum verdict await(struct request *rq, struct event *event, step_fn *next)
{
	rq->awaited = event;
	rq->step = next;
	return VERDICT_NEXT;
}

enum verdict request_await_buffer(struct request *rq, struct event *buffer, step_fn *next)
{
	rq->buffer = buffer;
	return await(rq, buffer, next);
}

enum verdict request_next(struct request *rq, step_fn *next)
{
	rq->step = next;
	return VERDICT_NEXT;
}

const char *request_header(const struct request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, name);
}

void *request_alloc(struct request *rq, size_t size, void (*clear)(void *memory))
{
	rq->state = flight_alloc(rq->flight, size, clear);
	return rq->state;
}

/* A client's request id, if it may stand in a header and a log as it is. */
static bool id_is_sane(const char *id)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		"-_.:/+=";
	size_t length = id ? strlen(id) : 0;

	return length && length <= REQUEST_ID_MAX && strspn(id, allowed) == length;
}

static void request_set_id(struct request *rq, const char *wanted)
{
	struct server *server = rq->server;

	if (id_is_sane(wanted))
		snprintf(rq->id, sizeof(rq->id), "%s", wanted);
	else
		snprintf(rq->id, sizeof(rq->id), "%08x-%08lx", server->id_salt,
			 atomic_fetch_add(&server->requests, 1));
}

void *request_begin(void *cls, const char *target, struct MHD_Connection *connection)
{
	struct request *rq = calloc(1, sizeof(*rq));

	if (!rq)
		return NULL;
	rq->server = cls;
	rq->connection = connection;
	rq->started_ns = clock_now();
	rq->target = strdup(target);
	rq->target_end = target + strlen(target);
	if (!rq->target) {
		free(rq);
		return NULL;
	}
	return rq;
}

/* Whether a NUL byte cut the target: MHD's copy of the version stands right behind an uncut one. */
static bool target_is_cut(const struct request *rq, const char *version)
{
	return version != rq->target_end + 1;
}

/* OPTIONS, unknown methods and unknown paths. */
static enum verdict request_answer_unrouted(struct request *rq, enum route_match match,
					    const struct route *route)
{
	enum verdict verdict;
	char allow[128];

	if (match == ROUTE_NO_PATH)
		return reply_refuse(rq, PROBLEM_NOT_FOUND, NULL,
				    "There is nothing at this path; see /openapi.json.");
	route_allow(route, allow, sizeof(allow));
	if (!strcmp(rq->method, "OPTIONS"))
		verdict = reply_empty(rq, MHD_HTTP_NO_CONTENT);
	else
		verdict = reply_refuse(rq, PROBLEM_METHOD_NOT_ALLOWED, NULL, "This path takes %s.",
				       allow);
	reply_header(rq, MHD_HTTP_HEADER_ALLOW, allow);
	return verdict;
}

/* Find the row for the request and take its path and query apart. ANSWER, or NEXT to go on. */
static enum verdict request_route(struct request *rq)
{
	const struct route *route;
	const char *why = NULL;
	enum route_match match;
	size_t length;
	const char *path = target_path(rq->target, &length);
	int error;

	if (!strcmp(rq->target, "*") && !strcmp(rq->method, "OPTIONS")) {
		reply_empty(rq, MHD_HTTP_NO_CONTENT);
		reply_header(rq, MHD_HTTP_HEADER_ALLOW, "GET, HEAD, POST, PUT, DELETE, OPTIONS");
		return VERDICT_ANSWER;
	}
	match = route_find(rq->method, path, length, &route, &rq->path, &why);
	if (match != ROUTE_FOUND)
		return request_answer_unrouted(rq, match, route);
	rq->route = route;
	rq->flight->operation = route->operation;
	if (why)
		return reply_refuse(rq, PROBLEM_INVALID_NAME, "path", "%s.", why);
	error = query_parse(rq->target, route->query, &rq->query, &why);
	if (error == -ENOMEM)
		return VERDICT_CUT;
	if (error)
		return reply_refuse(rq, PROBLEM_INVALID_QUERY, "query", "Refused: %s.%s%s", why,
				    route->query[0] ? " Known parameters: " : "", route->query);
	return VERDICT_NEXT;
}

/* A piece of a body that nobody wants. */
static enum verdict body_ignore(struct request *rq)
{
	rq->upload_size = 0;
	if (rq->received > SWALLOW_MAX)
		return reply_refuse(rq, PROBLEM_PAYLOAD_TOO_LARGE, NULL,
				    "This operation takes no body.");
	return VERDICT_BODY;
}

/* A piece of a JSON body; chunked ones show their length only here. */
static enum verdict body_collect_json(struct request *rq)
{
	if (rq->json_size + rq->upload_size > JSON_BODY_MAX)
		return reply_refuse(rq, PROBLEM_PAYLOAD_TOO_LARGE, NULL,
				    "A JSON body has at most %d bytes.", JSON_BODY_MAX);
	if (!rq->json && !(rq->json = malloc(JSON_BODY_MAX)))
		return VERDICT_CUT;
	memcpy(rq->json + rq->json_size, rq->upload, rq->upload_size);
	rq->json_size += rq->upload_size;
	rq->upload_size = 0;
	return VERDICT_BODY;
}

/* Say how the body is to be taken, by the kind that the route has. */
static enum verdict request_prepare_body(struct request *rq)
{
	const char *type = request_header(rq, MHD_HTTP_HEADER_CONTENT_TYPE);
	const char *coding = request_header(rq, MHD_HTTP_HEADER_CONTENT_ENCODING);

	rq->end_step = rq->route->start;
	if (rq->route->body != BODY_NONE && coding && strcasecmp(coding, "identity") != 0)
		return reply_refuse(rq, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Content-Encoding",
				    "Bodies are taken as they are, without a coding.");
	switch (rq->route->body) {
	case BODY_RAW:
		return request_next(rq, rq->route->start);
	case BODY_NONE:
		rq->body_step = body_ignore;
		if (rq->content_length > SWALLOW_MAX)
			return reply_refuse(rq, PROBLEM_PAYLOAD_TOO_LARGE, NULL,
					    "This operation takes no body.");
		return VERDICT_BODY;
	case BODY_JSON:
		rq->body_step = body_collect_json;
		if (rq->content_length > JSON_BODY_MAX)
			return reply_refuse(rq, PROBLEM_PAYLOAD_TOO_LARGE, NULL,
					    "A JSON body has at most %d bytes.", JSON_BODY_MAX);
		/* curl -d says form-urlencoded unless told otherwise: take it, the body tells. */
		if (type && strncasecmp(type, "application/json", 16) != 0 &&
		    strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0)
			return reply_refuse(rq, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Content-Type",
					    "This operation takes application/json.");
		return VERDICT_BODY;
	}
	return VERDICT_CUT;
}

/* The first step of every request. */
static enum verdict request_first_step(struct request *rq)
{
	struct front front = { .content_length = 0 };
	const char *why = front_check(rq->connection, &front);
	enum verdict verdict;

	if (rq->target_cut)
		why = "the request target has a NUL byte or blanks in it";
	request_set_id(rq, front.request_id);
	rq->has_body = front.has_body;
	rq->content_length = front.content_length;
	rq->expects_continue = front.expects_continue;
	if (why) {
		rq->answer_closes = true;
		return reply_refuse(rq, PROBLEM_INVALID_REQUEST, NULL, "Refused: %s.", why);
	}
	verdict = request_route(rq);
	if (verdict != VERDICT_NEXT)
		return verdict;
	if (rq->server->draining && !strncmp(rq->route->template, "/v1/", 4)) {
		rq->answer_closes = true; /* health is still told */
		return reply_refuse(rq, PROBLEM_DRAINING, NULL, "The server is being stopped.");
	}
	/* Requests that were answered 504 are still in flight: a volume that hangs must not collect them. */
	if (flights_count(&rq->server->flights) >
	    FLIGHTS_PER_CONNECTION * (size_t)rq->server->config->max_connections)
		return reply_refuse(rq, PROBLEM_OVERLOADED, NULL,
				    "Too many requests wait for GlusterFS.");
	return request_prepare_body(rq);
}

/* The deadline passed while gluster was waited for. */
static enum verdict request_expire(struct request *rq)
{
	bool for_buffer = rq->awaited && rq->awaited == rq->buffer;

	rq->awaited = NULL;
	if (for_buffer)
		return reply_refuse(rq, PROBLEM_OVERLOADED, NULL,
				    "No buffer became free for %u seconds.",
				    rq->server->config->request_deadline_s);
	return reply_refuse(rq, PROBLEM_DEADLINE_EXCEEDED, NULL,
			    "GlusterFS did not answer for %u seconds.",
			    rq->server->config->request_deadline_s);
}

/* Whether the answer, whatever it is, is to say that ranges are taken here. */
static bool request_reads_data(const struct request *rq)
{
	return rq->route && strstr(rq->route->template, "/-/data") &&
	       (!strcmp(rq->route->method, "GET") || !strcmp(rq->route->method, "HEAD"));
}

static enum MHD_Result request_queue_answer(struct request *rq)
{
	enum MHD_Result queued;

	if (rq->answer_closes || rq->server->draining)
		reply_header(rq, MHD_HTTP_HEADER_CONNECTION, "close");
	if (request_reads_data(rq))
		reply_header(rq, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
	queued = MHD_queue_response(rq->connection, rq->status, rq->response);
	MHD_destroy_response(rq->response);
	rq->response = NULL;
	rq->answered = true;
	return queued;
}

/* Whether the rest of the body is small enough to be read for the sake of the connection. */
static bool body_is_worth_swallowing(const struct request *rq)
{
	if (rq->content_length < 0)
		return rq->received <= SWALLOW_MAX;
	return (uint64_t)rq->content_length - rq->received <= SWALLOW_MAX;
}

/* The answer is made: queue it now, or when the body is through. */
static enum MHD_Result request_answer(struct request *rq)
{
	bool body_untouched = rq->stage == STAGE_NEW || rq->stage == STAGE_HEAD;

	if (rq->stage == STAGE_END || rq->answer_closes)
		return request_queue_answer(rq);
	if (body_untouched && rq->has_body &&
	    (rq->expects_continue || !body_is_worth_swallowing(rq)))
		return request_queue_answer(rq);
	/* A body that was taken until it failed gets more: its client should learn what was written. */
	if (!body_untouched)
		rq->swallow_until_ns = clock_now() + SWALLOW_NS;
	rq->stage = STAGE_SWALLOW;
	rq->upload_size = 0;
	return MHD_YES;
}

/*
 * Give MHD one turn before the first sleep after the end of a request. It calls again at once; only then
 * does it know that it has nothing more to read. A connection suspended before that is read from when it
 * is resumed, and dropped unanswered if its client has shut down its sending side.
 */
static bool request_turn(struct request *rq)
{
	bool now = rq->stage == STAGE_END && !rq->turned;

	rq->turned |= now;
	return now;
}

/* Run steps until there is nothing to do for now. */
static enum MHD_Result request_run(struct request *rq)
{
	for (;;) {
		enum verdict verdict;

		if (flight_expired(rq->flight))
			verdict = request_expire(rq);
		else if (rq->awaited && !flight_is_set(rq->flight, rq->awaited))
			verdict = VERDICT_WAIT;
		else {
			rq->awaited = NULL;
			verdict = rq->step(rq);
		}
		switch (verdict) {
		case VERDICT_NEXT:
			break;
		case VERDICT_WAIT:
			if (request_turn(rq) || flight_park(rq->flight))
				return MHD_YES;
			break;
		case VERDICT_BODY:
			rq->stage = STAGE_BODY;
			rq->step = rq->body_step;
			return MHD_YES;
		case VERDICT_ANSWER:
			return request_answer(rq);
		case VERDICT_CUT:
			return MHD_NO;
		}
	}
}

/* Swallow a piece of a refused body; cut when there is no end to it. */
static enum MHD_Result request_swallow(struct request *rq)
{
	bool more;

	rq->upload_size = 0;
	if (rq->swallow_until_ns)
		more = clock_now() < rq->swallow_until_ns;
	else
		more = rq->content_length > 0 || rq->received <= SWALLOW_MAX;
	return more ? MHD_YES : MHD_NO;
}

/* What MHD's call means in the stage the request is in. */
static enum MHD_Result request_called(struct request *rq)
{
	bool piece = rq->upload_size > 0;

	switch (rq->stage) {
	case STAGE_NEW:
		rq->step = request_first_step;
		rq->flight = flight_new(&rq->server->flights, rq->connection);
		if (!rq->flight)
			return MHD_NO;
		rq->stage = STAGE_HEAD;
		return request_run(rq);
	case STAGE_SWALLOW:
		return piece ? request_swallow(rq) : request_queue_answer(rq);
	case STAGE_BODY:
		if (!piece) {
			rq->stage = STAGE_END;
			rq->step = rq->end_step;
		}
		return request_run(rq);
	default:
		return request_run(rq);
	}
}

enum MHD_Result request_access(void *cls, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *upload,
			       size_t *upload_size, void **req_cls)
{
	struct request *rq = *req_cls;
	enum MHD_Result result;
	size_t offered = *upload_size;

	(void)cls;
	(void)connection;
	(void)url;
	if (!rq)
		return MHD_NO;
	if (rq->flight && flight_is_parked(rq->flight))
		return MHD_YES;
	rq->method = method;
	rq->target_cut = target_is_cut(rq, version);
	rq->upload = upload;
	rq->upload_size = offered;
	if (offered > rq->offered_before)
		rq->received += offered - rq->offered_before;
	result = request_called(rq);
	*upload_size = rq->upload_size;
	rq->offered_before = rq->upload_size;
	if (rq->flight)
		rq->flight->receiving = rq->has_body && rq->stage != STAGE_END;
	return result;
}

void request_completed(void *cls, struct MHD_Connection *connection, void **req_cls,
		       enum MHD_RequestTerminationCode how)
{
	struct request *rq = *req_cls;

	(void)cls;
	if (!rq)
		return;
	*req_cls = NULL;
	access_log(rq, connection, how);
	if (rq->response)
		MHD_destroy_response(rq->response);
	query_clear(&rq->query);
	if (rq->flight)
		flight_detach(rq->flight);
	free(rq->json);
	free(rq->target);
	free(rq);
}
