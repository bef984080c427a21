/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of several gluster calls are done or not done, whichever call fails. Fake only. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/box.h"
#include "tests/lib/tap.h"

static void rules(struct box *box, const char *text)
{
	server_rules(&box->server, text);
}

/* How many entries does the volume have, temporary ones included? */
static int entries(struct box *box)
{
	DIR *dir = opendir(server_image_path(&box->server, ""));
	int count = -2;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

/*
 * The n-th gluster call of a request fails, for every n: the request is done or it is not, and
 * what is not done leaves nothing behind.
 */
static void torture(struct box *box, const char *method, const char *tail, const char *json)
{
	const char *what = tail ? tail : json;
	bool done = false;

	for (int nth = 1; nth < 40 && !done; nth++) {
		bool creates = !strcmp(method, "POST") && !*tail;
		bool deletes = !strcmp(method, "DELETE");
		const char *path = creates ?
					   box_format("/v1/volumes/%s/images", box->server.volume) :
					   box_path(box, "torture", tail);
		int before, after;
		struct http_reply *r;

		if (!creates)
			box_create(box, "torture", 4096);
		before = entries(box);
		rules(box, box_format("op=* nth=%d errno=EIO\n", nth));
		r = http(box->web, method, path, .json = json);
		rules(box, "");
		done = r->status / 100 == 2;
		OK(done || !problem_wrong(r, 0, NULL), "%s %s, call %d fails: %ld", method, what,
		   nth, r->status);
		after = entries(box);
		IS_INT(after - before, done ? creates - deletes : 0, "and nothing is left over");
		if (disk_exists(box, "torture"))
			box_delete(box, "torture");
		if (disk_exists(box, "moved"))
			box_delete(box, "moved");
		/* A call from the background may have taken the blow. */
		if (done && nth < 3)
			done = false;
	}
	OK(done, "%s %s works in the end", method, what);
}

static void test_torture(struct box *box)
{
	torture(box, "POST", "", "{\"name\":\"torture\",\"size\":4096}");
	torture(box, "POST", "",
		"{\"name\":\"torture\",\"size\":4096,\"preallocation\":\"falloc\"}");
	torture(box, "POST", "", "{\"name\":\"torture\",\"size\":4096,\"preallocation\":\"full\"}");
	torture(box, "POST", "/-/rename", "{\"name\":\"moved\"}");
	torture(box, "POST", "/-/resize", "{\"size\":8192,\"preallocation\":\"falloc\"}");
	torture(box, "DELETE", "", NULL);
}

static void test_create_without_space(struct box *box)
{
	static const char *const kinds[] = { "falloc", "full" };
	const char *images = box_format("/v1/volumes/%s/images", box->server.volume);
	int before = entries(box);

	for (int i = 0; i < 2; i++) {
		struct http_reply *r;

		rules(box, "op=fallocate errno=ENOSPC\nop=zerofill errno=ENOSPC\n"
			   "op=pwrite errno=ENOSPC\n");
		r = http(box->web, "POST", images,
			 .json = box_format("{\"name\":\"n\",\"size\":1048576,"
					    "\"preallocation\":\"%s\"}",
					    kinds[i]));
		IS_STR(problem_wrong(r, 507, NULL), NULL, "%s without space is 507", kinds[i]);
		IS_INT(entries(box), before, "%s without space leaves nothing", kinds[i]);
	}
	rules(box, "");
}

int main(void)
{
	struct box box;

	server_need_fake();
	box_start(&box, NULL);
	test_create_without_space(&box);
	test_torture(&box);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
