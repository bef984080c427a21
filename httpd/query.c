/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "httpd/reply.h"

bool query_number(struct request *rq, const char *name, uint64_t min, uint64_t max, uint64_t *ret)
{
	const char *text = query_value(&rq->query, name);
	uint64_t number;

	if (!text)
		return true;
	errno = 0;
	number = strtoull(text, NULL, 10);
	if (text[0] && !text[strspn(text, "0123456789")] && !errno && number >= min &&
	    number <= max) {
		*ret = number;
		return true;
	}
	reply_refuse(rq, PROBLEM_INVALID_QUERY, name, "\"%s\" must be a number from %llu to %llu.",
		     name, (unsigned long long)min, (unsigned long long)max);
	return false;
}

bool query_bool(struct request *rq, const char *name, bool *ret)
{
	const char *text = query_value(&rq->query, name);

	if (!text)
		return true;
	if (!strcmp(text, "true") || !strcmp(text, "false")) {
		*ret = text[0] == 't';
		return true;
	}
	reply_refuse(rq, PROBLEM_INVALID_QUERY, name, "\"%s\" must be true or false.", name);
	return false;
}
