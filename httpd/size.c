/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/size.h"

#include "httpd/reply.h"

#define SECTOR 512u

bool size_check(struct request *rq, uint64_t *size, bool round_up)
{
	uint64_t rest = *size % SECTOR;

	if (!rest)
		return true;
	if (round_up && *size <= INT64_MAX - SECTOR) {
		*size += SECTOR - rest;
		return true;
	}
	if (round_up)
		reply_refuse(rq, PROBLEM_SIZE_ALIGNMENT, "size",
			     "\"size\" is too large to be rounded up to a multiple of %u.", SECTOR);
	else
		reply_refuse(
			rq, PROBLEM_SIZE_ALIGNMENT, "size",
			"\"size\" must be a multiple of %u; say \"round_up\": true to round it "
			"up.",
			SECTOR);
	return false;
}
