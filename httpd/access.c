/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/access.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "block/clock.h"
#include "block/lock.h"
#include "httpd/log.h"
#include "httpd/route.h"

#define CLIENT_TEXT (INET6_ADDRSTRLEN + 8)

/* The peer as text: address and port, or "unix". */
static void client_text(struct MHD_Connection *connection, char text[static CLIENT_TEXT])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *addr = info ? info->client_addr : NULL;
	const void *raw = &((const struct sockaddr_in *)addr)->sin_addr;
	char host[INET6_ADDRSTRLEN] = "?";

	if (!addr || (addr->sa_family != AF_INET && addr->sa_family != AF_INET6)) {
		snprintf(text, CLIENT_TEXT, "unix");
		return;
	}
	if (addr->sa_family == AF_INET6)
		raw = &((const struct sockaddr_in6 *)addr)->sin6_addr;
	inet_ntop(addr->sa_family, raw, host, sizeof(host));
	snprintf(text, CLIENT_TEXT, "%s:%u", host,
		 ntohs(((const struct sockaddr_in *)addr)->sin_port));
}

static const char *outcome(const struct request *rq, enum MHD_RequestTerminationCode how)
{
	switch (how) {
	case MHD_REQUEST_TERMINATED_COMPLETED_OK:
		return rq->answered ? "done" : "cut";
	case MHD_REQUEST_TERMINATED_TIMEOUT_REACHED:
		return "timeout";
	case MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN:
		return "shutdown";
	case MHD_REQUEST_TERMINATED_CLIENT_ABORT:
	case MHD_REQUEST_TERMINATED_READ_ERROR:
		return "aborted";
	default:
		return rq->answered ? "broken" : "cut";
	}
}

void access_log(const struct request *rq, struct MHD_Connection *connection,
		enum MHD_RequestTerminationCode how)
{
	uint64_t waited_ns = 0;
	char client[CLIENT_TEXT];

	if (rq->flight) {
		SCOPED_LOCK(&rq->flight->lock);
		waited_ns = rq->flight->waited_ns;
	}
	client_text(connection, client);
	log_access(&(struct access_record){
		.id = rq->id,
		.operation = rq->route ? rq->route->operation : NULL,
		.method = rq->method,
		.target = rq->target,
		.volume = rq->path.volume[0] ? rq->path.volume : NULL,
		.image = rq->path.image[0] ? rq->path.image : NULL,
		.client = client,
		.outcome = outcome(rq, how),
		.status = rq->answered ? rq->status : 0,
		.has_range = rq->has_range,
		.offset = rq->offset,
		.length = rq->length,
		.bytes_in = rq->received,
		.bytes_out = rq->answered ? rq->sent : 0,
		.queue_us = waited_ns > rq->gluster_ns ? (waited_ns - rq->gluster_ns) / 1000 : 0,
		.gluster_us = rq->gluster_ns / 1000,
		.total_us = (clock_now() - rq->started_ns) / 1000,
	});
}
