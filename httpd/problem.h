/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_PROBLEM_H
#define HTTPD_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Problem types (RFC 9457): what a client is told when something did not work. The one table of
 * them is in problem.c; answers, the OpenAPI document and GET /problems/{problem} follow it.
 */
enum problem_type {
	PROBLEM_INVALID_NAME,
	PROBLEM_INVALID_REQUEST,
	PROBLEM_INVALID_QUERY,
	PROBLEM_INVALID_JSON,
	PROBLEM_INVALID_CONTENT_RANGE,
	PROBLEM_SIZE_ALIGNMENT,
	PROBLEM_FORBIDDEN,
	PROBLEM_READ_ONLY,
	PROBLEM_NOT_FOUND,
	PROBLEM_VOLUME_NOT_FOUND,
	PROBLEM_IMAGE_NOT_FOUND,
	PROBLEM_METHOD_NOT_ALLOWED,
	PROBLEM_ALREADY_EXISTS,
	PROBLEM_CONFLICT,
	PROBLEM_SIZE_MISMATCH,
	PROBLEM_WOULD_SHRINK,
	PROBLEM_LOST_WRITES,
	PROBLEM_LENGTH_REQUIRED,
	PROBLEM_PRECONDITION_FAILED,
	PROBLEM_PAYLOAD_TOO_LARGE,
	PROBLEM_TOO_LARGE,
	PROBLEM_UNSUPPORTED_MEDIA_TYPE,
	PROBLEM_INVALID_RANGE,
	PROBLEM_RANGE_NOT_SATISFIABLE,
	PROBLEM_BUSY,
	PROBLEM_INTERNAL_ERROR,
	PROBLEM_IO_ERROR,
	PROBLEM_SHORT_IO,
	PROBLEM_NOT_SUPPORTED,
	PROBLEM_VOLUME_UNAVAILABLE,
	PROBLEM_OVERLOADED,
	PROBLEM_DRAINING,
	PROBLEM_DEADLINE_EXCEEDED,
	PROBLEM_NO_SPACE,
	PROBLEM_TYPES,
};

struct problem_info {
	const char *name; /* last part of the type's URI */
	unsigned status;
	const char *title;
	const char *text; /* what it means and what to do, for GET /problems/NAME */
};

/* problem_info() - the row of @type (static). */
const struct problem_info *problem_info(enum problem_type type);

/* problem_find() - the row called @name (static), or NULL. */
const struct problem_info *problem_find(const char *name);

/* problem_from_errno() - what @error (positive) of gluster is to a client. */
enum problem_type problem_from_errno(int error);

/* problem_reason() - @error (positive) in words, for a detail (static). */
const char *problem_reason(int error);

#endif
