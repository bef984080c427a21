/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block/volume.h"
#include "httpd/log.h"
#include "httpd/route.h"

#define RETRY_AFTER_S "2"

void reply_header(struct request *rq, const char *name, const char *value)
{
	if (rq->response)
		MHD_add_response_header(rq->response, name, value);
}

void reply_content_range(struct request *rq, uint64_t first, uint64_t last, uint64_t size)
{
	char value[80];

	snprintf(value, sizeof(value), "bytes %llu-%llu/%llu", (unsigned long long)first,
		 (unsigned long long)last, (unsigned long long)size);
	reply_header(rq, MHD_HTTP_HEADER_CONTENT_RANGE, value);
}

enum verdict reply_response(struct request *rq, unsigned status, struct MHD_Response *response)
{
	if (!response)
		return VERDICT_CUT;
	if (rq->response)
		MHD_destroy_response(rq->response);
	rq->response = response;
	rq->status = status;
	reply_header(rq, "X-Request-Id", rq->id);
	reply_header(rq, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	return VERDICT_ANSWER;
}

enum verdict reply_empty(struct request *rq, unsigned status)
{
	return reply_response(rq, status,
			      MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
}

enum verdict reply_static(struct request *rq, const char *type, const char *text, size_t length)
{
	enum verdict verdict = reply_response(
		rq, MHD_HTTP_OK,
		MHD_create_response_from_buffer(length, (void *)text, MHD_RESPMEM_PERSISTENT));

	rq->sent = length;
	reply_header(rq, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	return verdict;
}

/* Make the answer from @root (takes), dumped as @type. */
static enum verdict reply_dump(struct request *rq, unsigned status, const char *type, json_t *root)
{
	char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
	struct MHD_Response *response;
	enum verdict verdict;

	json_decref(root);
	if (!text)
		return VERDICT_CUT;
	response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(text);
	else
		rq->sent = strlen(text);
	verdict = reply_response(rq, status, response);
	reply_header(rq, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	return verdict;
}

enum verdict reply_json(struct request *rq, unsigned status, json_t *root)
{
	return reply_dump(rq, status, "application/json", root);
}

static void set_text(json_t *root, const char *key, const char *value)
{
	if (value && value[0])
		json_object_set_new(root, key, json_string(value));
}

static void set_number(json_t *root, const char *key, uint64_t value)
{
	json_object_set_new(root, key, json_integer((json_int_t)value));
}

/* The document of @problem (gives). */
static json_t *problem_document(const struct request *rq, const struct problem *problem)
{
	const struct problem_info *info = problem_info(problem->type);
	const char *detail = problem->detail ? problem->detail : info->title;
	json_t *root = json_object();
	char type[64];

	snprintf(type, sizeof(type), "/problems/%s", info->name);
	set_text(root, "type", type);
	set_text(root, "title", info->title);
	set_number(root, "status", info->status);
	set_text(root, "detail", detail);
	set_text(root, "request_id", rq->id);
	if (rq->route)
		set_text(root, "operation", rq->route->operation);
	set_text(root, "volume", rq->path.volume);
	set_text(root, "image", rq->path.image);
	if (problem->error)
		set_text(root, "errno", strerrorname_np(problem->error));
	if (problem->has_range) {
		set_number(root, "offset", problem->offset);
		set_number(root, "length", problem->length);
	}
	if (problem->has_written)
		set_number(root, "written", problem->written);
	if (problem->field)
		json_object_set_new(
			root, "errors",
			json_pack("[{s:s,s:s}]", "field", problem->field, "detail", detail));
	return root;
}

enum verdict reply_problem(struct request *rq, const struct problem *problem)
{
	const struct problem_info *info = problem_info(problem->type);
	enum verdict verdict = reply_dump(rq, info->status, "application/problem+json",
					  problem_document(rq, problem));
	char range[40];

	if (problem->has_size) {
		snprintf(range, sizeof(range), "bytes */%llu", (unsigned long long)problem->size);
		reply_header(rq, MHD_HTTP_HEADER_CONTENT_RANGE, range);
	}
	if (info->status == MHD_HTTP_SERVICE_UNAVAILABLE)
		reply_header(rq, MHD_HTTP_HEADER_RETRY_AFTER, RETRY_AFTER_S);
	if (info->status >= 500)
		log_warning(
			"request %s: %s: %s%s%s", rq->id, rq->route ? rq->route->operation : "-",
			problem->detail ? problem->detail : info->title, problem->error ? ", " : "",
			problem->error ? strerrorname_np(problem->error) : "");
	return verdict;
}

enum verdict reply_refuse(struct request *rq, enum problem_type type, const char *field,
			  const char *format, ...)
{
	char detail[512];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	return reply_problem(rq,
			     &(struct problem){ .type = type, .field = field, .detail = detail });
}

enum verdict reply_errno(struct request *rq, int error, const char *what)
{
	enum problem_type type = problem_from_errno(-error);
	struct volume_info info = { .error = "" };
	char detail[512];

	if (type == PROBLEM_VOLUME_UNAVAILABLE && rq->flight->volume)
		volume_info(rq->flight->volume, &info);
	snprintf(detail, sizeof(detail), "Could not %s: %s%s%s", what, problem_reason(-error),
		 info.error[0] ? ": " : "", info.error);
	return reply_problem(rq,
			     &(struct problem){ .type = type, .error = -error, .detail = detail });
}

enum verdict reply_beyond_end(struct request *rq, uint64_t size)
{
	char detail[128];

	snprintf(detail, sizeof(detail),
		 "The range is not inside of the image, which has %llu bytes.",
		 (unsigned long long)size);
	return reply_problem(rq, &(struct problem){ .type = PROBLEM_RANGE_NOT_SATISFIABLE,
						    .detail = detail,
						    .has_size = true,
						    .size = size });
}
