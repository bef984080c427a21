/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of images: create, look, resize, rename, delete, and what each refuses. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/lib/box.h"
#include "tests/lib/tap.h"

static struct http_reply *create(struct box *box, const char *json)
{
	return http(box->web, "POST", box_format("/v1/volumes/%s/images", box->server.volume),
		    .json = json);
}

static struct http_reply *post(struct box *box, const char *image, const char *tail,
			       const char *json)
{
	return http(box->web, "POST", box_path(box, image, tail), .json = json);
}

static bool is_zero(struct box *box, const char *image, size_t size)
{
	void *zeros = calloc(1, size ? size : 1);
	bool same = zeros && !disk_wrong(box, image, zeros, size);

	free(zeros);
	return same;
}

static void test_create(struct box *box)
{
	static const struct {
		const char *name, *more;
		uint64_t asked, size;
		bool allocated;
	} cases[] = {
		{ "plain", "", 1048576, 1048576, false },
		{ "off", ",\"preallocation\":\"off\"", 1048576, 1048576, false },
		{ "falloc", ",\"preallocation\":\"falloc\"", 1048576, 1048576, true },
		{ "full", ",\"preallocation\":\"full\"", 3145728, 3145728, true },
		{ "empty", "", 0, 0, false },
		{ "empty-falloc", ",\"preallocation\":\"falloc\"", 0, 0, false },
		{ "sector", "", 512, 512, false },
		{ "round", ",\"round_up\":true", 513, 1024, false },
		{ "round-1", ",\"round_up\":true", 1, 512, false },
		{ "round-0", ",\"round_up\":true", 1024, 1024, false },
		{ "no-round", ",\"round_up\":false,\"parents\":false,\"overwrite\":false", 1024,
		  1024, false },
		{ "d1/d2/deep", ",\"parents\":true", 4096, 4096, false },
		{ "d1/d2/sibling", "", 4096, 4096, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = cases[i].name;
		struct http_reply *r =
			create(box, box_format("{\"name\":\"%s\",\"size\":%llu%s}", name,
					       (unsigned long long)cases[i].asked, cases[i].more));

		IS_INT(r->status, 201, "%s is made", name);
		OK(http_header(r, "Location"), "%s: Location", name);
		IS_STR(http_string(r, "name"), name, "%s: name", name);
		IS_INT(http_int(r, "size"), cases[i].size, "%s: size", name);
		OK(is_zero(box, name, cases[i].size), "%s: all zeros, of that size", name);
		OK(disk_blocks(box, name) >= (int64_t)(cases[i].allocated ? cases[i].size : 0),
		   "%s: allocated as asked", name);
		box_delete(box, name);
	}
}

static void test_large(struct box *box)
{
	struct http_reply *r = create(box, "{\"name\":\"tera\",\"size\":4398046511104}");

	IS_INT(r->status, 201, "an image of 4 TiB is made");
	OK(http_int(r, "allocated") < 1 << 20, "and takes no space");
	r = http(box->web, "GET", box_path(box, "tera", "/-/data"),
		 .range = "bytes=4398046511100-4398046511103");
	IS_STR(reply_wrong(r, 206, "\0\0\0\0", 4), NULL, "its end can be read");
	r = http(box->web, "PUT", box_path(box, "tera", "/-/data"), .body = "end", .size = 3,
		 .content_range = "bytes 4398046511101-4398046511103/*");
	IS_INT(r->status, 204, "and written");
	r = http(box->web, "GET", box_path(box, "tera", "/-/data"), .range = "bytes=-4");
	IS_STR(reply_wrong(r, 206, "\0end", 4), NULL, "and read again");
	r = http(box->web, "HEAD", box_path(box, "tera", "/-/data"));
	IS_STR(http_header(r, "Content-Length"), "4398046511104", "HEAD");
	box_delete(box, "tera");
}

static void test_create_refused(struct box *box)
{
	static const struct {
		const char *json;
		long status; /* 0: any 4xx */
		const char *type, *names;
	} cases[] = {
		{ "{\"name\":\"x\",\"size\":513}", 400, "size-alignment", NULL },
		{ "{\"name\":\"x\",\"size\":1,\"round_up\":false}", 400, "size-alignment", NULL },
		{ "{\"name\":\"x\",\"size\":-512}", 0, NULL, NULL },
		{ "{\"name\":\"x\",\"size\":9223372036854775807,\"round_up\":true}", 0, NULL,
		  NULL },
		{ "{\"name\":\"x\",\"size\":99999999999999999999}", 0, NULL, NULL },
		{ "{\"name\":\"x\"}", 400, NULL, "size" },
		{ "{\"size\":512}", 400, NULL, "name" },
		{ "{\"name\":1,\"size\":512}", 400, NULL, "name" },
		{ "{\"name\":\"x\",\"size\":\"512\"}", 400, NULL, "size" },
		{ "{\"name\":\"x\",\"size\":512.0}", 400, NULL, "size" },
		{ "{\"name\":\"x\",\"size\":null}", 400, NULL, "size" },
		{ "{\"name\":\"x\",\"size\":512,\"size\":512}", 400, NULL, "size" },
		{ "{\"name\":\"x\",\"size\":512,\"colour\":1}", 400, NULL, "colour" },
		{ "{\"name\":\"x\",\"size\":512,\"parents\":1}", 400, NULL, "parents" },
		{ "{\"name\":\"x\",\"size\":512,\"parents\":\"true\"}", 400, NULL, "parents" },
		{ "{\"name\":\"x\",\"size\":512,\"overwrite\":null}", 400, NULL, "overwrite" },
		{ "{\"name\":\"x\",\"size\":512,\"round_up\":0}", 400, NULL, "round_up" },
		{ "{\"name\":\"x\",\"size\":512,\"preallocation\":\"metadata\"}", 400, NULL,
		  "preallocation" },
		{ "{\"name\":\"x\",\"size\":512,\"preallocation\":true}", 400, NULL,
		  "preallocation" },
		{ "", 400, NULL, NULL },
		{ "null", 400, NULL, NULL },
		{ "[]", 400, NULL, NULL },
		{ "\"x\"", 400, NULL, NULL },
		{ "{\"name\":\"x\",\"size\":512", 400, NULL, NULL },
		{ "{\"name\":\"x\",\"size\":512}}", 400, NULL, NULL },
		{ "{\"name\":\"x\",\"size\":512} {}", 400, NULL, NULL },
		{ "{'name':'x','size':512}", 400, NULL, NULL },
		{ "{\"name\":\"no/such/dir\",\"size\":512}", 404, NULL, NULL },
		{ "{\"name\":\"file/below\",\"size\":512}", 409, NULL, NULL },
		{ "{\"name\":\"file/below\",\"size\":512,\"parents\":true}", 409, NULL, NULL },
		{ "{\"name\":\"dir\",\"size\":512}", 409, NULL, NULL },
		{ "{\"name\":\"dir\",\"size\":512,\"overwrite\":true}", 409, NULL, NULL },
		{ "{\"name\":\"file\",\"size\":512}", 409, NULL, NULL },
	};
	char *data = box_fill(box, "file", 4096);
	struct http_reply *r;

	box_create(box, "dir/inner", 512);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *detail;

		r = create(box, cases[i].json);
		IS_STR(problem_wrong(r, cases[i].status, cases[i].type), NULL, "refused: %s",
		       cases[i].json);
		OK(r->status < 500, "the client's fault: %s", cases[i].json);
		detail = http_string(r, "detail");
		OK(!cases[i].names || (detail && strstr(detail, cases[i].names)),
		   "the detail names the member: %s", detail ? detail : "");
		OK(!disk_exists(box, "x"), "nothing is left: %s", cases[i].json);
	}
	OK(!disk_exists(box, "no"), "no directories without parents");
	IS_STR(disk_wrong(box, "file", data, 4096), NULL, "who was there is unharmed");
	r = http(box->web, "GET", box_format("/v1/volumes/%s/images", box->server.volume));
	IS_INT(json_array_size(http_member(r, "images")), 2, "and nobody else is there");
	box_delete(box, "file");
	box_delete(box, "dir/inner");
	free(data);
}

static void test_overwrite(struct box *box)
{
	char *data = box_fill(box, "again", 8192);
	struct http_reply *r = http(box->web, "GET", box_path(box, "again", "/-/data"));

	IS_STR(reply_wrong(r, 200, data, 8192), NULL, "an image in use");
	r = create(box, "{\"name\":\"again\",\"size\":4096,\"overwrite\":true}");
	IS_INT(r->status, 201, "is overwritten");
	IS_INT(http_int(r, "size"), 4096, "with a new size");
	r = http(box->web, "GET", box_path(box, "again", "/-/data"));
	memset(data, 0, 8192);
	IS_STR(reply_wrong(r, 200, data, 4096), NULL, "and is read as zeros at once");
	box_put(box, "again", "new", 0, 3);
	memcpy(data, "new", 3);
	IS_STR(disk_wrong(box, "again", data, 4096), NULL, "and written in the new file");
	box_delete(box, "again");
	free(data);
}

static void test_get(struct box *box)
{
	static const char *const strings[] = { "volume", "name", "etag", "mode", "cache", "uri" };
	char *data = box_fill(box, "look/at.img", 65536);
	struct http_reply *r = http(box->web, "GET", box_path(box, "look/at.img", ""));

	IS_INT(r->status, 200, "get");
	IS_STR(http_header(r, "Content-Type"), "application/json", "in JSON");
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		OK(http_string(r, strings[i]), "%s: %s", strings[i],
		   http_string(r, strings[i]) ? http_string(r, strings[i]) : "missing");
	IS_STR(http_string(r, "volume"), box->server.volume, "the volume");
	IS_STR(http_string(r, "name"), "look/at.img", "the name");
	IS_INT(http_int(r, "size"), 65536, "the size");
	OK(http_int(r, "allocated") >= 65536, "the allocated bytes");
	OK(http_member(r, "mtime"), "mtime");
	OK(json_is_boolean(http_member(r, "zero_init")), "zero_init");
	OK(http_string(r, "uri") && !strncmp(http_string(r, "uri"), "gluster", 7),
	   "the gluster URI is %s", http_string(r, "uri") ? http_string(r, "uri") : "missing");
	OK(http_header(r, "ETag"), "ETag");
	r = http(box->web, "GET", box_path(box, "nosuch", ""));
	IS_STR(problem_wrong(r, 404, NULL), NULL, "a missing one is 404");
	r = http(box->web, "GET", box_path(box, "look", ""));
	OK(r->status == 404 || r->status == 409, "a directory is no image: %ld", r->status);
	box_delete(box, "look/at.img");
	free(data);
}

static void test_delete(struct box *box)
{
	char *data = box_fill(box, "gone", 8192);
	struct http_reply *r = http(box->web, "DELETE", box_path(box, "gone", ""),
				    .range = "bytes=0-511");
	const char *tag;

	IS_STR(problem_wrong(r, 400, NULL), NULL, "DELETE of an image with Range");
	r = http(box->web, "DELETE", box_path(box, "gone", ""),
		 .headers = HEADERS("If-Match: \"x\""));
	IS_STR(problem_wrong(r, 412, NULL), NULL, "DELETE with another If-Match");
	IS_STR(disk_wrong(box, "gone", data, 8192), NULL, "the image is whole");
	r = http(box->web, "GET", box_path(box, "gone", ""));
	tag = box_format("If-Match: %s", http_text(r, "ETag"));
	r = http(box->web, "DELETE", box_path(box, "gone", ""), .headers = HEADERS(tag));
	IS_STR(reply_wrong(r, 204, NULL, 0), NULL, "DELETE with the right If-Match");
	OK(!disk_exists(box, "gone"), "it is gone from the volume");
	IS_STR(problem_wrong(http(box->web, "DELETE", box_path(box, "gone", "")), 404, NULL), NULL,
	       "DELETE again");
	IS_INT(http(box->web, "DELETE", box_path(box, "gone", ""),
		    .headers = HEADERS("If-Match: *"))
			       ->status /
		       100,
	       4, "If-Match: * of a missing image");
	box_create(box, "keep/inner", 512);
	r = http(box->web, "DELETE", box_path(box, "keep", ""));
	OK(r->status == 404 || r->status == 409, "DELETE of a directory: %ld", r->status);
	OK(disk_exists(box, "keep/inner"), "leaves what is in it");
	box_delete(box, "keep/inner");
	free(data);
}

/* The server keeps images open; a name must never lead to the image that had it before. */
static void test_name_is_not_handle(struct box *box)
{
	char zeros[4096] = { 0 };
	char *data = box_fill(box, "name", 4096);
	struct http_reply *r = http(box->web, "GET", box_path(box, "name", "/-/data"));

	IS_STR(reply_wrong(r, 200, data, 4096), NULL, "an open image");
	box_delete(box, "name");
	r = http(box->web, "GET", box_path(box, "name", "/-/data"));
	IS_STR(problem_wrong(r, 404, NULL), NULL, "is gone at once");
	r = http(box->web, "PUT", box_path(box, "name", "/-/data"), .body = "x", .size = 1,
		 .content_range = "bytes 0-0/*");
	IS_STR(problem_wrong(r, 404, NULL), NULL, "for writers, too");
	box_create(box, "name", 4096);
	r = http(box->web, "GET", box_path(box, "name", "/-/data"));
	IS_STR(reply_wrong(r, 200, zeros, 4096), NULL, "a successor starts empty");
	IS_INT(post(box, "name", "/-/rename", "{\"name\":\"other\"}")->status, 200, "renamed");
	r = http(box->web, "GET", box_path(box, "name", "/-/data"));
	IS_STR(problem_wrong(r, 404, NULL), NULL, "the old name is gone at once");
	box_put(box, "other", data, 0, 4096);
	box_create(box, "name", 4096);
	r = http(box->web, "GET", box_path(box, "name", "/-/data"));
	IS_STR(reply_wrong(r, 200, zeros, 4096), NULL, "a new image under the old name");
	box_put(box, "name", "name", 0, 4);
	IS_STR(disk_wrong(box, "other", data, 4096), NULL, "is another file");
	IS_INT(post(box, "other", "/-/rename", "{\"name\":\"name\",\"overwrite\":true}")->status,
	       200, "renamed over an open one");
	r = http(box->web, "GET", box_path(box, "name", "/-/data"));
	IS_STR(reply_wrong(r, 200, data, 4096), NULL, "which is replaced at once");
	box_delete(box, "name");
	free(data);
}

static void test_rename(struct box *box)
{
	static const struct {
		const char *json;
		long status;
		const char *names;
	} refused[] = {
		{ "{\"name\":\"taken\"}", 409, NULL },
		{ "{\"name\":\"taken\",\"overwrite\":false}", 409, NULL },
		{ "{\"name\":\"no/such/dir\"}", 404, NULL },
		{ "{\"name\":\"taken/below\"}", 409, NULL },
		{ "{\"name\":\"box\",\"overwrite\":true}", 409, NULL },
		{ "{}", 400, "name" },
		{ "{\"name\":7}", 400, "name" },
		{ "{\"name\":\"b\",\"overwrite\":1}", 400, "overwrite" },
		{ "{\"name\":\"b\",\"to\":\"c\"}", 400, "to" },
		{ "{\"name\":\"b\"}{}", 400, NULL },
		{ "", 400, NULL },
	};
	char *data = box_fill(box, "from", 4096);
	struct http_reply *r;

	box_create(box, "taken", 512);
	box_create(box, "box/inner", 512);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const char *detail;

		r = post(box, "from", "/-/rename", refused[i].json);
		IS_STR(problem_wrong(r, refused[i].status, NULL), NULL, "rename %s",
		       refused[i].json);
		detail = http_string(r, "detail");
		OK(!refused[i].names || (detail && strstr(detail, refused[i].names)),
		   "names the member: %s", detail ? detail : "");
	}
	r = post(box, "nosuch", "/-/rename", "{\"name\":\"b\"}");
	IS_STR(problem_wrong(r, 404, NULL), NULL, "rename of nothing");
	IS_STR(disk_wrong(box, "from", data, 4096), NULL, "nothing moved");
	r = post(box, "from", "/-/rename", "{\"name\":\"box/to\"}");
	IS_INT(r->status, 200, "rename into a directory");
	IS_STR(http_string(r, "name"), "box/to", "the new name is in the answer");
	OK(strstr(http_text(r, "Location"), "/images/box%2Fto"), "and in Location");
	IS_STR(disk_wrong(box, "box/to", data, 4096), NULL, "the file moved");
	OK(!disk_exists(box, "from"), "the old name is gone");
	r = post(box, "box/to", "/-/rename", "{\"name\":\"taken\",\"overwrite\":true}");
	IS_INT(r->status, 200, "rename over an image");
	IS_STR(disk_wrong(box, "taken", data, 4096), NULL, "replaces it");
	box_delete(box, "taken");
	box_delete(box, "box/inner");
	free(data);
}

static void test_resize(struct box *box)
{
	char *data = box_fill(box, "size", 8192);
	char *model = calloc(1, 65536);
	struct http_reply *r = post(box, "size", "/-/resize", "{\"size\":65536}");

	memcpy(model, data, 8192);
	IS_INT(r->status, 200, "grow");
	IS_INT(http_int(r, "size"), 65536, "the answer is the image");
	IS_STR(disk_wrong(box, "size", model, 65536), NULL, "data stays, the rest is zeros");
	r = http(box->web, "HEAD", box_path(box, "size", "/-/data"));
	IS_STR(http_header(r, "Content-Length"), "65536", "visible at once");
	box_put(box, "size", "tail", 65532, 4);
	r = post(box, "size", "/-/resize", "{\"size\":4096}");
	IS_STR(problem_wrong(r, 409, "would-shrink"), NULL, "shrink by accident");
	r = post(box, "size", "/-/resize", "{\"size\":4096,\"shrink\":false}");
	IS_STR(problem_wrong(r, 409, "would-shrink"), NULL, "shrink not allowed");
	memcpy(model + 65532, "tail", 4);
	IS_STR(disk_wrong(box, "size", model, 65536), NULL, "nothing is lost");
	IS_INT(post(box, "size", "/-/resize", "{\"size\":65536}")->status, 200, "the same size");
	IS_INT(post(box, "size", "/-/resize", "{\"size\":4096,\"shrink\":true}")->status, 200,
	       "shrink on purpose");
	IS_STR(disk_wrong(box, "size", model, 4096), NULL, "the end is gone");
	r = http(box->web, "GET", box_path(box, "size", "/-/data"), .range = "bytes=4096-4096");
	IS_STR(problem_wrong(r, 416, NULL), NULL, "and cannot be read");
	r = post(box, "size", "/-/resize", "{\"size\":65536,\"preallocation\":\"falloc\"}");
	IS_INT(r->status, 200, "grow and allocate");
	OK(disk_blocks(box, "size") >= 65536, "the space is there");
	memset(model + 4096, 0, 65536 - 4096);
	r = http(box->web, "GET", box_path(box, "size", "/-/data"));
	IS_STR(reply_wrong(r, 200, model, 65536), NULL, "what was cut off comes back as zeros");
	IS_INT(post(box, "size", "/-/resize", "{\"size\":0,\"shrink\":true}")->status, 200,
	       "shrink to nothing");
	box_delete(box, "size");
	free(model);
	free(data);
}

static void test_resize_refused(struct box *box)
{
	static const struct {
		const char *json, *names;
	} cases[] = {
		{ "{}", "size" },
		{ "{\"size\":\"8192\"}", "size" },
		{ "{\"size\":8192,\"shrink\":\"yes\"}", "shrink" },
		{ "{\"size\":8192,\"grow\":true}", "grow" },
		{ "{\"size\":8192,\"preallocation\":\"some\"}", "preallocation" },
		{ "{\"size\":8192,\"size\":8192}", "size" },
		{ "{\"size\":8192}]", NULL },
		{ "{\"size\":-1,\"shrink\":true}", NULL },
		{ "{\"size\":99999999999999999999}", NULL },
	};
	struct http_reply *r;

	box_create(box, "fixed", 4096);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *detail;

		r = post(box, "fixed", "/-/resize", cases[i].json);
		IS_STR(problem_wrong(r, 400, NULL), NULL, "resize %s", cases[i].json);
		detail = http_string(r, "detail");
		OK(!cases[i].names || (detail && strstr(detail, cases[i].names)),
		   "names the member: %s", detail ? detail : "");
	}
	OK(is_zero(box, "fixed", 4096), "the size did not change");
	r = post(box, "nosuch", "/-/resize", "{\"size\":8192}");
	IS_STR(problem_wrong(r, 404, NULL), NULL, "resize of nothing");
	box_delete(box, "fixed");
}

int main(void)
{
	struct box box;

	box_start(&box, NULL);
	test_create_refused(&box);
	test_create(&box);
	test_large(&box);
	test_overwrite(&box);
	test_get(&box);
	test_delete(&box);
	test_name_is_not_handle(&box);
	test_rename(&box);
	test_resize(&box);
	test_resize_refused(&box);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
