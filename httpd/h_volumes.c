/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/handlers.h"
#include "httpd/image_json.h"
#include "httpd/reply.h"
#include "httpd/server.h"

enum verdict list_volumes_start(struct request *rq)
{
	json_t *list = json_array();

	for (struct volume *volume = volumes_next(rq->server->volumes, NULL); volume;
	     volume = volumes_next(rq->server->volumes, volume))
		json_array_append_new(list, volume_json(volume));
	return reply_json(rq, MHD_HTTP_OK, json_pack("{s:o}", "volumes", list));
}

enum verdict get_volume_start(struct request *rq)
{
	if (!request_find_volume(rq))
		return VERDICT_ANSWER;
	return reply_json(rq, MHD_HTTP_OK, volume_json(rq->flight->volume));
}
