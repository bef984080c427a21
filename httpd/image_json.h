/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_IMAGE_JSON_H
#define HTTPD_IMAGE_JSON_H

#include <jansson.h>

#include "block/image.h"
#include "block/volume.h"
#include "httpd/conditions.h"
#include "httpd/request.h"

/* How images and volumes are shown. MHD threads; json_t is given, NULL without memory. */

#define ETAG_SIZE 80
#define TIME_SIZE 40

/* etag_format() - the strong entity-tag of the file @stat tells of: from gfid, size and mtime. */
void etag_format(const struct image_stat *stat, char etag[static ETAG_SIZE]);

/* time_format() - RFC 3339 in UTC with nanoseconds. */
void time_format(const struct timespec *time, char text[static TIME_SIZE]);

/* image_json() - an Image of the OpenAPI document. */
json_t *image_json(struct volume *volume, const char *name, const struct image_info *info);

/* volume_json() - a Volume of the OpenAPI document. */
json_t *volume_json(struct volume *volume);

/* volume_state_name() - the state as clients see it (static). */
const char *volume_state_name(enum volume_state state);

/*
 * reply_image() - the image as answer, with its ETag.
 * @location: add a Location header, for a new name
 */
enum verdict reply_image(struct request *rq, unsigned status, const char *name,
			 const struct image_info *info, bool location);

/*
 * request_conditions() - evaluate If-Match and its kin against the image @stat.
 *
 * Return: CONDITION_PASS; CONDITION_NOT_MODIFIED: the caller answers 304; CONDITION_FAILED: the 412 is
 * made.
 */
enum condition request_conditions(struct request *rq, const struct image_stat *stat);

/* request_range_applies() - does If-Range, if there is one, allow a part of the image @stat? */
bool request_range_applies(const struct request *rq, const struct image_stat *stat);

/* reply_validators() - add ETag and Last-Modified of @stat to the answer that was made. */
void reply_validators(struct request *rq, const struct image_stat *stat);

/* request_is_conditional() - does the request carry a condition other than If-Range? */
bool request_is_conditional(const struct request *rq);

#endif
