/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_REPLY_H
#define HTTPD_REPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "httpd/problem.h"
#include "httpd/request.h"

/*
 * Answers. Every function makes rq->response and returns the verdict to return from the step; the
 * runner queues it when MHD lets it. MHD threads. Without memory the verdict is to cut.
 */

/* What a problem document tells besides its type; zero members are left out. */
struct problem {
	enum problem_type type;
	const char *detail; /* one or two sentences for people, borrowed; NULL: the type's title */
	const char *field;  /* member, parameter or header that is wrong, borrowed */
	int error;	    /* errno */
	bool has_range;
	uint64_t offset, length; /* bytes that the failed operation was about */
	bool has_written;
	uint64_t written; /* bytes that are in the image all the same */
	bool has_size;
	uint64_t size; /* of the image, for Content-Range: bytes and a star (416) */
};

/* reply_empty() - @status without a body. */
enum verdict reply_empty(struct request *rq, unsigned status);

/* reply_json() - @status with @root as body (takes the reference; NULL is out of memory). */
enum verdict reply_json(struct request *rq, unsigned status, json_t *root);

/* reply_static() - 200 with constant @text that lives as long as the process. */
enum verdict reply_static(struct request *rq, const char *type, const char *text, size_t length);

/* reply_response() - @status with @response (takes; NULL is out of memory). */
enum verdict reply_response(struct request *rq, unsigned status, struct MHD_Response *response);

/* reply_problem() - the problem document of @problem. */
enum verdict reply_problem(struct request *rq, const struct problem *problem);

/* reply_refuse() - a problem with only @type, @field (or NULL) and a formatted detail. */
enum verdict reply_refuse(struct request *rq, enum problem_type type, const char *field,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* reply_errno() - the problem for -errno @error of gluster; @what: "open the image", for the detail. */
enum verdict reply_errno(struct request *rq, int error, const char *what);

/* reply_beyond_end() - 416 range-not-satisfiable for an image of @size bytes. */
enum verdict reply_beyond_end(struct request *rq, uint64_t size);

/* reply_header() - add a header to the answer that was made; @value is copied. */
void reply_header(struct request *rq, const char *name, const char *value);

/* reply_content_range() - add Content-Range: bytes @first-@last/@size. */
void reply_content_range(struct request *rq, uint64_t first, uint64_t last, uint64_t size);

#endif
