/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random operations against a model in memory, in lock-step: every answer is checked, every byte
 * at the end. SEED repeats a run, ROUNDS sets its length.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lib/box.h"
#include "tests/lib/tap.h"

#define MIN_SIZE ((size_t)4 << 20)
#define MAX_SIZE ((size_t)8 << 20)
#define CLIENTS	 4

struct model {
	struct box *box;
	struct http *clients[CLIENTS];
	struct http *client; /* of this round */
	uint64_t random;
	char *bytes;
	size_t size;
	char *scratch;
	int round;
};

static const char *const image = "model.img";

static size_t below(struct model *m, size_t limit)
{
	return box_random(&m->random) % limit;
}

/* A span of the image: mostly small, often on a block border. */
static void pick_span(struct model *m, size_t *ret_offset, size_t *ret_length)
{
	static const size_t limits[] = { 16, 512, 8192, 70000, 1100000, MAX_SIZE };
	size_t offset = below(m, m->size);
	size_t length = 1 + below(m, limits[below(m, 6)]);

	if (below(m, 3) == 0)
		offset &= ~(size_t)4095;
	if (below(m, 3) == 0)
		length = (length + 4095) & ~(size_t)4095;
	if (length > m->size - offset)
		length = m->size - offset;
	*ret_offset = offset;
	*ret_length = length;
}

static const char *target(struct model *m, const char *tail)
{
	return box_path(m->box, image, tail);
}

static const char *do_write(struct model *m)
{
	static const char *const queries[] = { "/-/data", "/-/data", "/-/data?flush=true" };
	size_t offset, length;
	struct http_reply *r;

	pick_span(m, &offset, &length);
	box_pattern(m->bytes + offset, length, (uint64_t)m->round);
	r = http(m->client, "PUT", target(m, queries[below(m, 3)]), .body = m->bytes + offset,
		 .size = length, .chunked = below(m, 4) == 0,
		 .content_range = box_format("bytes %zu-%zu/*", offset, offset + length - 1));
	return reply_wrong(r, 204, NULL, 0);
}

static const char *do_read(struct model *m)
{
	size_t offset, length;
	struct http_reply *r;
	const char *range;

	pick_span(m, &offset, &length);
	if (below(m, 8) == 0) {
		length = m->size - offset;
		range = below(m, 2) ? box_format("bytes=%zu-", offset) :
				      box_format("bytes=-%zu", length);
	} else {
		range = box_format("bytes=%zu-%zu", offset, offset + length - 1);
	}
	r = http(m->client, "GET", target(m, "/-/data"), .range = range);
	return reply_wrong(r, 206, m->bytes + offset, length);
}

static const char *do_clear(struct model *m)
{
	size_t offset, length;
	struct http_reply *r;

	pick_span(m, &offset, &length);
	memset(m->bytes + offset, 0, length);
	switch (below(m, 4)) {
	case 0:
		r = http(m->client, "DELETE", target(m, "/-/data"),
			 .range = box_format("bytes=%zu-%zu", offset, offset + length - 1));
		break;
	case 1:
		r = http(m->client, "POST", target(m, "/-/discard"),
			 .json = box_format("{\"offset\":%zu,\"length\":%zu}", offset, length));
		break;
	default:
		r = http(m->client, "POST", target(m, "/-/zero"),
			 .json = box_format("{\"offset\":%zu,\"length\":%zu,\"unmap\":%s}", offset,
					    length, below(m, 2) ? "true" : "false"));
	}
	return reply_wrong(r, 204, NULL, 0);
}

static const char *do_flush(struct model *m)
{
	return reply_wrong(http(m->client, "POST", target(m, "/-/flush")), 204, NULL, 0);
}

static const char *do_resize(struct model *m)
{
	size_t size = (MIN_SIZE + below(m, MAX_SIZE - MIN_SIZE)) & ~(size_t)511;
	struct http_reply *r = http(m->client, "POST", target(m, "/-/resize"),
				    .json = box_format("{\"size\":%zu,\"shrink\":true}", size));

	if (r->status != 200 || http_int(r, "size") != (int64_t)size)
		return box_format("resize to %zu: %ld", size, r->status);
	if (size > m->size)
		memset(m->bytes + m->size, 0, size - m->size);
	m->size = size;
	return NULL;
}

static const char *do_head(struct model *m)
{
	struct http_reply *r = http(m->client, "HEAD", target(m, "/-/data"));
	const char *length = http_header(r, "Content-Length");

	if (r->status != 200 || !length || strcmp(length, box_format("%zu", m->size)))
		return box_format("HEAD: %ld, length %s, not %zu", r->status,
				  length ? length : "none", m->size);
	return NULL;
}

static const char *do_past_end(struct model *m)
{
	struct http_reply *r;

	if (below(m, 2))
		r = http(m->client, "GET", target(m, "/-/data"),
			 .range = box_format("bytes=%zu-", m->size));
	else
		r = http(m->client, "PUT", target(m, "/-/data"), .body = m->scratch, .size = 10,
			 .content_range = box_format("bytes %zu-%zu/*", m->size - 5, m->size + 4));
	return problem_wrong(r, 416, NULL);
}

static const char *do_extents(struct model *m)
{
	struct http_reply *r = http(m->client, "GET", target(m, "/-/extents?limit=1000"));
	uint64_t at = 0;
	json_t *extent;
	size_t i;

	if (r->status != 200 || http_int(r, "size") != (int64_t)m->size)
		return box_format("extents: %ld", r->status);
	json_array_foreach(http_member(r, "extents"), i, extent)
	{
		uint64_t length = (uint64_t)json_integer_value(json_object_get(extent, "length"));

		if (json_integer_value(json_object_get(extent, "offset")) != (json_int_t)at ||
		    !length || length > m->size - at)
			return box_format("extents have a gap at %llu", (unsigned long long)at);
		for (uint64_t b = at;
		     json_is_true(json_object_get(extent, "zero")) && b < at + length; b++) {
			if (m->bytes[b])
				return box_format("extents call the data at %llu a hole",
						  (unsigned long long)b);
		}
		at += length;
	}
	return at == m->size || http_member(r, "next") ? NULL : "extents do not reach the end";
}

static const char *one_round(struct model *m)
{
	static const struct {
		const char *(*run)(struct model *m);
		unsigned int share; /* of 100 */
	} operations[] = {
		{ do_write, 35 }, { do_read, 33 },  { do_clear, 18 },	{ do_flush, 3 },
		{ do_head, 4 },	  { do_resize, 3 }, { do_past_end, 2 }, { do_extents, 2 },
	};
	size_t dice = below(m, 100);
	size_t i = 0;

	while (dice >= operations[i].share)
		dice -= operations[i++].share;
	m->client = m->clients[below(m, CLIENTS)];
	return operations[i].run(m);
}

static void check_all(struct model *m, int rounds)
{
	struct http_reply *r = http(m->client, "GET", target(m, "/-/data"));

	IS_STR(reply_wrong(r, 200, m->bytes, m->size), NULL, "%d rounds: all bytes are right",
	       rounds);
	IS_STR(disk_wrong(m->box, image, m->bytes, m->size), NULL, "%d rounds: on disk, too",
	       rounds);
}

int main(void)
{
	const char *seed = getenv("SEED");
	const char *rounds = getenv("ROUNDS");
	int last = rounds ? (int)strtol(rounds, NULL, 10) : 3000;
	const char *wrong = NULL;
	struct model m = { .random = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL) };
	struct box box;

	printf("# SEED=%llu\n", (unsigned long long)m.random);
	m.random = m.random * 0x9e3779b97f4a7c15 + 1;
	box_start(&box, NULL);
	m.box = &box;
	m.size = MIN_SIZE;
	m.bytes = calloc(1, MAX_SIZE);
	m.scratch = calloc(1, 4096);
	if (!m.bytes || !m.scratch)
		return 1;
	for (int i = 0; i < CLIENTS; i++)
		m.clients[i] = http_open(box.server.port);
	m.client = m.clients[0];
	box_create(&box, image, m.size);
	while (!wrong && m.round++ < last) {
		wrong = one_round(&m);
		if (m.round % 500 == 0)
			check_all(&m, m.round);
	}
	IS_STR(wrong, NULL, "%d rounds", wrong ? m.round : last);
	check_all(&m, last);
	for (int i = 0; i < CLIENTS; i++)
		http_close(m.clients[i]);
	free(m.bytes);
	free(m.scratch);
	IS_INT(box_stop(&box), 0, "the server ends cleanly");
	return box_end(&box, tap_end());
}
