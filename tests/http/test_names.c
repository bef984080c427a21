/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of images: both spellings, odd but legal names, every malformed one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/box.h"
#include "tests/lib/tap.h"

#define SIZE 4096

static const char *images(const struct box *box)
{
	return box_format("/v1/volumes/%s/images", box->server.volume);
}

/* A name in every place that takes or shows one. */
static void test_name(struct box *box, const char *name)
{
	char *data = box_fill(box, name, SIZE);
	bool plain = !strpbrk(name, " %?#{}[]|^`<>\"\\") && (unsigned char)name[0] < 128;
	struct http_reply *r;

	r = http(box->web, "GET", box_path(box, name, ""));
	IS_INT(r->status, 200, "%s: get", name);
	IS_STR(http_string(r, "name"), name, "%s: in its own answer", name);
	r = http(box->web, "GET", box_path(box, name, "/-/data"));
	IS_STR(reply_wrong(r, 200, data, SIZE), NULL, "%s: as one segment", name);
	if (plain) {
		r = http(box->web, "GET", box_format("%s/%s/-/data", images(box), name));
		IS_STR(reply_wrong(r, 200, data, SIZE), NULL, "%s: with literal slashes", name);
	}
	IS_STR(disk_wrong(box, name, data, SIZE), NULL, "%s: on disk", name);
	box_delete(box, name);
	OK(!disk_exists(box, name), "%s: deleted", name);
	free(data);
}

static void test_legal(struct box *box)
{
	static const char *const names[] = {
		"a.img",
		"dir/a.img",
		"d/e/e/p/a.img",
		"with space",
		"per%cent",
		"%2F",
		"a+b",
		"a&b=c",
		"what?",
		"a#b",
		"a:b;c,d",
		"..a",
		"a..",
		"...",
		".hidden",
		"-dash",
		"--",
		"a-/b-",
		"~home",
		"quote\"d",
		"back\\lash",
		"\xc3\xbc\xe2\x82\xac\xf0\x9f\x92\xbe",
		"{}[]|^`<>",
		"data",
		"x/data",
	};
	char longest[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		test_name(box, names[i]);
	memset(longest, 'n', 255);
	longest[255] = '\0';
	test_name(box, longest);
}

static void test_location(struct box *box)
{
	const char *body = "{\"name\":\"loc/a b%2F.img\",\"size\":512,\"parents\":true}";
	struct http_reply *r = http(box->web, "POST", images(box), .json = body);
	const char *location = http_header(r, "Location");
	char target[1024], *tail;

	IS_INT(r->status, 201, "create below a directory");
	OK(location && (tail = strstr(location, "/v1/volumes/")), "Location names the image: %s",
	   location ? location : "none");
	if (!location || !(tail = strstr(location, "/images/")))
		return;
	OK(!strchr(tail + strlen("/images/"), '/') && strstr(tail, "%2F"),
	   "Location is in the one-segment form");
	snprintf(target, sizeof(target), "%s", strstr(location, "/v1/volumes/"));
	r = http(box->web, "GET", target);
	IS_STR(http_string(r, "name"), "loc/a b%2F.img", "Location leads to the image");
	r = http(box->web, "GET", box_format("%s/loc/a%%20b%%252F.img", images(box)));
	IS_INT(r->status, 200, "pieces are decoded once");
	r = http(box->web, "GET", box_format("%s/loc/a%%20b/.img", images(box)));
	IS_STR(problem_wrong(r, 404, NULL), NULL, "and not twice");
}

static void check_refused(struct box *box, const char *raw, long status, const char *type)
{
	static const char *const tails[] = { "", "/-/data" };

	for (size_t i = 0; i < 2; i++) {
		const char *target = box_format("%s/%s%s", images(box), raw, tails[i]);
		struct http_reply *r = http(box->web, "GET", target);

		IS_STR(problem_wrong(r, status, type), NULL, "%.60s%s is %ld", raw, tails[i],
		       status);
	}
}

static void test_malformed_paths(struct box *box)
{
	static const char *const malformed[] = {
		"/a",	  "a//b",	"a%2F%2Fb",	"%2Fa",	     "a%2F",	  ".",
		"..",	  "%2e",	"%2E%2e",	"a/./b",     "a/../b",	  "a/..",
		"../a",	  "a%2F..%2Fb", "a/%2e%2e/b",	"%2D",	     "a%2F-%2Fb", "a/%2D/b",
		"a%00b",  "a%01",	"a%0A",		"%7F",	     "%1f",	  "a%",
		"a%4",	  "a%zz",	"a%-1",		"%%41",	     "%ff",	  "a%C3",
		"%C0%AF", "%ED%A0%80",	"%F4%90%80%80", "%E0%80%AF", "\xff",	  "a%C3%28",
	};
	char piece[260], whole[1200] = "";

	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		check_refused(box, malformed[i], 400, "invalid-name");
	memset(piece, 'n', 256);
	piece[256] = '\0';
	check_refused(box, piece, 400, "invalid-name");
	piece[204] = '\0';
	for (int i = 0; i < 5; i++)
		snprintf(whole + strlen(whole), sizeof(whole) - strlen(whole), "%s/", piece);
	snprintf(whole + strlen(whole), sizeof(whole) - strlen(whole), "%s", "n");
	check_refused(box, whole, 400, "invalid-name");
	whole[1024] = '\0';
	whole[1023] = 'n';
	check_refused(box, whole, 404, NULL);
	box_create(box, "keep", SIZE);
	check_refused(box, "keep/-", 0, NULL);
	check_refused(box, "keep/-/nosuch", 404, NULL);
	check_refused(box, "keep/-/data/more", 404, NULL);
	check_refused(box, "keep/-/data/", 404, NULL);
	check_refused(box, "keep/-/Data", 404, NULL);
	box_delete(box, "keep");
}

/* The same names in JSON: nothing may be made. */
static void test_malformed_json(struct box *box)
{
	static const char *const malformed[] = {
		"",  "/a",  "a/",  "a//b",  ".",       "..",   "a/../b",  "./a",     "a/.",
		"-", "a/-", "-/a", "a/-/b", "\\u0001", "a\\n", "\\u007f", "\\u001f",
	};
	struct http_reply *r;

	box_create(box, "source", SIZE);
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		const char *name = malformed[i];

		r = http(box->web, "POST", images(box),
			 .json = box_format("{\"name\":\"%s\",\"size\":512,\"parents\":true}",
					    name));
		IS_STR(problem_wrong(r, 400, "invalid-name"), NULL, "create [%s] is refused", name);
		r = http(box->web, "POST", box_path(box, "source", "/-/rename"),
			 .json = box_format("{\"name\":\"%s\"}", name));
		IS_STR(problem_wrong(r, 400, "invalid-name"), NULL, "rename to [%s] is refused",
		       name);
	}
	r = http(box->web, "POST", images(box), .json = "{\"name\":\"a\\u0000b\",\"size\":512}");
	IS_STR(problem_wrong(r, 400, NULL), NULL, "NUL in a JSON name is refused");
	r = http(box->web, "POST", images(box), .json = "{\"name\":\"a\xff\",\"size\":512}");
	IS_STR(problem_wrong(r, 400, NULL), NULL, "broken UTF-8 in a JSON name is refused");
	r = http(box->web, "GET", images(box));
	IS_INT(json_array_size(http_member(r, "images")), 1, "nothing was made");
	box_delete(box, "source");
}

static void test_reserved(struct box *box)
{
	static const char *const names[] = { ".gluster-imaged", ".gluster-imaged-x",
					     ".gluster-imaged/x" };
	struct http_reply *r;

	for (size_t i = 0; i < 3; i++) {
		r = http(box->web, "POST", images(box),
			 .json = box_format("{\"name\":\"%s\",\"size\":512,\"parents\":true}",
					    names[i]));
		IS_STR(problem_wrong(r, 0, NULL), NULL, "%s cannot be made", names[i]);
		OK(!disk_exists(box, names[i]), "%s was not made", names[i]);
		r = http(box->web, "GET", box_path(box, names[i], ""));
		IS_STR(problem_wrong(r, 0, NULL), NULL, "%s is not seen", names[i]);
	}
}

static void test_volumes(struct box *box)
{
	static const char *const names[] = { "nosuch", "a%2Fb", "..", "%2e%2e", "a.b", "%00" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *target = box_format("/v1/volumes/%s/images", names[i]);
		struct http_reply *r = http(box->web, "GET", target);

		OK(r->status == 404 || r->status == 400, "volume %s: %ld", names[i], r->status);
		IS_STR(problem_wrong(r, 0, NULL), NULL, "volume %s: a problem", names[i]);
	}
	IS_STR(problem_wrong(http(box->web, "GET", "/v1/volumes/nosuch"), 404, NULL), NULL,
	       "an unknown volume is 404");
}

int main(void)
{
	struct box box;

	box_start(&box, NULL);
	test_legal(&box);
	test_malformed_paths(&box);
	test_malformed_json(&box);
	test_reserved(&box);
	test_volumes(&box);
	test_location(&box);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
