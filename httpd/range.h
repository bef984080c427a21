/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_RANGE_H
#define HTTPD_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Range and Content-Range (RFC 9110 section 14). Numbers that do not fit are read as INT64_MAX,
 * past the end of every image: no sum of two overflows. All functions: any thread.
 */

#define RANGE_MAX 256 /* ranges in one request */

/* Bytes of an image, both ends included. An empty one has last == first - 1 (modulo 2^64). */
struct byte_range {
	uint64_t first;
	uint64_t last;
};

static inline uint64_t byte_range_length(const struct byte_range *range)
{
	return range->last - range->first + 1;
}

enum range_form {
	RANGE_CLOSED, /* `first-last` */
	RANGE_OPEN,   /* `first-` */
	RANGE_SUFFIX, /* `-last`: that many bytes at the end */
};

struct range_spec {
	enum range_form form;
	uint64_t first;
	uint64_t last;
};

/* The ranges of one header value, which it borrows. */
struct range_set {
	const char *next;   /* for range_next() only */
	unsigned int count; /* of all ranges, 1 to RANGE_MAX */
};

/**
 * range_parse() - read the value of a Range header
 * @value: the value, borrowed for as long as @ret_set is used
 * @ret_set: gets the ranges, to be taken with range_next(); untouched on failure
 *
 * Return: 0; -EOPNOTSUPP for an unknown unit (RFC 9110: ignore the header); -EINVAL for a malformed
 * value, such as `bytes=5-2` or no range at all; -E2BIG for more than RANGE_MAX ranges.
 */
int range_parse(const char *value, struct range_set *ret_set);

/**
 * range_next() - take the next range
 * @set: from range_parse(); moved on
 * @ret_spec: gets the range; untouched at the end
 *
 * Return: false when all were taken.
 */
bool range_next(struct range_set *set, struct range_spec *ret_spec);

/**
 * range_resolve() - which bytes of an image does a range select?
 * @spec: borrowed
 * @size: of the image, in bytes
 * @ret_range: gets at least one byte, clamped to the image; untouched on failure
 *
 * Return: 0 or -ERANGE (416).
 */
int range_resolve(const struct range_spec *spec, uint64_t size, struct byte_range *ret_range);

/**
 * range_resolve_exact() - range_resolve() without clamping, for operations that change bytes
 * @spec: borrowed
 * @size: of the image, in bytes
 * @ret_range: gets at least one byte; untouched on failure
 *
 * Return: 0, or -ERANGE (416) also when a part of the range is outside of the image.
 */
int range_resolve_exact(const struct range_spec *spec, uint64_t size, struct byte_range *ret_range);

enum content_range_end {
	CONTENT_END_GIVEN, /* `first-last` */
	CONTENT_END_OPEN,  /* `first-`: curl -r FIRST- */
	CONTENT_END_STAR,  /* `first-*`: the imageio protocol only */
};

enum content_range_total {
	CONTENT_TOTAL_STAR, /* the total is not told */
	CONTENT_TOTAL_GIVEN,
	CONTENT_TOTAL_MINUS_ONE, /* curl, when it does not know its input's length */
};

struct content_range {
	uint64_t first;
	uint64_t last;	/* with CONTENT_END_GIVEN, not below first */
	uint64_t total; /* with CONTENT_TOTAL_GIVEN */
	enum content_range_end end_kind;
	enum content_range_total total_kind;
};

/**
 * content_range_parse() - read the value of a request's Content-Range header
 * @value: the value, borrowed
 * @ret_range: gets the parts, whatever curl makes of the total; untouched on failure
 * @ret_why: on failure gets a static text that says what is expected
 *
 * Return: 0 or -EINVAL (400 invalid-content-range).
 */
int content_range_parse(const char *value, struct content_range *ret_range, const char **ret_why);

/**
 * content_range_check() - which bytes of an image does a PUT replace?
 * @range: from content_range_parse(), borrowed
 * @body_length: Content-Length, -1 for a chunked body
 * @size: of the image, in bytes
 * @ret_range: gets the place; empty for an empty body; untouched on failure
 * @ret_why: on failure gets a static text
 *
 * The body must be as long as the range: for a chunked one the caller compares at its end, and
 * writes nothing past @ret_range. Besides `*` and @size the total may be the body's length, as sent
 * by `curl -r`, and -1 for a chunked body (`curl -r` from a pipe).
 *
 * Return: 0, -EINVAL (400 invalid-content-range), or -ERANGE (416) when the range is not inside of
 * the image.
 */
int content_range_check(const struct content_range *range, int64_t body_length, uint64_t size,
			struct byte_range *ret_range, const char **ret_why);

#endif
