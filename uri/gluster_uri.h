/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef URI_GLUSTER_URI_H
#define URI_GLUSTER_URI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GLUSTER_PORT	    24007 /* glusterd's, when a URI gives none */
#define GLUSTER_SERVERS_MAX 16	  /* a dead one costs libgfapi 3 s at every connect */

enum gluster_transport {
	GLUSTER_TCP,
	GLUSTER_UNIX,
	GLUSTER_RDMA, /* libgfapi itself falls back to tcp */
};

struct gluster_server {
	char *host;    /* name or address (IPv6 without brackets), or a unix socket's path */
	uint16_t port; /* 0: not given, GLUSTER_PORT is meant; always 0 with a unix socket */
};

/* Owns all it points to. {0} is a valid empty one for gluster_uri_clear(). */
struct gluster_uri {
	enum gluster_transport transport;
	struct gluster_server *servers; /* in the order to try; at least one, none twice */
	size_t n_servers;
	char *volume;
	char *image; /* NULL: the URI stops at the volume */
};

struct gluster_uri_error {
	size_t position;    /* byte offset in the text */
	const char *reason; /* static */
};

/**
 * gluster_uri_parse() - read a gluster URI
 * @text: the URI, borrowed
 * @ret_uri: gets the parts, given to the caller (gluster_uri_clear()); untouched on failure
 * @ret_error: on failure gets where and why; untouched otherwise
 *
 * gluster[+tcp|+unix|+rdma]://[server[:port][,server[:port]]...]/volume[/image][?socket=PATH]
 *
 * - The scheme is case-insensitive. Without one (`//server/volume/image`, `/volume/image`) tcp is
 *   meant; `volume/image` is refused, since `server/volume` looks the same.
 * - No server means localhost. An IPv6 address needs brackets.
 * - gluster+unix has no server but exactly the parameter `socket`, an absolute path; the others
 *   have no query at all. User information and fragments are refused.
 * - Slashes before the volume and the image may be repeated. `/volume/` has no image.
 * - Percent coding is undone per segment, after splitting; a %2F in the image name is a '/'.
 * - The volume is what glfs_new() takes: letters, digits, '_' and '-', not first a '-'. The image
 *   satisfies image_name_check().
 *
 * Any thread. Return: 0, -EINVAL or -ENOMEM.
 */
int gluster_uri_parse(const char *text, struct gluster_uri *ret_uri,
		      struct gluster_uri_error *ret_error);

/**
 * gluster_uri_clear() - free what a URI owns and empty it
 * @uri: parsed, merged or {0}; not the struct itself is freed
 */
void gluster_uri_clear(struct gluster_uri *uri);

/**
 * gluster_uri_format() - write a URI in its one normal form
 * @uri: borrowed
 *
 * Parsing the result gives an equal URI again. Any thread.
 *
 * Return: new text, given to the caller (free), NULL without memory.
 */
char *gluster_uri_format(const struct gluster_uri *uri);

/**
 * gluster_uri_same_volume() - do both name one volume of one cluster?
 * @a: borrowed
 * @b: borrowed
 *
 * True for equal transports, volumes and sets of servers, whatever the order and the image. Naming
 * different servers of one cluster counts as different. Any thread.
 */
bool gluster_uri_same_volume(const struct gluster_uri *a, const struct gluster_uri *b);

/**
 * gluster_uri_add_server() - add one server at the end of the list
 * @uri: extended; untouched on failure
 * @host: as in struct gluster_server, borrowed
 * @port: as in struct gluster_server
 *
 * A server listed before is left out, as libgfapi would do. One thread at a time.
 *
 * Return: 0, -E2BIG beyond GLUSTER_SERVERS_MAX or -ENOMEM.
 */
int gluster_uri_add_server(struct gluster_uri *uri, const char *host, uint16_t port);

/**
 * gluster_uri_merge() - add the servers of another URI of the same volume
 * @into: extended; untouched on failure
 * @more: borrowed; servers that @into has already are left out
 * @ret_why: on -EINVAL gets a static text; untouched otherwise
 *
 * For volumes configured as a list of URIs that differ in servers only. One thread at a time.
 *
 * Return: 0, -EINVAL (they differ in more than servers, or too many servers) or -ENOMEM.
 */
int gluster_uri_merge(struct gluster_uri *into, const struct gluster_uri *more,
		      const char **ret_why);

#endif
