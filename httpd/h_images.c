/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images as a collection: list, create, show, delete. */
#include <errno.h>
#include <string.h>

#include "block/list.h"
#include "block/manage.h"
#include "httpd/handlers.h"
#include "httpd/image_json.h"
#include "httpd/json_body.h"
#include "httpd/query.h"
#include "httpd/reply.h"
#include "httpd/size.h"
#include "uri/image_name.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX     1000

/* ---- list ---- */

struct list_call {
	struct flight_call call; /* first */
	char prefix[IMAGE_NAME_MAX + 1], after[IMAGE_NAME_MAX + 1];
	uint64_t limit;
	struct image_list list;
};

static step_fn list_done;

static void list_clear(void *memory)
{
	image_list_clear(&((struct list_call *)memory)->list);
}

static int list_run(struct flight_call *call)
{
	struct list_call *list = (struct list_call *)call;
	struct image_list_query query = { .prefix = list->prefix,
					  .after = list->after,
					  .limit = (size_t)list->limit,
					  .cancel = &call->flight->cancel };

	return image_list(call->flight->volume, &query, &list->list);
}

/* The parameter @name as part of a name; false when it was refused. */
static bool query_name(struct request *rq, const char *name, char text[static IMAGE_NAME_MAX + 1])
{
	const char *value = query_value(&rq->query, name);

	if (!value)
		return true;
	if (strlen(value) > IMAGE_NAME_MAX) {
		reply_refuse(rq, PROBLEM_INVALID_QUERY, name, "\"%s\" has more than %d bytes.",
			     name, IMAGE_NAME_MAX);
		return false;
	}
	memcpy(text, value, strlen(value) + 1);
	return true;
}

enum verdict list_images_start(struct request *rq)
{
	struct list_call *list = request_alloc(rq, sizeof(*list), list_clear);

	if (!list)
		return VERDICT_CUT;
	list->limit = LIMIT_DEFAULT;
	if (!query_name(rq, "prefix", list->prefix) || !query_name(rq, "after", list->after) ||
	    !query_number(rq, "limit", 1, LIMIT_MAX, &list->limit) || !request_find_volume(rq))
		return VERDICT_ANSWER;
	list->call.run = list_run;
	list->call.slow = true;
	flight_start(rq->flight, &list->call);
	return await(rq, &list->call.event, list_done);
}

static json_t *entry_json(const struct image_list_entry *entry)
{
	char mtime[TIME_SIZE];

	time_format(&entry->stat.mtime, mtime);
	return json_pack("{s:s,s:I,s:I,s:s}", "name", entry->name, "size",
			 (json_int_t)entry->stat.size, "allocated",
			 (json_int_t)entry->stat.allocated, "mtime", mtime);
}

static enum verdict list_done(struct request *rq)
{
	struct list_call *list = rq->state;
	json_t *images, *root;

	rq->gluster_ns += list->call.took_ns;
	if (list->call.result)
		return reply_errno(rq, list->call.result, "list the images");
	images = json_array();
	for (size_t i = 0; i < list->list.count; i++)
		json_array_append_new(images, entry_json(&list->list.entries[i]));
	root = json_pack("{s:o}", "images", images);
	if (root && list->list.more)
		json_object_set_new(root, "next",
				    json_string(list->list.entries[list->list.count - 1].name));
	return reply_json(rq, MHD_HTTP_OK, root);
}

/* ---- create ---- */

struct create_call {
	struct flight_call call; /* first */
	struct create_body body;
	struct image_stat stat;
};

static step_fn create_done;

static int create_run(struct flight_call *call)
{
	struct create_call *create = (struct create_call *)call;
	struct image_create what = { .name = create->body.name,
				     .size = create->body.size,
				     .preallocation = create->body.preallocation,
				     .parents = create->body.parents,
				     .overwrite = create->body.overwrite,
				     .progress = &call->flight->progress,
				     .cancel = &call->flight->cancel };

	return image_create(call->flight->volume, &what, &create->stat);
}

enum verdict create_image_start(struct request *rq)
{
	struct create_call *create = request_alloc(rq, sizeof(*create), NULL);
	const char *why;

	if (!create)
		return VERDICT_CUT;
	if (!json_body_read(rq, &create_schema, &create->body))
		return VERDICT_ANSWER;
	if (image_name_check(create->body.name, strlen(create->body.name), &why))
		return reply_refuse(rq, PROBLEM_INVALID_NAME, "name", "\"name\": %s.", why);
	memcpy(rq->path.image, create->body.name, sizeof(rq->path.image)); /* problems name it */
	if (!size_check(rq, &create->body.size, create->body.round_up) || !request_find_volume(rq))
		return VERDICT_ANSWER;
	create->call.run = create_run;
	create->call.slow = true;
	flight_start(rq->flight, &create->call);
	return await(rq, &create->call.event, create_done);
}

static enum verdict create_done(struct request *rq)
{
	struct create_call *create = rq->state;
	struct image_info info = { .stat = create->stat, .mode = IMAGE_RW };

	rq->gluster_ns += create->call.took_ns;
	if (create->call.result)
		return reply_errno(rq, create->call.result, "create the image");
	info.cache = volume_cache(rq->flight->volume);
	return reply_image(rq, MHD_HTTP_CREATED, create->body.name, &info, true);
}

/* ---- show ---- */

static step_fn get_opened, get_done;

enum verdict get_image_start(struct request *rq)
{
	return request_open_image(rq, get_opened);
}

static enum verdict get_opened(struct request *rq)
{
	return request_refresh(rq, get_done);
}

static enum verdict get_done(struct request *rq)
{
	const struct image_info *info = &rq->info;

	switch (request_conditions(rq, &info->stat)) {
	case CONDITION_FAILED:
		return VERDICT_ANSWER;
	case CONDITION_NOT_MODIFIED:
		return reply_image(rq, MHD_HTTP_NOT_MODIFIED, rq->path.image, info, false);
	default:
		return reply_image(rq, MHD_HTTP_OK, rq->path.image, info, false);
	}
}

/* ---- delete ---- */

struct delete_call {
	struct flight_call call; /* first */
	char name[IMAGE_NAME_MAX + 1];
	struct image_stat stat;
};

static step_fn delete_looked, delete_done;

static int delete_look(struct flight_call *call)
{
	struct delete_call *delete = (struct delete_call *)call;

	return image_stat_name(call->flight->volume, delete->name, &delete->stat);
}

static int delete_run(struct flight_call *call)
{
	return image_delete(call->flight->volume, ((struct delete_call *)call)->name);
}

static enum verdict delete_await(struct request *rq, int (*run)(struct flight_call *call),
				 step_fn *next)
{
	struct delete_call *delete = rq->state;

	delete->call.run = run;
	flight_start(rq->flight, &delete->call);
	return await(rq, &delete->call.event, next);
}

enum verdict delete_image_start(struct request *rq)
{
	struct delete_call *delete = request_alloc(rq, sizeof(*delete), NULL);

	if (!delete)
		return VERDICT_CUT;
	/* Who sends a range means bytes, and would lose the whole image. */
	if (request_header(rq, MHD_HTTP_HEADER_RANGE) ||
	    request_header(rq, MHD_HTTP_HEADER_CONTENT_RANGE))
		return reply_refuse(rq, PROBLEM_INVALID_REQUEST, "Range",
				    "This deletes the whole image and takes no range; to discard "
				    "bytes, DELETE its /-/data.");
	if (!request_find_volume(rq))
		return VERDICT_ANSWER;
	memcpy(delete->name, rq->path.image, sizeof(delete->name));
	if (request_is_conditional(rq))
		return delete_await(rq, delete_look, delete_looked);
	return delete_await(rq, delete_run, delete_done);
}

static enum verdict delete_looked(struct request *rq)
{
	struct delete_call *delete = rq->state;

	rq->gluster_ns += delete->call.took_ns;
	if (delete->call.result)
		return reply_errno(rq, delete->call.result, "look at the image");
	if (request_conditions(rq, &delete->stat) != CONDITION_PASS)
		return VERDICT_ANSWER;
	return delete_await(rq, delete_run, delete_done);
}

static enum verdict delete_done(struct request *rq)
{
	struct delete_call *delete = rq->state;

	rq->gluster_ns += delete->call.took_ns;
	if (delete->call.result)
		return reply_errno(rq, delete->call.result, "delete the image");
	return reply_empty(rq, MHD_HTTP_NO_CONTENT);
}
