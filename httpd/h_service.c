/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Health, the OpenAPI document, and the problem types. None of them asks gluster. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "httpd/handlers.h"
#include "httpd/image_json.h"
#include "httpd/openapi_doc.h"
#include "httpd/reply.h"
#include "httpd/server.h"

enum verdict livez_start(struct request *rq)
{
	return reply_json(rq, MHD_HTTP_OK, json_pack("{s:s}", "status", "ok"));
}

/* Ready when every volume is up: a balancer sends requests for all of them. */
enum verdict readyz_start(struct request *rq)
{
	json_t *list = json_array();
	bool ready = !rq->server->draining;

	for (struct volume *volume = volumes_next(rq->server->volumes, NULL); volume;
	     volume = volumes_next(rq->server->volumes, volume)) {
		struct volume_info info;

		volume_info(volume, &info);
		ready &= info.state == VOLUME_UP;
		json_array_append_new(list, json_pack("{s:s,s:s,s:s*}", "name", volume_name(volume),
						      "state", volume_state_name(info.state),
						      "error", info.error[0] ? info.error : NULL));
	}
	return reply_json(
		rq, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
		json_pack("{s:s,s:o}", "status", ready ? "ready" : "not ready", "volumes", list));
}

enum verdict openapi_start(struct request *rq)
{
	return reply_static(rq, "application/json", openapi_doc, openapi_doc_size);
}

enum verdict problem_start(struct request *rq)
{
	const struct problem_info *info = problem_find(rq->path.name);
	struct MHD_Response *response;
	enum verdict verdict;
	char *text;
	int length;

	if (!info)
		return reply_refuse(rq, PROBLEM_NOT_FOUND, NULL,
				    "There is no problem of that type.");
	length = asprintf(&text, "%s (%u)\n\n%s\n", info->title, info->status, info->text);
	if (length < 0)
		return VERDICT_CUT;
	response = MHD_create_response_from_buffer((size_t)length, text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(text);
	verdict = reply_response(rq, MHD_HTTP_OK, response);
	rq->sent = (uint64_t)length;
	reply_header(rq, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
	return verdict;
}
