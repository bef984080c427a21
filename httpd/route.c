/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/route.h"

#include <stdio.h>
#include <string.h>

#include "httpd/handlers.h"

#define VOLUMES "/v1/volumes"
#define VOLUME	VOLUMES "/{volume}"
#define IMAGES	VOLUME "/images"
#define IMAGE	IMAGES "/{image}"
#define DATA	IMAGE "/-/data"

/* Statuses that any operation on an image may come to: names, gluster's errors, overload, the end. */
#define IMAGE_STATUSES 400, 403, 404, 409, 423, 500, 501, 503, 504

/* clang-format off */
static const struct route routes[] = {
	{ "listVolumes", "GET", VOLUMES, BODY_NONE, list_volumes_start, "", { 200, 400, 503 } },
	{ "getVolume", "GET", VOLUME, BODY_NONE, get_volume_start, "", { 200, 400, 404, 503 } },
	{ "listImages", "GET", IMAGES, BODY_NONE, list_images_start, "prefix after limit",
	  { 200, IMAGE_STATUSES } },
	{ "createImage", "POST", IMAGES, BODY_JSON, create_image_start, "",
	  { 201, IMAGE_STATUSES, 413, 415, 507 } },
	{ "getImage", "GET", IMAGE, BODY_NONE, get_image_start, "",
	  { 200, 304, IMAGE_STATUSES, 412 } },
	{ "deleteImage", "DELETE", IMAGE, BODY_NONE, delete_image_start, "",
	  { 204, IMAGE_STATUSES, 412 } },
	{ "resizeImage", "POST", IMAGE "/-/resize", BODY_JSON, resize_start, "",
	  { 200, IMAGE_STATUSES, 413, 415, 507 } },
	{ "renameImage", "POST", IMAGE "/-/rename", BODY_JSON, rename_start, "",
	  { 200, IMAGE_STATUSES, 413, 415, 507 } },
	{ "reopenImage", "POST", IMAGE "/-/reopen", BODY_JSON, reopen_start, "",
	  { 200, IMAGE_STATUSES, 413, 415 } },
	{ "readData", "GET", DATA, BODY_NONE, read_start, "",
	  { 200, 206, 304, IMAGE_STATUSES, 412, 416 } },
	{ "headData", "HEAD", DATA, BODY_NONE, head_start, "", { 200, 304, IMAGE_STATUSES, 412 } },
	{ "writeData", "PUT", DATA, BODY_RAW, write_start, "flush",
	  { 204, IMAGE_STATUSES, 411, 412, 413, 415, 416, 507 } },
	{ "discardData", "DELETE", DATA, BODY_NONE, discard_data_start, "flush",
	  { 204, IMAGE_STATUSES, 412, 416, 507 } },
	{ "discard", "POST", IMAGE "/-/discard", BODY_JSON, discard_start, "",
	  { 204, IMAGE_STATUSES, 412, 413, 415, 416, 507 } },
	{ "zero", "POST", IMAGE "/-/zero", BODY_JSON, zero_start, "",
	  { 204, IMAGE_STATUSES, 412, 413, 415, 416, 507 } },
	{ "flush", "POST", IMAGE "/-/flush", BODY_NONE, flush_start, "",
	  { 204, IMAGE_STATUSES, 507 } },
	{ "getExtents", "GET", IMAGE "/-/extents", BODY_NONE, extents_start, "offset length limit",
	  { 200, IMAGE_STATUSES, 416 } },
	{ "getLiveness", "GET", "/livez", BODY_NONE, livez_start, "", { 200, 400 } },
	{ "getReadiness", "GET", "/readyz", BODY_NONE, readyz_start, "", { 200, 400, 503 } },
	{ "openapi", "GET", "/openapi.json", BODY_NONE, openapi_start, "", { 200, 400 } },
	{ "getProblem", "GET", "/problems/{problem}", BODY_NONE, problem_start, "",
	  { 200, 400, 404 } },
};
/* clang-format on */

#define N_ROUTES (sizeof(routes) / sizeof(routes[0]))

const struct route *route_table(size_t *ret_count)
{
	*ret_count = N_ROUTES;
	return routes;
}

enum route_match route_find(const char *method, const char *path, size_t length,
			    const struct route **ret_route, struct path *ret_path,
			    const char **ret_why)
{
	const struct route *same_path = NULL, *get = NULL;

	for (size_t i = 0; i < N_ROUTES; i++) {
		const struct route *route = &routes[i];

		/* Rows of one path stand together: look at the path once for each group. */
		if (same_path ? strcmp(route->template, same_path->template) != 0 :
				!path_matches(route->template, path, length, ret_path, ret_why)) {
			if (same_path)
				break;
			continue;
		}
		same_path = route;
		if (!strcmp(route->method, method)) {
			*ret_route = route;
			return ROUTE_FOUND;
		}
		if (!strcmp(route->method, "GET"))
			get = route;
	}
	*ret_route = get && !strcmp(method, "HEAD") ? get : same_path;
	if (get && !strcmp(method, "HEAD"))
		return ROUTE_FOUND;
	return same_path ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}

void route_allow(const struct route *route, char *allow, size_t size)
{
	size_t length = 0;
	bool has_head = false;

	allow[0] = '\0';
	for (size_t i = 0; i < N_ROUTES; i++)
		if (!strcmp(routes[i].template, route->template))
			has_head |= !strcmp(routes[i].method, "HEAD");
	for (size_t i = 0; i < N_ROUTES && length < size; i++) {
		bool adds_head = !strcmp(routes[i].method, "GET") && !has_head;

		if (!strcmp(routes[i].template, route->template))
			length += (size_t)snprintf(allow + length, size - length, "%s%s, ",
						   routes[i].method, adds_head ? ", HEAD" : "");
	}
	if (length < size)
		snprintf(allow + length, size - length, "OPTIONS");
}
