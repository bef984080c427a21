/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps that operations on an image share: find the volume, open the image, ask what it is now. */
#include <errno.h>
#include <string.h>

#include "httpd/reply.h"
#include "httpd/request.h"
#include "httpd/server.h"

/* An image being opened by a worker. */
struct open_call {
	struct flight_call call; /* first */
	char name[IMAGE_NAME_MAX + 1];
	struct image *image;
};

static void open_call_clear(void *memory)
{
	image_put(((struct open_call *)memory)->image);
}

static int open_call_run(struct flight_call *call)
{
	struct open_call *open = (struct open_call *)call;

	return image_open(call->flight->volume, open->name, &open->image);
}

bool request_find_volume(struct request *rq)
{
	rq->flight->volume = volumes_find(rq->server->volumes, rq->path.volume);
	if (!rq->flight->volume)
		reply_refuse(rq, PROBLEM_VOLUME_NOT_FOUND, NULL, "There is no volume \"%s\" here.",
			     rq->path.volume);
	return rq->flight->volume != NULL;
}

static enum verdict image_opened(struct request *rq)
{
	struct open_call *open = (struct open_call *)rq->call;

	if (open->call.result)
		return reply_errno(rq, open->call.result, "open the image");
	rq->flight->image = open->image;
	open->image = NULL;
	rq->gluster_ns += open->call.took_ns;
	return request_next(rq, rq->opened);
}

enum verdict request_open_image(struct request *rq, step_fn *next)
{
	struct open_call *open;

	if (!request_find_volume(rq))
		return VERDICT_ANSWER;
	rq->flight->image = image_lookup(rq->flight->volume, rq->path.image);
	if (rq->flight->image)
		return request_next(rq, next);
	open = flight_alloc(rq->flight, sizeof(*open), open_call_clear);
	if (!open)
		return VERDICT_CUT;
	open->call.run = open_call_run;
	memcpy(open->name, rq->path.image, sizeof(open->name));
	rq->opened = next;
	rq->call = &open->call;
	flight_start(rq->flight, &open->call);
	return await(rq, &open->call.event, image_opened);
}

/* A question to gluster what the open image is now. */
struct refresh_call {
	struct flight_call call; /* first */
	struct image_info info;
};

static int refresh_call_run(struct flight_call *call)
{
	return image_refresh(call->flight->image, &((struct refresh_call *)call)->info);
}

static enum verdict image_refreshed(struct request *rq)
{
	struct refresh_call *refresh = (struct refresh_call *)rq->call;

	rq->gluster_ns += refresh->call.took_ns;
	if (refresh->call.result)
		return reply_errno(rq, refresh->call.result, "look at the image");
	rq->info = refresh->info;
	return request_next(rq, rq->refreshed);
}

enum verdict request_refresh(struct request *rq, step_fn *next)
{
	struct refresh_call *refresh = flight_alloc(rq->flight, sizeof(*refresh), NULL);

	if (!refresh)
		return VERDICT_CUT;
	refresh->call.run = refresh_call_run;
	rq->refreshed = next;
	rq->call = &refresh->call;
	flight_start(rq->flight, &refresh->call);
	return await(rq, &refresh->call.event, image_refreshed);
}
