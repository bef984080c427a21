/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uri/gluster_uri.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/tap.h"

/* "host:port host:port", so that a whole list compares as one text. */
static const char *servers_text(const struct gluster_uri *uri)
{
	static char text[1000];
	size_t used = 0;

	for (size_t i = 0; i < uri->n_servers; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s:%d", i ? " " : "",
					 uri->servers[i].host, uri->servers[i].port);
	return text;
}

static struct gluster_uri parsed(const char *text)
{
	struct gluster_uri uri = { 0 };
	struct gluster_uri_error error = { 0, "" };

	if (gluster_uri_parse(text, &uri, &error) < 0)
		printf("# %s: %s at %zu\n", text, error.reason, error.position);
	return uri;
}

struct good_case {
	const char *text;
	enum gluster_transport transport;
	const char *servers, *volume, *image;
	const char *normal; /* NULL: is the text */
};

static const struct good_case good[] = {
	/* The eight examples of QEMU's GlusterFS driver. */
	{ "gluster://1.2.3.4/testvol/a.img", GLUSTER_TCP, "1.2.3.4:0", "testvol", "a.img", NULL },
	{ "gluster+tcp://1.2.3.4/testvol/a.img", GLUSTER_TCP, "1.2.3.4:0", "testvol", "a.img",
	  "gluster://1.2.3.4/testvol/a.img" },
	{ "gluster+tcp://1.2.3.4:24007/testvol/dir/a.img", GLUSTER_TCP, "1.2.3.4:24007", "testvol",
	  "dir/a.img", "gluster://1.2.3.4:24007/testvol/dir/a.img" },
	{ "gluster+tcp://[1:2:3:4:5:6:7:8]/testvol/dir/a.img", GLUSTER_TCP, "1:2:3:4:5:6:7:8:0",
	  "testvol", "dir/a.img", "gluster://[1:2:3:4:5:6:7:8]/testvol/dir/a.img" },
	{ "gluster+tcp://[1:2:3:4:5:6:7:8]:24007/testvol/dir/a.img", GLUSTER_TCP,
	  "1:2:3:4:5:6:7:8:24007", "testvol", "dir/a.img",
	  "gluster://[1:2:3:4:5:6:7:8]:24007/testvol/dir/a.img" },
	{ "gluster+tcp://server.domain.com:24007/testvol/dir/a.img", GLUSTER_TCP,
	  "server.domain.com:24007", "testvol", "dir/a.img",
	  "gluster://server.domain.com:24007/testvol/dir/a.img" },
	{ "gluster+unix:///testvol/dir/a.img?socket=/tmp/glusterd.socket", GLUSTER_UNIX,
	  "/tmp/glusterd.socket:0", "testvol", "dir/a.img", NULL },
	{ "gluster+rdma://1.2.3.4:24007/testvol/a.img", GLUSTER_RDMA, "1.2.3.4:24007", "testvol",
	  "a.img", NULL },
	/* Volumes. */
	{ "gluster://h/vol", GLUSTER_TCP, "h:0", "vol", NULL, NULL },
	{ "gluster://h/vol/", GLUSTER_TCP, "h:0", "vol", NULL, "gluster://h/vol" },
	{ "gluster://h///vol//", GLUSTER_TCP, "h:0", "vol", NULL, "gluster://h/vol" },
	{ "gluster://h//A_b-9//a", GLUSTER_TCP, "h:0", "A_b-9", "a", "gluster://h/A_b-9/a" },
	{ "gluster://h/%76ol", GLUSTER_TCP, "h:0", "vol", NULL, "gluster://h/vol" },
	{ "gluster+unix:///vol?socket=/s", GLUSTER_UNIX, "/s:0", "vol", NULL, NULL },
	/* Schemes. */
	{ "GLUSTER://h/vol", GLUSTER_TCP, "h:0", "vol", NULL, "gluster://h/vol" },
	{ "Gluster+RDMA://h/vol", GLUSTER_RDMA, "h:0", "vol", NULL, "gluster+rdma://h/vol" },
	{ "//h:1/vol/a", GLUSTER_TCP, "h:1", "vol", "a", "gluster://h:1/vol/a" },
	{ "/vol/a", GLUSTER_TCP, "localhost:0", "vol", "a", "gluster://localhost/vol/a" },
	{ "///vol/a", GLUSTER_TCP, "localhost:0", "vol", "a", "gluster://localhost/vol/a" },
	{ "gluster:/vol/a", GLUSTER_TCP, "localhost:0", "vol", "a", "gluster://localhost/vol/a" },
	{ "gluster+unix:/vol/a?socket=/s", GLUSTER_UNIX, "/s:0", "vol", "a",
	  "gluster+unix:///vol/a?socket=/s" },
	/* Servers. */
	{ "gluster:///vol", GLUSTER_TCP, "localhost:0", "vol", NULL, "gluster://localhost/vol" },
	{ "gluster://:24008/vol", GLUSTER_TCP, "localhost:24008", "vol", NULL,
	  "gluster://localhost:24008/vol" },
	{ "gluster://h:1/vol", GLUSTER_TCP, "h:1", "vol", NULL, NULL },
	{ "gluster://h:65535/vol", GLUSTER_TCP, "h:65535", "vol", NULL, NULL },
	{ "gluster://h:00024007/vol", GLUSTER_TCP, "h:24007", "vol", NULL,
	  "gluster://h:24007/vol" },
	{ "gluster://[::1]/vol", GLUSTER_TCP, "::1:0", "vol", NULL, NULL },
	{ "gluster://[::ffff:1.2.3.4]:1/vol", GLUSTER_TCP, "::ffff:1.2.3.4:1", "vol", NULL, NULL },
	{ "gluster://a,b:24008,[::1]/vol", GLUSTER_TCP, "a:0 b:24008 ::1:0", "vol", NULL, NULL },
	{ "gluster://[::1]:1,[::2]:2,my_host.x-y/vol/a", GLUSTER_TCP, "::1:1 ::2:2 my_host.x-y:0",
	  "vol", "a", NULL },
	{ "gluster+rdma://a,b/vol", GLUSTER_RDMA, "a:0 b:0", "vol", NULL, NULL },
	{ "gluster://a,b,A,a:24007,a:1/vol", GLUSTER_TCP, "a:0 b:0 a:1", "vol", NULL,
	  "gluster://a,b,a:1/vol" },
	/* Images. */
	{ "gluster://h/vol/a%20b%2B+%25", GLUSTER_TCP, "h:0", "vol", "a b++%",
	  "gluster://h/vol/a%20b%2B%2B%25" },
	{ "gluster://h/vol/dir%2Fa.img", GLUSTER_TCP, "h:0", "vol", "dir/a.img",
	  "gluster://h/vol/dir/a.img" },
	{ "gluster://h/vol/%C3%BC", GLUSTER_TCP, "h:0", "vol", "\xc3\xbc", NULL },
	{ "gluster://h/vol/a%3Fb%23c", GLUSTER_TCP, "h:0", "vol", "a?b#c", NULL },
	{ "gluster://h/vol/a:b@c,d", GLUSTER_TCP, "h:0", "vol", "a:b@c,d",
	  "gluster://h/vol/a%3Ab%40c%2Cd" },
	{ "gluster://h/vol/%252e", GLUSTER_TCP, "h:0", "vol", "%2e", NULL },
	/* Sockets. */
	{ "gluster+unix:///vol?socket=%2Fa%20b%26%3B", GLUSTER_UNIX, "/a b&;:0", "vol", NULL,
	  "gluster+unix:///vol?socket=/a%20b%26%3B" },
	{ "gluster+unix:///vol?socket=/a?b=c,d:e", GLUSTER_UNIX, "/a?b=c,d:e:0", "vol", NULL,
	  "gluster+unix:///vol?socket=/a%3Fb%3Dc%2Cd%3Ae" },
};

static void test_good(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct good_case *c = &good[i];
		struct gluster_uri uri = { 0 }, again = { 0 };
		struct gluster_uri_error error = { 99, "untouched" };
		char *text;

		if (!IS_INT(gluster_uri_parse(c->text, &uri, &error), 0, "%s", c->text)) {
			printf("# %s at %zu\n", error.reason, error.position);
			continue;
		}
		IS_STR(error.reason, "untouched", "no error told");
		IS_INT(uri.transport, c->transport, "transport");
		IS_STR(servers_text(&uri), c->servers, "servers");
		IS_STR(uri.volume, c->volume, "volume");
		IS_STR(uri.image, c->image, "image");

		text = gluster_uri_format(&uri);
		IS_STR(text, c->normal ? c->normal : c->text, "normal form");
		again = parsed(text);
		OK(gluster_uri_same_volume(&uri, &again), "the normal form names the same volume");
		IS_STR(servers_text(&again), c->servers, "the same servers");
		IS_STR(again.image, c->image, "the same image");
		free(text);
		gluster_uri_clear(&uri);
		gluster_uri_clear(&again);
	}
}

static void test_bad(void)
{
	static const struct {
		const char *text;
		size_t position;
		const char *word; /* in the reason */
	} cases[] = {
		/* Scheme. */
		{ "", 0, "expected gluster://" },
		{ "vol/a", 0, "expected gluster://" },
		{ "h:24007/vol", 0, "expected gluster://" },
		{ "http://h/vol", 0, "expected gluster://" },
		{ "glusterd://h/vol", 0, "expected gluster://" },
		{ "glust://h/vol", 0, "expected gluster://" },
		{ "gluster+ssl://h/vol", 0, "expected gluster://" },
		{ "gluster+://h/vol", 0, "expected gluster://" },
		{ "gluster", 0, "expected gluster://" },
		{ "://h/vol", 0, "expected gluster://" },
		/* Bytes. */
		{ "gluster://h/vol/a b", 17, "percent-encoded" },
		{ "gluster://h/vol/\xc3\xbc", 16, "percent-encoded" },
		{ "gluster://h/vol/a\n", 17, "percent-encoded" },
		{ "gluster://h/vol/a\\b", 17, "percent-encoded" },
		{ "gluster://h/vol/a#b", 17, "fragment" },
		{ "gluster://h/vol#", 15, "fragment" },
		{ "gluster://h/vol/%", 16, "hex" },
		{ "gluster://h/vol/%4", 16, "hex" },
		{ "gluster://h/vol/ab%4g", 18, "hex" },
		{ "gluster+unix:///v?socket=/%x1", 26, "hex" },
		/* Servers. */
		{ "gluster://user@h/vol", 14, "user information" },
		{ "gluster://u:p@h/vol", 13, "user information" },
		{ "gluster://@h/vol", 10, "user information" },
		{ "gluster://h%41/vol", 10, "host name" },
		{ "gluster://h!/vol", 10, "host name" },
		{ "gluster://a,b!/vol", 12, "host name" },
		{ "gluster://h:/vol", 12, "65535" },
		{ "gluster://h:0/vol", 12, "65535" },
		{ "gluster://h:65536/vol", 12, "65535" },
		{ "gluster://h:99999999999999999999999/vol", 12, "65535" },
		{ "gluster://h:-1/vol", 12, "65535" },
		{ "gluster://h:+1/vol", 12, "65535" },
		{ "gluster://h:1x/vol", 12, "65535" },
		{ "gluster://h:1:2/vol", 12, "65535" },
		{ "gluster://a,b:x/vol", 14, "65535" },
		{ "gluster://::1/vol", 11, "brackets" },
		{ "gluster://1:2:3:4:5:6:7:8/vol", 12, "brackets" },
		{ "gluster://[::1/vol", 10, "without ']'" },
		{ "gluster://[a,b]/vol", 10, "without ']'" },
		{ "gluster://[]/vol", 11, "IPv6" },
		{ "gluster://[h]/vol", 11, "IPv6" },
		{ "gluster://[1.2.3.4]/vol", 11, "IPv6" },
		{ "gluster://[1:2:3:4:5:6:7:8:9]/vol", 11, "IPv6" },
		{ "gluster://[fe80::1%25eth0]/vol", 11, "IPv6" },
		{ "gluster://[::1]x/vol", 15, "':'" },
		{ "gluster://[::1]]/vol", 15, "':'" },
		{ "gluster://[::1]:/vol", 16, "65535" },
		{ "gluster://,/vol", 10, "empty place" },
		{ "gluster://a,/vol", 12, "empty place" },
		{ "gluster://a,,b/vol", 12, "empty place" },
		{ "gluster://,a/vol", 10, "empty place" },
		/* Volume. */
		{ "gluster:", 8, "'/' and the volume" },
		{ "gluster:vol/a", 8, "'/' and the volume" },
		{ "gluster://", 10, "'/' and the volume" },
		{ "gluster://h", 11, "'/' and the volume" },
		{ "gluster://h?socket=/s", 11, "'/' and the volume" },
		{ "gluster://h/", 12, "missing" },
		{ "gluster://h///", 14, "missing" },
		{ "/", 1, "missing" },
		{ "gluster://h/-vol", 12, "inner -" },
		{ "gluster://h/v.l", 12, "inner -" },
		{ "gluster://h/v%2Fl", 12, "inner -" },
		{ "gluster://h/v%00", 12, "inner -" },
		{ "gluster://h/%C3%BC", 12, "inner -" },
		/* Image. */
		{ "gluster://h/vol/a/", 16, "empty piece" },
		{ "gluster://h/vol/a//b", 16, "empty piece" },
		{ "gluster://h/vol/%2Fa", 16, "empty piece" },
		{ "gluster://h/vol/../a", 16, "'..'" },
		{ "gluster://h/vol/a/%2e%2E", 16, "'..'" },
		{ "gluster://h/vol/./a", 16, "'.'" },
		{ "gluster://h/vol/a/-/b", 16, "'-'" },
		{ "gluster://h/vol/a%00b", 16, "control" },
		{ "gluster://h/vol/a%00", 16, "control" },
		{ "gluster://h/vol/%0A", 16, "control" },
		{ "gluster://h/vol/%FF", 16, "UTF-8" },
		{ "gluster://h/vol/.gluster-imaged/x", 16, "reserved" },
		/* Query. */
		{ "gluster://h/vol?socket=/s", 15, "only gluster+unix" },
		{ "gluster://h/vol?", 15, "only gluster+unix" },
		{ "gluster+rdma://h/vol/a?x", 22, "only gluster+unix" },
		{ "gluster+unix:///vol", 19, "needs ?socket=" },
		{ "gluster+unix:///vol?", 19, "needs ?socket=" },
		{ "gluster+unix:///vol?socket", 19, "needs ?socket=" },
		{ "gluster+unix:///vol?Socket=/s", 19, "needs ?socket=" },
		{ "gluster+unix:///vol?sockets=/s", 19, "needs ?socket=" },
		{ "gluster+unix:///vol?a=b&socket=/s", 19, "needs ?socket=" },
		{ "gluster+unix:///vol?socket=/s&a=b", 30, "no parameter but socket" },
		{ "gluster+unix:///vol?socket=/s;a=b", 30, "no parameter but socket" },
		{ "gluster+unix:///vol?socket=/s&socket=/s", 30, "no parameter but socket" },
		{ "gluster+unix:///vol?socket=/s&", 30, "no parameter but socket" },
		{ "gluster+unix:///vol?socket=", 27, "not absolute" },
		{ "gluster+unix:///vol?socket=s", 27, "not absolute" },
		{ "gluster+unix:///vol?socket=%00/s", 27, "not absolute" },
		{ "gluster+unix:///vol?socket=/s%00", 27, "control" },
		{ "gluster+unix:///vol?socket=/s%0A", 27, "control" },
		{ "gluster+unix://h/vol?socket=/s", 15, "no server" },
		{ "gluster+unix://:0/vol?socket=/s", 15, "no server" },
		{ "gluster+unix://h:1/vol?socket=/s", 15, "no server" },
		{ "gluster+unix://,/vol?socket=/s", 15, "no server" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gluster_uri uri = { .volume = NULL, .n_servers = 77 };
		struct gluster_uri_error error = { 99, "" };

		IS_INT(gluster_uri_parse(cases[i].text, &uri, &error), -EINVAL, "%s",
		       cases[i].text);
		OK(strstr(error.reason, cases[i].word), "the reason '%s' has '%s'", error.reason,
		   cases[i].word);
		IS_INT(error.position, cases[i].position, "position");
		IS_INT(uri.n_servers, 77, "the result is untouched");
	}
}

/* Parses "before" + n times 'a' + "after". */
static int parse_long(const char *before, size_t n, const char *after)
{
	struct gluster_uri uri = { 0 };
	struct gluster_uri_error error;
	char text[4000];
	int ret;

	snprintf(text, sizeof(text), "%s%*s%s", before, (int)n, "", after);
	memset(text + strlen(before), 'a', n);
	ret = gluster_uri_parse(text, &uri, &error);
	gluster_uri_clear(&uri);
	return ret;
}

static void test_limits(void)
{
	static const char most[] = "gluster://a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p/vol";
	static const char more[] = "gluster://a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q/vol";
	struct gluster_uri uri = parsed(most);
	struct gluster_uri_error error = { 0, "" };

	IS_INT(parse_long("gluster://", 255, "/vol"), 0, "a host of 255 bytes");
	IS_INT(parse_long("gluster://", 256, "/vol"), -EINVAL, "a host of 256 bytes");
	IS_INT(parse_long("gluster://h/", 255, ""), 0, "a volume of 255 bytes");
	IS_INT(parse_long("gluster://h/", 256, ""), -EINVAL, "a volume of 256 bytes");
	IS_INT(parse_long("gluster://h/v/", 255, ""), 0, "an image piece of 255 bytes");
	IS_INT(parse_long("gluster://h/v/", 256, ""), -EINVAL, "an image piece of 256 bytes");
	IS_INT(parse_long("gluster://h/v/", 2000, ""), -EINVAL, "an image of 2000 bytes");
	IS_INT(parse_long("gluster+unix:///v?socket=/", 106, ""), 0, "a socket of 107 bytes");
	IS_INT(parse_long("gluster+unix:///v?socket=/", 107, ""), -EINVAL, "a socket of 108 bytes");

	IS_INT(uri.n_servers, GLUSTER_SERVERS_MAX, "a list of as many servers as there may be");
	gluster_uri_clear(&uri);
	IS_INT(gluster_uri_parse(more, &uri, &error), -EINVAL, "a list of one more");
	IS_STR(error.reason, "too many servers", "is refused");
	IS_INT(error.position, 42, "at the last one");
}

static void test_same_volume(void)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "gluster://h/v", "gluster://h/v", true },
		{ "gluster://h/v/a", "gluster://h/v/b", true },
		{ "gluster://h/v", "gluster+tcp://h/v/a", true },
		{ "gluster://h/v", "gluster://h:24007/v", true },
		{ "gluster://h/v", "gluster://H/v", true },
		{ "gluster:///v", "/v", true },
		{ "gluster://a,b/v", "gluster://b,a/v", true },
		{ "gluster+unix:///v?socket=/s", "gluster+unix:///v/a?socket=/s", true },
		{ "gluster://h/v", "gluster://h/w", false },
		{ "gluster://h/v", "gluster://h/V", false },
		{ "gluster://h/v", "gluster://g/v", false },
		{ "gluster://h/v", "gluster://h:24008/v", false },
		{ "gluster://h/v", "gluster+rdma://h/v", false },
		{ "gluster://a,b/v", "gluster://a/v", false },
		{ "gluster://a,b/v", "gluster://a,c/v", false },
		{ "gluster+unix:///v?socket=/s", "gluster+unix:///v?socket=/S", false },
		{ "gluster+unix:///v?socket=/s", "gluster:///v", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gluster_uri a = parsed(cases[i].a), b = parsed(cases[i].b);

		IS_INT(gluster_uri_same_volume(&a, &b), cases[i].same, "%s and %s", cases[i].a,
		       cases[i].b);
		IS_INT(gluster_uri_same_volume(&b, &a), cases[i].same, "and the other way round");
		gluster_uri_clear(&a);
		gluster_uri_clear(&b);
	}
}

static void test_merge(void)
{
	static const struct {
		const char *into, *more;
		const char *merged; /* NULL: refused */
		const char *word;   /* in the reason */
	} cases[] = {
		{ "gluster://a/v", "gluster://b:1/v", "gluster://a,b:1/v", NULL },
		{ "gluster://a,b/v", "gluster://b:24007,c,A/v", "gluster://a,b,c/v", NULL },
		{ "gluster://a/v/i", "gluster://b/v/i", "gluster://a,b/v/i", NULL },
		{ "gluster+rdma://a/v", "gluster+rdma://b/v", "gluster+rdma://a,b/v", NULL },
		{ "gluster+unix:///v?socket=/s", "gluster+unix:///v?socket=/s",
		  "gluster+unix:///v?socket=/s", NULL },
		{ "gluster+unix:///v?socket=/s", "gluster+unix:///v?socket=/t", NULL,
		  "one unix socket" },
		{ "gluster://a/v", "gluster://b/w", NULL, "volumes" },
		{ "gluster://a/v", "gluster+rdma://b/v", NULL, "transports" },
		{ "gluster://a/v", "gluster+unix:///v?socket=/s", NULL, "transports" },
		{ "gluster://a/v/i", "gluster://b/v/j", NULL, "images" },
		{ "gluster://a/v/i", "gluster://b/v", NULL, "images" },
		{ "gluster://a/v", "gluster://b/v/j", NULL, "images" },
		{ "gluster://a,b,c,d,e,f,g,h,i,j,k,l,m,n,o/v", "gluster://p,q/v", NULL,
		  "too many" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gluster_uri into = parsed(cases[i].into), more = parsed(cases[i].more);
		const char *why = "untouched";
		char *text;

		IS_INT(gluster_uri_merge(&into, &more, &why), cases[i].merged ? 0 : -EINVAL,
		       "%s with %s", cases[i].into, cases[i].more);
		OK(strstr(why, cases[i].word ? cases[i].word : "untouched"), "reason '%s'", why);
		text = gluster_uri_format(&into);
		IS_STR(text, cases[i].merged ? cases[i].merged : cases[i].into, "result");
		free(text);
		gluster_uri_clear(&into);
		gluster_uri_clear(&more);
	}
}

static void test_clear(void)
{
	struct gluster_uri uri = { 0 };

	gluster_uri_clear(&uri);
	uri = parsed("gluster://h/v/a");
	gluster_uri_clear(&uri);
	gluster_uri_clear(&uri);
	OK(!uri.volume && !uri.image && !uri.servers && uri.n_servers == 0, "cleared is empty");
}

int main(void)
{
	test_good();
	test_bad();
	test_limits();
	test_same_volume();
	test_merge();
	test_clear();
	return tap_end();
}
