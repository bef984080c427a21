/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of an image as a whole: resize, rename, reopen. */
#include <errno.h>
#include <string.h>

#include "block/manage.h"
#include "httpd/handlers.h"
#include "httpd/image_json.h"
#include "httpd/json_body.h"
#include "httpd/reply.h"
#include "httpd/size.h"
#include "uri/image_name.h"

/* ---- resize ---- */

struct resize_call {
	struct flight_call call; /* first */
	struct resize_body body;
	struct image_info info; /* after it */
};

static step_fn resize_opened, resize_done;

enum verdict resize_start(struct request *rq)
{
	return request_open_image(rq, resize_opened);
}

static int resize_run(struct flight_call *call)
{
	struct resize_call *resize = (struct resize_call *)call;
	struct image_resize what = { .size = resize->body.size,
				     .preallocation = resize->body.preallocation,
				     .shrink = resize->body.shrink,
				     .progress = &call->flight->progress,
				     .cancel = &call->flight->cancel };
	int error = image_resize(call->flight->image, &what);
	int after = error && error != -ERANGE ? error :
						image_refresh(call->flight->image, &resize->info);

	return error ? error : after;
}

static enum verdict resize_opened(struct request *rq)
{
	struct resize_call *resize = request_alloc(rq, sizeof(*resize), NULL);

	if (!resize)
		return VERDICT_CUT;
	if (!json_body_read(rq, &resize_schema, &resize->body) ||
	    !size_check(rq, &resize->body.size, resize->body.round_up))
		return VERDICT_ANSWER;
	resize->call.run = resize_run;
	resize->call.slow = true;
	flight_start(rq->flight, &resize->call);
	return await(rq, &resize->call.event, resize_done);
}

static enum verdict resize_done(struct request *rq)
{
	struct resize_call *resize = rq->state;

	rq->gluster_ns += resize->call.took_ns;
	if (resize->call.result == -ERANGE)
		return reply_refuse(
			rq, PROBLEM_WOULD_SHRINK, "size",
			"The image has %llu bytes; say \"shrink\": true to cut it to %llu.",
			(unsigned long long)resize->info.stat.size,
			(unsigned long long)resize->body.size);
	if (resize->call.result == -EINVAL && resize->body.shrink && resize->body.preallocation)
		return reply_refuse(rq, PROBLEM_INVALID_REQUEST, "preallocation",
				    "\"preallocation\" is for what an image grows by.");
	if (resize->call.result)
		return reply_errno(rq, resize->call.result, "resize the image");
	return reply_image(rq, MHD_HTTP_OK, rq->path.image, &resize->info, false);
}

/* ---- rename ---- */

struct rename_call {
	struct flight_call call; /* first */
	char from[IMAGE_NAME_MAX + 1];
	struct rename_body body;
	struct image *image; /* under its new name */
	struct image_info info;
};

static step_fn rename_done;

static void rename_clear(void *memory)
{
	image_put(((struct rename_call *)memory)->image);
}

static int rename_run(struct flight_call *call)
{
	struct rename_call *rename = (struct rename_call *)call;
	struct volume *volume = call->flight->volume;
	int error = image_rename(volume, rename->from, rename->body.name, rename->body.overwrite);

	if (!error)
		error = image_open(volume, rename->body.name, &rename->image);
	if (!error)
		image_known(rename->image, &rename->info);
	return error;
}

enum verdict rename_start(struct request *rq)
{
	struct rename_call *rename = request_alloc(rq, sizeof(*rename), rename_clear);
	const char *why;

	if (!rename)
		return VERDICT_CUT;
	if (!json_body_read(rq, &rename_schema, &rename->body))
		return VERDICT_ANSWER;
	if (image_name_check(rename->body.name, strlen(rename->body.name), &why))
		return reply_refuse(rq, PROBLEM_INVALID_NAME, "name", "\"name\": %s.", why);
	if (!request_find_volume(rq))
		return VERDICT_ANSWER;
	memcpy(rename->from, rq->path.image, sizeof(rename->from));
	rename->call.run = rename_run;
	flight_start(rq->flight, &rename->call);
	return await(rq, &rename->call.event, rename_done);
}

static enum verdict rename_done(struct request *rq)
{
	struct rename_call *rename = rq->state;

	rq->gluster_ns += rename->call.took_ns;
	if (rename->call.result)
		return reply_errno(rq, rename->call.result, "rename the image");
	return reply_image(rq, MHD_HTTP_OK, rename->body.name, &rename->info, true);
}

/* ---- reopen ---- */

struct reopen_call {
	struct flight_call call; /* first */
	struct reopen_body body;
	struct image_info info; /* after it */
};

static step_fn reopen_opened, reopen_done;

enum verdict reopen_start(struct request *rq)
{
	return request_open_image(rq, reopen_opened);
}

static int reopen_run(struct flight_call *call)
{
	struct reopen_call *reopen = (struct reopen_call *)call;
	int error = image_reopen(call->flight->image, reopen->body.mode, reopen->body.cache);

	image_known(call->flight->image, &reopen->info);
	return error;
}

static enum verdict reopen_opened(struct request *rq)
{
	struct reopen_call *reopen = request_alloc(rq, sizeof(*reopen), NULL);
	struct image_info now;

	if (!reopen)
		return VERDICT_CUT;
	image_known(rq->flight->image, &now);
	reopen->body = (struct reopen_body){ .mode = IMAGE_AUTO, .cache = now.cache };
	if (rq->json_size && !json_body_read(rq, &reopen_schema, &reopen->body))
		return VERDICT_ANSWER;
	reopen->call.run = reopen_run;
	flight_start(rq->flight, &reopen->call);
	return await(rq, &reopen->call.event, reopen_done);
}

static enum verdict reopen_done(struct request *rq)
{
	struct reopen_call *reopen = rq->state;

	rq->gluster_ns += reopen->call.took_ns;
	if (reopen->call.result)
		return reply_errno(rq, reopen->call.result, "re-open the image");
	return reply_image(rq, MHD_HTTP_OK, rq->path.image, &reopen->info, false);
}
