/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uri/gluster_uri.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "uri/percent.h"

static uint16_t server_port(const struct gluster_server *server)
{
	return server->port ? server->port : GLUSTER_PORT;
}

static bool server_listed(const struct gluster_uri *uri, const struct gluster_server *server)
{
	for (size_t i = 0; i < uri->n_servers; i++) {
		const struct gluster_server *known = &uri->servers[i];
		bool same = uri->transport == GLUSTER_UNIX ?
				    strcmp(known->host, server->host) == 0 :
				    strcasecmp(known->host, server->host) == 0;

		if (same && server_port(known) == server_port(server))
			return true;
	}
	return false;
}

int gluster_uri_add_server(struct gluster_uri *uri, const char *host, uint16_t port)
{
	struct gluster_server server = { .host = strdup(host), .port = port };
	struct gluster_server *servers;
	int ret = 0;

	if (!server.host)
		return -ENOMEM;
	if (server_listed(uri, &server))
		goto drop;
	ret = -E2BIG;
	if (uri->n_servers == GLUSTER_SERVERS_MAX)
		goto drop;
	ret = -ENOMEM;
	servers = realloc(uri->servers, (uri->n_servers + 1) * sizeof(*servers));
	if (!servers)
		goto drop;
	uri->servers = servers;
	uri->servers[uri->n_servers++] = server;
	return 0;
drop:
	free(server.host);
	return ret;
}

/* Forgets all servers but the first @n. */
static void servers_truncate(struct gluster_uri *uri, size_t n)
{
	while (uri->n_servers > n)
		free(uri->servers[--uri->n_servers].host);
}

void gluster_uri_clear(struct gluster_uri *uri)
{
	servers_truncate(uri, 0);
	free(uri->servers);
	free(uri->volume);
	free(uri->image);
	*uri = (struct gluster_uri){ 0 };
}

static void put_path(FILE *out, const char *text, bool *failed)
{
	char *encoded = percent_encode_path(text);

	if (encoded)
		fputs(encoded, out);
	else
		*failed = true;
	free(encoded);
}

static void put_servers(FILE *out, const struct gluster_uri *uri)
{
	for (size_t i = 0; i < uri->n_servers; i++) {
		const struct gluster_server *server = &uri->servers[i];
		bool bracket = strchr(server->host, ':');

		fprintf(out, "%s%s%s%s", i ? "," : "", bracket ? "[" : "", server->host,
			bracket ? "]" : "");
		if (server->port)
			fprintf(out, ":%u", server->port);
	}
}

char *gluster_uri_format(const struct gluster_uri *uri)
{
	static const char *const schemes[] = {
		[GLUSTER_TCP] = "gluster",
		[GLUSTER_UNIX] = "gluster+unix",
		[GLUSTER_RDMA] = "gluster+rdma",
	};
	bool failed = false;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "%s://", schemes[uri->transport]);
	if (uri->transport != GLUSTER_UNIX)
		put_servers(out, uri);
	fprintf(out, "/%s", uri->volume);
	if (uri->image) {
		fputc('/', out);
		put_path(out, uri->image, &failed);
	}
	if (uri->transport == GLUSTER_UNIX) {
		fputs("?socket=", out);
		put_path(out, uri->servers[0].host, &failed);
	}
	failed |= ferror(out) != 0;
	if (fclose(out) == 0 && !failed)
		return text;
	free(text);
	return NULL;
}

bool gluster_uri_same_volume(const struct gluster_uri *a, const struct gluster_uri *b)
{
	if (a->transport != b->transport || strcmp(a->volume, b->volume) != 0 ||
	    a->n_servers != b->n_servers)
		return false;
	/* No server is listed twice, so equal counts and one inclusion make equal sets. */
	for (size_t i = 0; i < a->n_servers; i++) {
		if (!server_listed(b, &a->servers[i]))
			return false;
	}
	return true;
}

static const char *merge_fault(const struct gluster_uri *a, const struct gluster_uri *b)
{
	if (a->transport != b->transport)
		return "the URIs of one volume have different transports";
	if (strcmp(a->volume, b->volume) != 0)
		return "the URIs of one volume name different volumes";
	if (a->image ? !b->image || strcmp(a->image, b->image) != 0 : b->image != NULL)
		return "the URIs of one volume name different images";
	if (a->transport == GLUSTER_UNIX && !gluster_uri_same_volume(a, b))
		return "a volume has only one unix socket";
	return NULL;
}

int gluster_uri_merge(struct gluster_uri *into, const struct gluster_uri *more,
		      const char **ret_why)
{
	const char *fault = merge_fault(into, more);
	size_t n_before = into->n_servers;
	int ret = 0;

	for (size_t i = 0; !fault && ret == 0 && i < more->n_servers; i++)
		ret = gluster_uri_add_server(into, more->servers[i].host, more->servers[i].port);
	if (ret < 0)
		servers_truncate(into, n_before);
	if (ret == -E2BIG)
		fault = "too many servers";
	if (!fault)
		return ret;
	*ret_why = fault;
	return -EINVAL;
}
