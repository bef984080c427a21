/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block/extents.h"
#include "httpd/handlers.h"
#include "httpd/image_json.h"
#include "httpd/query.h"
#include "httpd/reply.h"

#define LIMIT_DEFAULT 1000
#define LIMIT_MAX     10000

struct extents_call {
	struct flight_call call; /* first */
	uint64_t offset, length, limit;
	struct extent_list list;
};

static step_fn extents_opened, extents_done;

enum verdict extents_start(struct request *rq)
{
	return request_open_image(rq, extents_opened);
}

static void extents_clear(void *memory)
{
	extent_list_clear(&((struct extents_call *)memory)->list);
}

static int extents_run(struct flight_call *call)
{
	struct extents_call *extents = (struct extents_call *)call;

	return image_extents(call->flight->image, extents->offset, extents->length,
			     (size_t)extents->limit, &extents->list);
}

static enum verdict extents_opened(struct request *rq)
{
	struct extents_call *extents = request_alloc(rq, sizeof(*extents), extents_clear);

	if (!extents)
		return VERDICT_CUT;
	extents->length = INT64_MAX;
	extents->limit = LIMIT_DEFAULT;
	if (!query_number(rq, "offset", 0, INT64_MAX, &extents->offset) ||
	    !query_number(rq, "length", 0, INT64_MAX, &extents->length) ||
	    !query_number(rq, "limit", 1, LIMIT_MAX, &extents->limit))
		return VERDICT_ANSWER;
	extents->call.run = extents_run;
	extents->call.slow = true;
	flight_start(rq->flight, &extents->call);
	return await(rq, &extents->call.event, extents_done);
}

/* The extents as a JSON array (gives). */
static json_t *extents_json(const struct extent_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct extent *extent = &list->extents[i];

		json_array_append_new(array, json_pack("{s:I,s:I,s:b,s:b}", "offset",
						       (json_int_t)extent->offset, "length",
						       (json_int_t)extent->length, "data",
						       extent->data, "zero", !extent->data));
	}
	return array;
}

static enum verdict extents_done(struct request *rq)
{
	struct extents_call *extents = rq->state;
	const struct extent_list *list = &extents->list;
	json_t *root;
	uint64_t end;

	rq->gluster_ns += extents->call.took_ns;
	if (extents->call.result == -ERANGE)
		return reply_beyond_end(rq, list->size);
	if (extents->call.result)
		return reply_errno(rq, extents->call.result, "find the image's extents");
	end = extents->length > list->size - extents->offset ? list->size :
							       extents->offset + extents->length;
	root = json_pack("{s:I,s:o}", "size", (json_int_t)list->size, "extents",
			 extents_json(list));
	if (root && list->next < end)
		json_object_set_new(root, "next", json_integer((json_int_t)list->next));
	return reply_json(rq, MHD_HTTP_OK, root);
}
