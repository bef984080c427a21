/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/image_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "httpd/reply.h"
#include "httpd/route.h"
#include "uri/percent.h"

void etag_format(const struct image_stat *stat, char etag[static ETAG_SIZE])
{
	snprintf(etag, ETAG_SIZE, "\"%llx-%llx-%llx.%09ld\"", (unsigned long long)stat->ino,
		 (unsigned long long)stat->size, (unsigned long long)stat->mtime.tv_sec,
		 stat->mtime.tv_nsec);
}

void time_format(const struct timespec *time, char text[static TIME_SIZE])
{
	struct tm utc;
	size_t length;

	gmtime_r(&time->tv_sec, &utc);
	length = strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + length, TIME_SIZE - length, ".%09ldZ", time->tv_nsec);
}

json_t *image_json(struct volume *volume, const char *name, const struct image_info *info)
{
	static const char *const modes[] = { "auto", "ro", "rw" };
	static const char *const caches[] = { "strict", "writeback", "none" };
	char etag[ETAG_SIZE], mtime[TIME_SIZE];
	char *uri = volume_image_uri(volume, name);
	json_t *image;

	etag_format(&info->stat, etag);
	time_format(&info->stat.mtime, mtime);
	image = json_pack("{s:s,s:s,s:I,s:I,s:s,s:s,s:s,s:s,s:b,s:s*}", "volume",
			  volume_name(volume), "name", name, "size", (json_int_t)info->stat.size,
			  "allocated", (json_int_t)info->stat.allocated, "mtime", mtime, "etag",
			  etag, "mode", modes[info->mode], "cache", caches[info->cache],
			  "zero_init", 1, "uri", uri);
	free(uri);
	return image;
}

const char *volume_state_name(enum volume_state state)
{
	static const char *const names[] = { "connecting", "up", "failed" };

	return names[state];
}

json_t *volume_json(struct volume *volume)
{
	struct volume_info info;
	json_t *json;

	volume_info(volume, &info);
	json = json_pack("{s:s,s:s,s:s,s:I,s:I,s:{s:b,s:b,s:b,s:b,s:b},s:{s:i,s:i,s:i},s:[]}",
			 "name", volume_name(volume), "uri", volume_uri(volume), "state",
			 volume_state_name(info.state), "capacity", (json_int_t)info.capacity,
			 "free", (json_int_t)info.free, "features", "discard",
			 info.features.discard, "zero", info.features.zero, "extents",
			 info.features.extents, "falloc", info.features.falloc, "sharded",
			 info.features.sharded, "limits", "block_size", 1, "max_ranges", 1,
			 "max_json_body", JSON_BODY_MAX, "warnings");
	if (json && info.error[0])
		json_object_set_new(json, "error", json_string(info.error));
	return json;
}

/* The Location header for the image called @name. */
static void reply_location(struct request *rq, const char *name)
{
	char *encoded = percent_encode(name);
	char location[3 * IMAGE_NAME_MAX + 128];

	if (!encoded)
		return;
	snprintf(location, sizeof(location), "/v1/volumes/%s/images/%s",
		 volume_name(rq->flight->volume), encoded);
	reply_header(rq, MHD_HTTP_HEADER_LOCATION, location);
	free(encoded);
}

enum verdict reply_image(struct request *rq, unsigned status, const char *name,
			 const struct image_info *info, bool location)
{
	enum verdict verdict = reply_json(rq, status, image_json(rq->flight->volume, name, info));

	reply_validators(rq, &info->stat);
	if (location)
		reply_location(rq, name);
	return verdict;
}

static struct conditions conditions_of(const struct request *rq)
{
	return (struct conditions){
		.if_match = request_header(rq, MHD_HTTP_HEADER_IF_MATCH),
		.if_none_match = request_header(rq, MHD_HTTP_HEADER_IF_NONE_MATCH),
		.if_modified_since = request_header(rq, MHD_HTTP_HEADER_IF_MODIFIED_SINCE),
		.if_unmodified_since = request_header(rq, MHD_HTTP_HEADER_IF_UNMODIFIED_SINCE),
	};
}

bool request_is_conditional(const struct request *rq)
{
	struct conditions conditions = conditions_of(rq);

	return conditions.if_match || conditions.if_none_match || conditions.if_modified_since ||
	       conditions.if_unmodified_since;
}

enum condition request_conditions(struct request *rq, const struct image_stat *stat)
{
	struct conditions conditions = conditions_of(rq);
	bool safe = !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD");
	char etag[ETAG_SIZE];
	struct validator validator = { .etag = etag, .mtime = stat->mtime.tv_sec };
	enum condition condition;

	etag_format(stat, etag);
	condition = conditions_check(&conditions, &validator, safe);
	if (condition == CONDITION_FAILED)
		reply_refuse(rq, PROBLEM_PRECONDITION_FAILED, NULL,
			     "The image is not the one that the request's condition names.");
	return condition;
}

bool request_range_applies(const struct request *rq, const struct image_stat *stat)
{
	struct conditions conditions = { .if_range = request_header(rq, MHD_HTTP_HEADER_IF_RANGE) };
	char etag[ETAG_SIZE];
	struct validator validator = { .etag = etag, .mtime = stat->mtime.tv_sec };

	etag_format(stat, etag);
	return if_range_holds(&conditions, &validator);
}

void reply_validators(struct request *rq, const struct image_stat *stat)
{
	char etag[ETAG_SIZE], date[TIME_SIZE];
	struct tm utc;

	etag_format(stat, etag);
	gmtime_r(&stat->mtime.tv_sec, &utc);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &utc);
	reply_header(rq, MHD_HTTP_HEADER_ETAG, etag);
	reply_header(rq, MHD_HTTP_HEADER_LAST_MODIFIED, date);
}
