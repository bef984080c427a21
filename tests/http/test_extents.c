/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extents: they cover what was asked for without gaps, what they call zero is zero, and data that
 * was written is never called a hole. How coarse they are is the volume's business.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/box.h"
#include "tests/lib/tap.h"

#define SIZE  ((size_t)8 << 20)
#define PIECE ((size_t)65536)

static const char *const image = "sparse.img";
static char *model;

static struct http_reply *extents(struct box *box, const char *query)
{
	return http(box->web, "GET", box_path(box, image, box_format("/-/extents%s", query)));
}

static bool all_zero(size_t offset, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (model[offset + i])
			return false;
	}
	return true;
}

/* One extent against the model, starting where the last one ended. */
static const char *extent_wrong(json_t *extent, uint64_t start, uint64_t end, uint64_t *ret_next)
{
	json_t *data = json_object_get(extent, "data");
	json_t *zero = json_object_get(extent, "zero");
	uint64_t offset = (uint64_t)json_integer_value(json_object_get(extent, "offset"));
	uint64_t length = (uint64_t)json_integer_value(json_object_get(extent, "length"));

	if (!json_is_boolean(data) || !json_is_boolean(zero))
		return "data and zero are not booleans";
	if (offset != start)
		return box_format("an extent starts at %llu, not %llu", (unsigned long long)offset,
				  (unsigned long long)start);
	if (!length || length > end - offset)
		return box_format("an extent of %llu bytes at %llu", (unsigned long long)length,
				  (unsigned long long)offset);
	if ((json_is_true(zero) || json_is_false(data)) && !all_zero(offset, length))
		return box_format("data at %llu is called a hole", (unsigned long long)offset);
	*ret_next = offset + length;
	return NULL;
}

/* All extents of one answer; *at moves from where they must start to where they end. */
static const char *extents_wrong(struct http_reply *r, uint64_t *at, uint64_t end)
{
	json_t *list = http_member(r, "extents");
	json_t *extent;
	size_t i;

	if (r->status != 200 || !json_is_array(list))
		return box_format("status %ld: %.300s", r->status, r->body ? r->body : "");
	if (http_int(r, "size") != (int64_t)SIZE)
		return "size is not the image's";
	json_array_foreach(list, i, extent)
	{
		const char *why = extent_wrong(extent, *at, end, at);

		if (why)
			return why;
	}
	return NULL;
}

static void test_whole(struct box *box, const char *what)
{
	uint64_t at = 0;
	struct http_reply *r = extents(box, "");
	const char *why = extents_wrong(r, &at, SIZE);

	IS_STR(why, NULL, "%s: extents are true and without gaps", what);
	if (!http_member(r, "next"))
		IS_INT(at, SIZE, "%s: they cover the image", what);
	else
		IS_INT(http_int(r, "next"), at, "%s: next is where they end", what);
}

static void test_pages(struct box *box)
{
	for (int limit = 1; limit < 8; limit += 3) {
		uint64_t at = 0;
		int pages = 0;
		const char *why;
		struct http_reply *r;

		do {
			uint64_t start = at;

			r = extents(box, box_format("?offset=%llu&limit=%d", (unsigned long long)at,
						    limit));
			why = extents_wrong(r, &at, SIZE);
			if (!why && json_array_size(http_member(r, "extents")) > (size_t)limit)
				why = "more extents than the limit";
			if (!why && http_member(r, "next") && http_int(r, "next") != (int64_t)at)
				why = "next is not where the extents end";
			if (!why && at == start)
				why = "an empty page";
		} while (!why && http_member(r, "next") && pages++ < 1000);
		IS_STR(why, NULL, "pages of %d", limit);
		IS_INT(at, SIZE, "pages of %d cover the image", limit);
	}
}

static void test_parts(struct box *box)
{
	static const struct {
		uint64_t offset, length;
	} parts[] = {
		{ 0, 1 },
		{ 0, PIECE },
		{ 1, 1 },
		{ PIECE - 1, 2 },
		{ 12345, 777777 },
		{ SIZE - 1, 1 },
		{ SIZE - PIECE, PIECE },
		{ 0, SIZE },
		{ 3 * PIECE, SIZE - 3 * PIECE },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint64_t at = parts[i].offset;
		uint64_t end = at + parts[i].length;
		struct http_reply *r = extents(box,
					       box_format("?offset=%llu&length=%llu&limit=1000",
							  (unsigned long long)parts[i].offset,
							  (unsigned long long)parts[i].length));

		IS_STR(extents_wrong(r, &at, end), NULL, "%llu bytes at %llu",
		       (unsigned long long)parts[i].length, (unsigned long long)parts[i].offset);
		IS_INT(at, end, "are covered exactly");
		OK(!http_member(r, "next"), "and there is no more of them");
	}
}

static void test_refused(struct box *box)
{
	static const char *const queries[] = {
		"?offset=-1",	     "?offset=x", "?offset=",	"?offset=1.5",
		"?length=-1",	     "?length=x", "?length=",	"?limit=0",
		"?limit=x",	     "?limit=-1", "?unknown=1", "?offset=99999999999999999999",
		"?offset=0&start=0",
	};
	struct http_reply *r;

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		IS_STR(problem_wrong(extents(box, queries[i]), 400, NULL), NULL, "%s", queries[i]);
	r = http(box->web, "GET", box_path(box, "nosuch", "/-/extents"));
	IS_STR(problem_wrong(r, 404, NULL), NULL, "extents of nothing");
	r = extents(box, "?offset=8388609");
	OK(r->status < 500, "an offset past the end is no server error: %ld", r->status);
}

static void test_empty(struct box *box)
{
	struct http_reply *r;

	box_create(box, "empty", 0);
	r = http(box->web, "GET", box_path(box, "empty", "/-/extents"));
	IS_INT(r->status, 200, "an empty image");
	IS_INT(http_int(r, "size"), 0, "has size 0");
	OK(json_is_array(http_member(r, "extents")), "has a list");
	IS_INT(json_array_size(http_member(r, "extents")), 0, "of nothing");
	box_delete(box, "empty");
}

static void write_piece(struct box *box, size_t offset, size_t size)
{
	box_pattern(model + offset, size, offset + 3);
	box_put(box, image, model + offset, offset, size);
}

int main(void)
{
	struct box box;

	box_start(&box, NULL);
	model = calloc(1, SIZE);
	if (!model)
		return 1;
	box_create(&box, image, SIZE);
	test_whole(&box, "a new image");
	write_piece(&box, 0, 1);
	write_piece(&box, 3 * PIECE, PIECE);
	write_piece(&box, 20 * PIECE + 5, 3);
	for (size_t i = 40; i < 60; i += 2)
		write_piece(&box, i * PIECE, PIECE);
	write_piece(&box, SIZE - PIECE, PIECE);
	test_whole(&box, "islands");
	test_pages(&box);
	test_parts(&box);
	test_refused(&box);
	test_empty(&box);
	http(box.web, "DELETE", box_path(&box, image, "/-/data"),
	     .range = box_format("bytes=%zu-%zu", 40 * PIECE, 50 * PIECE - 1));
	memset(model + 40 * PIECE, 0, 10 * PIECE);
	test_whole(&box, "after a discard");
	http(box.web, "POST", box_path(&box, image, "/-/zero"),
	     .json = box_format("{\"offset\":0,\"length\":%zu}", 4 * PIECE));
	memset(model, 0, 4 * PIECE);
	test_whole(&box, "after zero");
	box_pattern(model, SIZE, 5);
	box_put(&box, image, model, 0, SIZE);
	test_whole(&box, "full of data");
	free(model);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
