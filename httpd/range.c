/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/range.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define NUMBER_MAX ((uint64_t)INT64_MAX)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads digits at *@at, at least one, and moves *@at behind them. */
static bool number_parse(const char **at, uint64_t *ret_number)
{
	uint64_t number = 0;
	const char *p = *at;

	if (!is_digit(*p))
		return false;
	for (; is_digit(*p); p++) {
		unsigned int digit = (unsigned int)(*p - '0');

		if (number > (NUMBER_MAX - digit) / 10)
			number = NUMBER_MAX;
		else
			number = 10 * number + digit;
	}
	*at = p;
	*ret_number = number;
	return true;
}

/* Is @name a token (RFC 9110 section 5.6.2) of @n bytes, and so possibly the unit of a range? */
static bool is_token(const char *name, size_t n)
{
	static const char tchar[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "!#$%&'*+-.^_`|~";

	return n > 0 && strspn(name, tchar) >= n;
}

/* Reads one range at *@at and moves *@at behind it. */
static bool spec_parse(const char **at, struct range_spec *ret_spec)
{
	struct range_spec spec = { .form = RANGE_SUFFIX };
	const char *p = *at;

	if (number_parse(&p, &spec.first))
		spec.form = RANGE_OPEN;
	if (*p++ != '-')
		return false;
	if (number_parse(&p, &spec.last)) {
		if (spec.form == RANGE_OPEN)
			spec.form = RANGE_CLOSED;
	} else if (spec.form == RANGE_SUFFIX) {
		return false;
	}
	if (spec.form == RANGE_CLOSED && spec.last < spec.first)
		return false;
	*at = p;
	*ret_spec = spec;
	return true;
}

/* To the next element of a list; recipients skip empty ones (RFC 9110 section 5.6.1.2). */
static const char *skip_separators(const char *at)
{
	return at + strspn(at, ", \t");
}

int range_parse(const char *value, struct range_set *ret_set)
{
	size_t n = strcspn(value, "=");
	struct range_set set = { .count = 0 };
	struct range_spec spec;
	const char *at;

	if (value[n] != '=' || !is_token(value, n))
		return -EINVAL;
	if (n != strlen("bytes") || strncasecmp(value, "bytes", n) != 0)
		return -EOPNOTSUPP;
	set.next = at = skip_separators(value + n + 1);
	while (*at) {
		if (!spec_parse(&at, &spec))
			return -EINVAL;
		at += strspn(at, " \t");
		if (*at && *at != ',')
			return -EINVAL;
		if (++set.count > RANGE_MAX)
			return -E2BIG;
		at = skip_separators(at);
	}
	if (set.count == 0)
		return -EINVAL;
	*ret_set = set;
	return 0;
}

bool range_next(struct range_set *set, struct range_spec *ret_spec)
{
	if (!spec_parse(&set->next, ret_spec))
		return false;
	set->next = skip_separators(set->next);
	return true;
}

int range_resolve(const struct range_spec *spec, uint64_t size, struct byte_range *ret_range)
{
	struct byte_range range = { .first = spec->first, .last = size - 1 };

	if (spec->form == RANGE_SUFFIX)
		range.first = spec->last < size ? size - spec->last : 0;
	else if (spec->form == RANGE_CLOSED && spec->last < size)
		range.last = spec->last;
	/* True for `-0` and for an empty image, too. */
	if (range.first >= size)
		return -ERANGE;
	*ret_range = range;
	return 0;
}

int range_resolve_exact(const struct range_spec *spec, uint64_t size, struct byte_range *ret_range)
{
	bool inside = spec->form == RANGE_OPEN || spec->last < size ||
		      (spec->form == RANGE_SUFFIX && spec->last == size);

	return inside ? range_resolve(spec, size, ret_range) : -ERANGE;
}

/* Reads `LAST`, `*` or nothing. */
static bool end_parse(const char **at, struct content_range *range)
{
	range->end_kind = CONTENT_END_OPEN;
	if (**at == '*') {
		range->end_kind = CONTENT_END_STAR;
		++*at;
	} else if (number_parse(at, &range->last)) {
		range->end_kind = CONTENT_END_GIVEN;
		return range->last >= range->first;
	}
	return true;
}

/* Reads `*`, `-1` or a number, up to the end of the value. */
static bool total_parse(const char *at, struct content_range *range)
{
	range->total_kind = CONTENT_TOTAL_STAR;
	if (strcmp(at, "*") == 0)
		return true;
	range->total_kind = CONTENT_TOTAL_MINUS_ONE;
	if (strcmp(at, "-1") == 0)
		return true;
	range->total_kind = CONTENT_TOTAL_GIVEN;
	return number_parse(&at, &range->total) && *at == '\0';
}

int content_range_parse(const char *value, struct content_range *ret_range, const char **ret_why)
{
	static const char unit[] = "bytes ";
	bool known = strncasecmp(value, unit, strlen(unit)) == 0;
	const char *at = known ? value + strlen(unit) : value;
	struct content_range range = { .first = 0 };

	if (!known || !number_parse(&at, &range.first) || *at++ != '-') {
		*ret_why = "Content-Range must be `bytes FIRST-LAST/*`";
		return -EINVAL;
	}
	if (!end_parse(&at, &range)) {
		*ret_why = "LAST in `Content-Range: bytes FIRST-LAST/*` is below FIRST";
		return -EINVAL;
	}
	if (*at++ != '/' || !total_parse(at, &range)) {
		*ret_why = "Content-Range must be `bytes FIRST-LAST/*`, with `*` or the size of "
			   "the image behind the slash";
		return -EINVAL;
	}
	*ret_range = range;
	return 0;
}

/* Finds the length of the range, or why range and body do not fit to each other. */
static const char *body_fault(const struct content_range *range, int64_t body_length,
			      uint64_t *ret_length)
{
	switch (range->end_kind) {
	case CONTENT_END_GIVEN:
		*ret_length = range->last - range->first + 1;
		if (body_length >= 0 && (uint64_t)body_length != *ret_length)
			return "Content-Length must be LAST - FIRST + 1 of Content-Range";
		return NULL;
	case CONTENT_END_OPEN:
		if (body_length < 0)
			return "`Content-Range: bytes FIRST-/*` needs a Content-Length; "
			       "expected `bytes FIRST-LAST/*`";
		*ret_length = (uint64_t)body_length;
		return NULL;
	case CONTENT_END_STAR:
		break;
	}
	return "Content-Range must be `bytes FIRST-LAST/*`, with a number for LAST";
}

static const char *total_fault(const struct content_range *range, bool chunked, uint64_t length,
			       uint64_t size)
{
	switch (range->total_kind) {
	case CONTENT_TOTAL_STAR:
		return NULL;
	case CONTENT_TOTAL_GIVEN:
		if (range->total == size || range->total == length)
			return NULL;
		break;
	case CONTENT_TOTAL_MINUS_ONE:
		if (chunked)
			return NULL;
		break;
	}
	return "what follows the slash in Content-Range must be `*` or the size of the image";
}

int content_range_check(const struct content_range *range, int64_t body_length, uint64_t size,
			struct byte_range *ret_range, const char **ret_why)
{
	uint64_t length = 0;
	const char *fault = body_fault(range, body_length, &length);

	/* Comes before the total: the answer 416 tells a client with a wrong idea of the size. */
	if (!fault && (range->first > size || length > size - range->first)) {
		*ret_why = "the range of Content-Range is not inside of the image";
		return -ERANGE;
	}
	if (!fault)
		fault = total_fault(range, body_length < 0, length, size);
	if (fault) {
		*ret_why = fault;
		return -EINVAL;
	}
	ret_range->first = range->first;
	ret_range->last = range->first + length - 1;
	return 0;
}
