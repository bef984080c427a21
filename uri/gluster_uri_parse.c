/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uri/gluster_uri.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "uri/image_name.h"
#include "uri/percent.h"

#define VOLUME_MAX 255
#define HOST_MAX   255

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const struct {
	const char *name;
	enum gluster_transport transport;
} schemes[] = {
	{ "gluster", GLUSTER_TCP },
	{ "gluster+tcp", GLUSTER_TCP },
	{ "gluster+unix", GLUSTER_UNIX },
	{ "gluster+rdma", GLUSTER_RDMA },
};

#define N_SCHEMES (sizeof(schemes) / sizeof(schemes[0]))

/* One run of the parser. */
struct parser {
	const char *text;
	struct gluster_uri uri;
	struct gluster_uri_error error;
};

static int refuse(struct parser *parser, const char *at, const char *reason)
{
	parser->error.position = (size_t)(at - parser->text);
	parser->error.reason = reason;
	return -EINVAL;
}

/* Looks at single bytes only, so that the later steps may trust every '%' and find no '#'. */
static int check_bytes(struct parser *parser)
{
	static const char hex[] = "0123456789ABCDEFabcdef";
	static const char allowed[] = ALNUM "-._~:/?[]@!$&'()*+,;=";
	const char *at = parser->text;

	for (;;) {
		at += strspn(at, allowed);
		if (*at == '\0')
			return 0;
		if (*at == '#')
			return refuse(parser, at, "a gluster URI has no fragment");
		if (*at != '%')
			return refuse(parser, at, "this byte must be percent-encoded");
		if (strspn(at + 1, hex) < 2)
			return refuse(parser, at, "'%' is not followed by two hex digits");
		at += 3;
	}
}

/* Moves *@at behind "scheme:", if there is one. */
static int parse_scheme(struct parser *parser, const char **at)
{
	const char *text = *at;
	size_t n = strcspn(text, ":/?");

	if (*text == '/')
		return 0;
	for (size_t i = 0; text[n] == ':' && i < N_SCHEMES; i++) {
		if (strlen(schemes[i].name) == n && strncasecmp(schemes[i].name, text, n) == 0) {
			parser->uri.transport = schemes[i].transport;
			*at = text + n + 1;
			return 0;
		}
	}
	return refuse(parser, text,
		      "expected gluster://, gluster+tcp://, gluster+unix:// or gluster+rdma://");
}

static int add_server(struct parser *parser, const char *at, const char *host, uint16_t port)
{
	int ret = gluster_uri_add_server(&parser->uri, host, port);

	return ret == -E2BIG ? refuse(parser, at, "too many servers") : ret;
}

/* Reads what follows a ':', up to @end. */
static int parse_port(struct parser *parser, const char *at, const char *end, uint16_t *ret_port)
{
	unsigned long port = 0;
	const char *p = at;

	for (; p < end && *p >= '0' && *p <= '9' && port <= UINT16_MAX; p++)
		port = 10 * port + (unsigned long)(*p - '0');
	if (p < end || port < 1 || port > UINT16_MAX)
		return refuse(parser, at,
			      "the port is not 1 to 65535 (an IPv6 address needs brackets)");
	*ret_port = (uint16_t)port;
	return 0;
}

static bool is_ipv6(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET6, host, &address) == 1;
}

/* Reads one `server[:port]`, all of what is between @at and @end. */
static int parse_server(struct parser *parser, const char *at, const char *end)
{
	bool bracket = *at == '[';
	const char *host = at + bracket;
	size_t n = strcspn(host, bracket ? "],/?" : ":,/?");
	const char *rest = host + n;
	char name[HOST_MAX + 1] = "localhost";
	uint16_t port = 0;
	int ret;

	if (n > HOST_MAX)
		return refuse(parser, at, "a server name has at most 255 bytes");
	if (n > 0 || bracket) {
		memcpy(name, host, n);
		name[n] = '\0';
	}
	if (bracket) {
		if (*rest != ']')
			return refuse(parser, at, "'[' without ']'");
		if (!is_ipv6(name))
			return refuse(parser, host, "this is not an IPv6 address");
		rest++;
	}
	if (!bracket && strspn(name, ALNUM "-._") != strlen(name))
		return refuse(parser, at, "the server is neither a host name nor an address");
	if (rest < end) {
		if (*rest != ':')
			return refuse(parser, rest, "expected ':' and a port, or '/'");
		ret = parse_port(parser, rest + 1, end, &port);
		if (ret < 0)
			return ret;
	}
	return add_server(parser, at, name, port);
}

static int parse_servers(struct parser *parser, const char *at, const char *end)
{
	const char *userinfo = memchr(at, '@', (size_t)(end - at));
	bool several = memchr(at, ',', (size_t)(end - at));

	if (userinfo)
		return refuse(parser, userinfo, "a gluster URI has no user information");
	if (parser->uri.transport == GLUSTER_UNIX) {
		if (at < end)
			return refuse(parser, at, "gluster+unix has ?socket= and no server");
		return 0;
	}
	for (;;) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;
		int ret;

		if (several && at == stop)
			return refuse(parser, at, "empty place in the list of servers");
		ret = parse_server(parser, at, stop);
		if (ret < 0 || !comma)
			return ret;
		at = comma + 1;
	}
}

static int parse_volume(struct parser *parser, const char *at, size_t n)
{
	char volume[VOLUME_MAX + 1];
	ssize_t length;

	if (n == 0)
		return refuse(parser, at, "the volume is missing");
	length = percent_decode(at, n, volume, sizeof(volume));
	if (length < 0)
		return refuse(parser, at, "a volume name has at most 255 bytes");
	if (volume[0] == '-' || strspn(volume, ALNUM "_-") != (size_t)length)
		return refuse(parser, at, "a volume name has only letters, digits, _ and inner -");
	parser->uri.volume = strdup(volume);
	return parser->uri.volume ? 0 : -ENOMEM;
}

static int parse_image(struct parser *parser, const char *at, size_t n)
{
	char image[IMAGE_NAME_MAX + 1];
	const char *why;
	ssize_t length;

	if (n == 0)
		return 0;
	length = percent_decode(at, n, image, sizeof(image));
	if (length < 0)
		return refuse(parser, at, "an image name has at most 1024 bytes");
	if (image_name_check(image, (size_t)length, &why) < 0)
		return refuse(parser, at, why);
	parser->uri.image = strdup(image);
	return parser->uri.image ? 0 : -ENOMEM;
}

static int parse_path(struct parser *parser, const char *at, const char *end)
{
	const char *volume = at + strspn(at, "/");
	const char *slash = volume + strcspn(volume, "/?");
	const char *image = slash + strspn(slash, "/");
	int ret;

	if (volume == at)
		return refuse(parser, at, "expected '/' and the volume");
	ret = parse_volume(parser, volume, (size_t)(slash - volume));
	if (ret < 0)
		return ret;
	return parse_image(parser, image, (size_t)(end - image));
}

/* Reads "?socket=PATH", or nothing at the end of the text. */
static int parse_query(struct parser *parser, const char *at)
{
	static const char name[] = "?socket=";
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const char *value, *extra;
	ssize_t length;

	if (parser->uri.transport != GLUSTER_UNIX)
		return *at ? refuse(parser, at, "only gluster+unix has a query") : 0;
	if (strncmp(at, name, strlen(name)) != 0)
		return refuse(parser, at, "gluster+unix needs ?socket=PATH");
	value = at + strlen(name);
	extra = value + strcspn(value, "&;");
	if (*extra)
		return refuse(parser, extra + 1, "no parameter but socket is known");
	length = percent_decode(value, strlen(value), path, sizeof(path));
	if (length < 0)
		return refuse(parser, value, "a socket path has at most 107 bytes");
	if (path[0] != '/')
		return refuse(parser, value, "the socket path is not absolute");
	for (ssize_t i = 0; i < length; i++) {
		if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f)
			return refuse(parser, value, "a socket path has no control characters");
	}
	return add_server(parser, value, path, 0);
}

static int parse_uri(struct parser *parser)
{
	const char *at = parser->text;
	const char *servers, *path, *query;
	int ret;

	ret = check_bytes(parser);
	if (ret < 0)
		return ret;
	ret = parse_scheme(parser, &at);
	if (ret < 0)
		return ret;
	servers = strncmp(at, "//", 2) == 0 ? at + 2 : at;
	path = servers > at ? servers + strcspn(servers, "/?") : at;
	query = path + strcspn(path, "?");
	ret = parse_servers(parser, servers, path);
	if (ret < 0)
		return ret;
	ret = parse_path(parser, path, query);
	if (ret < 0)
		return ret;
	return parse_query(parser, query);
}

int gluster_uri_parse(const char *text, struct gluster_uri *ret_uri,
		      struct gluster_uri_error *ret_error)
{
	struct parser parser = { .text = text, .error.reason = "out of memory" };
	int ret = parse_uri(&parser);

	if (ret < 0) {
		gluster_uri_clear(&parser.uri);
		*ret_error = parser.error;
		return ret;
	}
	*ret_uri = parser.uri;
	return 0;
}
