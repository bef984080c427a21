/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_REQUEST_H
#define HTTPD_REQUEST_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block/image.h"
#include "httpd/flight.h"
#include "httpd/target.h"

/*
 * A request: the HTTP side of one exchange. Touched by its MHD worker only, so it has no lock.
 *
 * A handler is a chain of named steps. A step looks at results, starts the next operation and
 * returns await(rq, event, next_step), or makes the answer and returns what reply_...() returns.
 * The runner in request.c parks the connection until the event is set and calls the next step.
 *
 *   HEAD  first call of MHD: headers only. Routes with a raw body run their first steps here, before
 *         "100 Continue"; BODY from a step lets the body come.
 *   BODY  pieces of the body: rq->body_step is called for each.
 *   END   everything is read: steps run, and answers are queued.
 */
struct request;
struct route;
struct server;

/* What a step tells the runner. */
enum verdict {
	VERDICT_NEXT,	/* call rq->step at once */
	VERDICT_WAIT,	/* call rq->step again when something happened */
	VERDICT_BODY,	/* go on with the body */
	VERDICT_ANSWER, /* rq->response is made */
	VERDICT_CUT,	/* drop the connection */
};

typedef enum verdict step_fn(struct request *rq);

enum stage { STAGE_NEW, STAGE_HEAD, STAGE_BODY, STAGE_SWALLOW, STAGE_END };

#define REQUEST_ID_MAX 64

struct request {
	struct server *server;
	struct MHD_Connection *connection;
	struct flight *flight;
	const struct route *route; /* NULL until found */
	char *target;		   /* the raw request target */
	const char *method;
	struct path path; /* decoded names of the path */
	struct query query;
	char id[REQUEST_ID_MAX + 1];

	enum stage stage;
	step_fn *step;
	struct event *awaited;
	step_fn *body_step;	  /* set by a step that returns VERDICT_BODY */
	step_fn *end_step;	  /* likewise: what follows the body */
	step_fn *opened;	  /* what follows request_open_image() */
	step_fn *refreshed;	  /* what follows request_refresh() */
	struct flight_call *call; /* of one of those two */
	struct image_info info;	  /* of the image, by request_refresh() or image_known() */
	void *state;		  /* the handler's; a belonging of the flight */

	bool turned; /* MHD has had its turn after the last byte of the request */
	bool has_body, expects_continue, target_cut;
	int64_t content_length; /* -1: chunked */
	const char *upload;	/* piece of the body that a body_step is to consume */
	size_t upload_size;
	size_t offered_before; /* what MHD will offer again */
	uint64_t received;
	uint64_t swallow_until_ns; /* 0: by size, not by time */
	const char *target_end;	   /* in MHD's memory, only to be compared with */
	struct event *buffer;	   /* what request_await_buffer() waits for */
	char *json;		   /* body of routes that take JSON */
	size_t json_size;

	struct MHD_Response *response;
	unsigned status;
	bool answered, answer_closes;

	uint64_t started_ns, gluster_ns, sent; /* for the access log; sent: bytes of body */
	bool has_range;
	uint64_t offset, length;
};

/* await() - the verdict of a step that needs @event before @next can run. */
enum verdict await(struct request *rq, struct event *event, step_fn *next);

/* request_await_buffer() - await() for a data buffer: waiting too long for one is overload, not gluster. */
enum verdict request_await_buffer(struct request *rq, struct event *buffer, step_fn *next);

/* request_next() - the verdict of a step that @next follows at once. */
enum verdict request_next(struct request *rq, step_fn *next);

/*
 * request_open_image() - find or open the image that the path names, then run @next with
 * rq->flight->image set. Answers itself when there is none.
 */
enum verdict request_open_image(struct request *rq, step_fn *next);

/*
 * request_refresh() - ask gluster what the open image is now, then run @next with the answer in rq->info.
 * Answers itself when that fails.
 */
enum verdict request_refresh(struct request *rq, step_fn *next);

/* request_find_volume() - set rq->flight->volume from the path; false when it has answered 404. */
bool request_find_volume(struct request *rq);

/* request_header() - the value of the request's header @name (borrows), or NULL. */
const char *request_header(const struct request *rq, const char *name);

/*
 * request_alloc() - zeroed state for the handler, in rq->state; freed with the flight.
 * @clear: as for flight_alloc()
 */
void *request_alloc(struct request *rq, size_t size, void (*clear)(void *memory));

/* Callbacks for MHD_start_daemon; @cls is the server. MHD threads. */
void *request_begin(void *cls, const char *target, struct MHD_Connection *connection);
enum MHD_Result request_access(void *cls, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *upload,
			       size_t *upload_size, void **req_cls);
void request_completed(void *cls, struct MHD_Connection *connection, void **req_cls,
		       enum MHD_RequestTerminationCode how);

#endif
