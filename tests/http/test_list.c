/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of images and volumes: order, filters, pages, what is not listed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/box.h"
#include "tests/lib/tap.h"

/* In the order of bytes: a directory's content is not beside its name. */
static const char *const names[] = {
	"B.img",    "a b",	    "a-b",    "a.img",
	"a/b",	    "a2/deep/er/x", "a2/y",   "ab",
	"b%25.img", "b&c=d",	    "b+plus", "c/1",
	"c/10",	    "c/2",	    "d.img",  "\xc3\xa9t\xc3\xa9",
};

#define COUNT (sizeof(names) / sizeof(names[0]))

static struct http_reply *list(struct box *box, const char *query)
{
	return http(box->web, "GET",
		    box_format("/v1/volumes/%s/images%s", box->server.volume, query));
}

static const char *name_at(struct http_reply *r, size_t i)
{
	json_t *entry = json_array_get(http_member(r, "images"), i);

	return json_string_value(json_object_get(entry, "name"));
}

/* Are these, from names[first] on, what is listed? */
static void check_listed(struct http_reply *r, size_t first, size_t count, const char *what)
{
	size_t same = 0;

	IS_INT(r->status, 200, "%s: answered", what);
	IS_INT(json_array_size(http_member(r, "images")), count, "%s: how many", what);
	while (same < count && name_at(r, same) && !strcmp(name_at(r, same), names[first + same]))
		same++;
	OK(same == count, "%s: in order, up to %s", what,
	   same < count && name_at(r, same) ? name_at(r, same) : "the end");
}

static void test_empty(struct box *box)
{
	struct http_reply *r = list(box, "");

	IS_INT(r->status, 200, "an empty volume");
	OK(json_is_array(http_member(r, "images")), "has a list");
	IS_INT(json_array_size(http_member(r, "images")), 0, "of nothing");
	OK(!http_member(r, "next"), "and no next page");
}

static void test_all(struct box *box)
{
	struct http_reply *r = list(box, "");
	json_t *entry;

	check_listed(r, 0, COUNT, "all");
	OK(!http_member(r, "next"), "all: no next page");
	entry = json_array_get(http_member(r, "images"), 1);
	IS_INT(json_integer_value(json_object_get(entry, "size")), 1024, "the size");
	OK(json_is_integer(json_object_get(entry, "allocated")), "the allocated bytes");
	OK(json_object_get(entry, "mtime"), "the time");
}

static void test_filters(struct box *box)
{
	static const struct {
		const char *query;
		size_t first, count;
	} cases[] = {
		{ "?prefix=a", 1, 7 },
		{ "?prefix=a2/", 5, 2 },
		{ "?prefix=a2%2F", 5, 2 },
		{ "?prefix=a2%2Fdeep", 5, 1 },
		{ "?prefix=c/1", 11, 2 },
		{ "?prefix=b%26", 9, 1 },
		{ "?prefix=b%25", 8, 1 },
		{ "?prefix=a%20", 1, 1 },
		{ "?prefix=b%2B", 10, 1 },
		{ "?prefix=nosuch", 0, 0 },
		{ "?prefix=", 0, COUNT },
		{ "?after=a/b", 5, COUNT - 5 },
		{ "?after=a2", 5, COUNT - 5 },
		{ "?after=c%2F1", 12, COUNT - 12 },
		{ "?after=%C3%A9t%C3%A9", 0, 0 },
		{ "?after=zzzz", COUNT - 1, 1 },
		{ "?prefix=c/&after=c/1", 12, 2 },
		{ "?limit=1000", 0, COUNT },
		{ "?limit=100&prefix=d", 14, 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_listed(list(box, cases[i].query), cases[i].first, cases[i].count,
			     cases[i].query);
}

/* Follows `next` from page to page. */
static void test_pages(struct box *box)
{
	for (size_t limit = 1; limit <= COUNT + 1; limit += 3) {
		char query[1024];
		size_t seen = 0, pages = 0;
		const char *next = NULL;

		snprintf(query, sizeof(query), "?limit=%zu", limit);
		do {
			struct http_reply *r = list(box, query);
			size_t count = json_array_size(http_member(r, "images"));

			next = http_string(r, "next");
			for (size_t i = 0; i < count && seen < COUNT; i++)
				seen += !strcmp(name_at(r, i), names[seen]);
			if (next) {
				/* A path is encoded as a query value is. */
				const char *path = box_path(box, next, "");

				snprintf(query, sizeof(query), "?limit=%zu&after=%s", limit,
					 strstr(path, "/images/") + strlen("/images/"));
			}
		} while (next && ++pages < 100);
		IS_INT(seen, COUNT, "pages of %zu lead through all names", limit);
	}
	OK(http_member(list(box, "?limit=1"), "next"), "there is a next page");
	OK(!http_member(list(box, box_format("?limit=%zu", COUNT)), "next"),
	   "none when all fit exactly");
}

static void test_refused(struct box *box)
{
	static const char *const queries[] = {
		"?limit=0",
		"?limit=1001",
		"?limit=-1",
		"?limit=x",
		"?limit=",
		"?limit=1x",
		"?limit=99999999999999999999",
		"?unknown=1",
		"?Limit=1",
		"?prefix=%",
		"?prefix=%zz",
		"?after=%0",
		"?limit=10&x",
	};

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		IS_STR(problem_wrong(list(box, queries[i]), 400, NULL), NULL, "%s", queries[i]);
	IS_STR(problem_wrong(http(box->web, "GET", "/v1/volumes/nosuch/images"), 404, NULL), NULL,
	       "images of an unknown volume");
}

/* What is no image: only the fake's directory can be changed behind gluster's back. */
static void test_not_listed(struct box *box)
{
	static const char *const ours[] = { ".gluster-imaged-tmp", ".gluster-imaged" };

	if (!box->server.fake)
		return;
	for (int i = 0; i < 2; i++)
		fclose(fopen(server_image_path(&box->server, ours[i]), "we"));
	mkdir(server_image_path(&box->server, "directory"), 0755);
	if (symlink("a.img", server_image_path(&box->server, "link")) ||
	    mkfifo(server_image_path(&box->server, "fifo"), 0600))
		OK(false, "prepare what is no image");
	check_listed(list(box, ""), 0, COUNT, "temporary files, links, pipes hidden");
	IS_STR(problem_wrong(http(box->web, "GET", box_path(box, "fifo", "/-/data")), 0, NULL),
	       NULL, "a pipe is no image");
}

static void test_volumes(struct box *box)
{
	static const char *const features[] = { "discard", "zero", "extents", "falloc", "sharded" };
	struct http_reply *r = http(box->web, "GET", "/v1/volumes");
	json_t *volumes = http_member(r, "volumes");

	IS_INT(r->status, 200, "list of volumes");
	IS_INT(json_array_size(volumes), 1, "one volume");
	IS_STR(json_string_value(json_object_get(json_array_get(volumes, 0), "name")),
	       box->server.volume, "its name");
	r = http(box->web, "GET", box_format("/v1/volumes/%s", box->server.volume));
	IS_INT(r->status, 200, "the volume");
	IS_STR(http_string(r, "name"), box->server.volume, "the volume: name");
	IS_STR(http_string(r, "state"), "up", "the volume: state");
	OK(http_string(r, "uri") && !strncmp(http_string(r, "uri"), "gluster", 7),
	   "the volume: uri is %s", http_string(r, "uri") ? http_string(r, "uri") : "missing");
	OK(http_int(r, "capacity") > 0 && http_int(r, "free") > 0 &&
		   http_int(r, "free") <= http_int(r, "capacity"),
	   "the volume: capacity and free");
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		OK(json_is_boolean(http_member(r, box_format("features.%s", features[i]))),
		   "the volume: feature %s", features[i]);
	OK(json_is_true(http_member(r, "features.discard")), "discard works here");
	OK(http_int(r, "limits.block_size") > 0, "limits: block_size");
	OK(http_int(r, "limits.max_ranges") > 0, "limits: max_ranges");
	IS_INT(http_int(r, "limits.max_json_body"), 65536, "limits: max_json_body");
	OK(json_is_array(http_member(r, "warnings")), "the volume: warnings");
}

int main(void)
{
	struct box box;

	box_start(&box, NULL);
	test_empty(&box);
	/* Not in their order. */
	for (size_t i = 0; i < COUNT; i++)
		box_create(&box, names[i * 7 % COUNT], 1024);
	test_refused(&box);
	test_volumes(&box);
	test_all(&box);
	test_filters(&box);
	test_pages(&box);
	test_not_listed(&box);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
