/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_CONDITIONS_H
#define HTTPD_CONDITIONS_H

#include <stdbool.h>
#include <time.h>

/*
 * Conditional requests (RFC 9110 section 13). Pure functions, any thread.
 *
 * What is malformed errs on the side that changes and mixes nothing:
 * - an If-Match that is no list of entity-tags matches nothing;
 * - an If-None-Match that is none fails an unsafe request, and is ignored for a safe one;
 * - a date that is none is ignored, as the RFC demands.
 */

/* The header values of a request, borrowed; NULL for those it does not have. */
struct conditions {
	const char *if_match;
	const char *if_none_match;
	const char *if_modified_since;
	const char *if_unmodified_since;
	const char *if_range;
};

/* What the resource has. */
struct validator {
	const char *etag; /* with its quotes, and W/ if it is weak; NULL: has none */
	time_t mtime;
};

enum condition {
	CONDITION_PASS,
	CONDITION_NOT_MODIFIED, /* 304, for safe methods only */
	CONDITION_FAILED,	/* 412 */
};

/**
 * conditions_check() - evaluate all but If-Range, in the order of RFC 9110 section 13.2.2
 * @conditions: borrowed
 * @validator: of the resource, borrowed; NULL: it does not exist
 * @safe_method: the request is GET or HEAD
 *
 * To be called only when the answer without conditions would be a 2xx (section 13.2.1).
 */
enum condition conditions_check(const struct conditions *conditions,
				const struct validator *validator, bool safe_method);

/**
 * if_range_holds() - may a GET with Range be answered with a part?
 * @conditions: borrowed; true without If-Range
 * @validator: of the resource, borrowed
 *
 * Otherwise the whole is to be sent. Only a strong entity-tag can hold. A date never does: seconds
 * cannot tell two writes within one apart, so it is no strong validator (section 8.8.2.2).
 */
bool if_range_holds(const struct conditions *conditions, const struct validator *validator);

/**
 * http_date_parse() - read a date in any of the three forms of RFC 9110 section 5.6.7
 * @text: borrowed
 * @ret_time: gets seconds since the epoch; untouched on failure
 *
 * Reads English names, so the program must stay in the C locale.
 *
 * Return: false if it is no date.
 */
bool http_date_parse(const char *text, time_t *ret_time);

#endif
