/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/box.h"

#define PATHS 32
#define TEXTS 32

void box_start(struct box *box, const char *const *flags)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	server_open(&box->server);
	if (!server_start(&box->server, flags)) {
		server_close(&box->server);
		puts("Bail out! the server does not start");
		exit(1);
	}
	box->web = http_open(box->server.port);
}

int box_stop(struct box *box)
{
	http_close(box->web);
	box->web = NULL;
	return server_stop(&box->server);
}

int box_end(struct box *box, int status)
{
	if (status)
		server_print_log(&box->server);
	http_close(box->web);
	server_close(&box->server);
	return status;
}

/* A preparation went wrong: no check that follows would mean anything. */
static void prepared(struct box *box, bool good, const char *what, const char *image)
{
	if (good)
		return;
	printf("Bail out! cannot %s %s\n", what, image);
	exit(box_end(box, 1));
}

const char *box_path(const struct box *box, const char *image, const char *tail)
{
	static char paths[PATHS][8192];
	static unsigned int turn;
	char *path = paths[turn++ % PATHS];
	size_t at = (size_t)snprintf(path, sizeof(paths[0]), "/v1/volumes/%s/images/",
				     box->server.volume);

	for (const unsigned char *c = (const unsigned char *)image; *c; c++) {
		bool plain = isalnum(*c) || strchr("-._~", *c);

		at += (size_t)snprintf(path + at, sizeof(paths[0]) - at, plain ? "%c" : "%%%02X",
				       *c);
	}
	snprintf(path + at, sizeof(paths[0]) - at, "%s", tail);
	return path;
}

const char *box_format(const char *format, ...)
{
	static char texts[TEXTS][2048];
	static unsigned int turn;
	char *text = texts[turn++ % TEXTS];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(texts[0]), format, args);
	va_end(args);
	return text;
}

void box_create(struct box *box, const char *image, uint64_t size)
{
	const char *target = box_format("/v1/volumes/%s/images", box->server.volume);
	json_t *name = json_string(image);
	char *quoted = json_dumps(name, JSON_ENCODE_ANY);
	const char *body = box_format("{\"name\":%s,\"size\":%llu,\"parents\":true}", quoted,
				      (unsigned long long)size);

	prepared(box, http(box->web, "POST", target, .json = body)->status == 201, "create", image);
	free(quoted);
	json_decref(name);
}

void box_put(struct box *box, const char *image, const void *data, uint64_t offset, size_t size)
{
	const char *range = box_format("bytes %llu-%llu/*", (unsigned long long)offset,
				       (unsigned long long)(offset + size - 1));

	prepared(box,
		 http(box->web, "PUT", box_path(box, image, "/-/data"), .body = data, .size = size,
		      .content_range = range)
				 ->status == 204,
		 "write to", image);
}

char *box_fill(struct box *box, const char *image, size_t size)
{
	char *data = malloc(size);

	prepared(box, data, "allocate for", image);
	box_pattern(data, size, size + 1);
	box_create(box, image, size);
	box_put(box, image, data, 0, size);
	return data;
}

void box_delete(struct box *box, const char *image)
{
	prepared(box, http(box->web, "DELETE", box_path(box, image, ""))->status == 204, "delete",
		 image);
}

/* xorshift64 */
uint64_t box_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

void box_pattern(void *data, size_t size, uint64_t seed)
{
	unsigned char *at = data;
	uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;

	for (size_t i = 0; i < size; i++)
		at[i] = (unsigned char)(box_random(&state) >> 24);
}

const char *data_wrong(const void *got, const void *want, size_t size)
{
	const unsigned char *a = got;
	const unsigned char *b = want;
	size_t at = 0;

	if (!size || !memcmp(a, b, size))
		return NULL;
	while (a[at] == b[at])
		at++;
	return box_format("byte %zu of %zu is 0x%02x, not 0x%02x", at, size, a[at], b[at]);
}

const char *reply_wrong(const struct http_reply *reply, long status, const void *want, size_t size)
{
	if (reply->error)
		return box_format("the transfer ended with curl's code %d, status %ld",
				  reply->error, reply->status);
	if (reply->status != status)
		return box_format("status %ld, not %ld: %.300s", reply->status, status,
				  reply->size < 1000 && reply->body ? reply->body : "");
	if (reply->size != size)
		return box_format("%zu bytes, not %zu", reply->size, size);
	return data_wrong(reply->body, want, size);
}

const char *disk_wrong(const struct box *box, const char *image, const void *want, size_t size)
{
	const char *path = server_image_path(&box->server, image);
	char *data = malloc(size + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *why;
	struct stat st;

	if (!data || fd < 0 || fstat(fd, &st))
		why = box_format("cannot open %s: %m", path);
	else if (st.st_size != (off_t)size)
		why = box_format("the file has %lld bytes, not %zu", (long long)st.st_size, size);
	else if (pread(fd, data, size, 0) != (ssize_t)size)
		why = "cannot read the file";
	else
		why = data_wrong(data, want, size);
	if (fd >= 0)
		close(fd);
	free(data);
	return why;
}

int64_t disk_blocks(const struct box *box, const char *image)
{
	struct stat st;

	if (stat(server_image_path(&box->server, image), &st))
		return -1;
	return st.st_blocks * (int64_t)512;
}

bool disk_exists(const struct box *box, const char *image)
{
	struct stat st;

	return !lstat(server_image_path(&box->server, image), &st);
}

static bool is_text(struct http_reply *reply, const char *member)
{
	const char *text = http_string(reply, member);

	return text && *text;
}

const char *problem_wrong(struct http_reply *reply, long status, const char *type)
{
	const char *id = http_header(reply, "X-Request-Id");
	const char *media = http_header(reply, "Content-Type");
	const char *got = http_string(reply, "type");

	if (reply->error)
		return box_format("the transfer ended with curl's code %d", reply->error);
	if (status ? reply->status != status : reply->status < 400)
		return box_format("status %ld, not %ld: %.300s", reply->status, status,
				  reply->body ? reply->body : "");
	if (!media || strcmp(media, "application/problem+json"))
		return box_format("Content-Type: %s", media ? media : "none");
	if (!json_is_object(http_member(reply, "")))
		return box_format("not a JSON object: %.300s", reply->body ? reply->body : "");
	if (!got || strncmp(got, "/problems/", 10) || !got[10])
		return box_format("type %s", got ? got : "missing");
	if (type && strcmp(got + 10, type))
		return box_format("type %s, not /problems/%s", got, type);
	if (!is_text(reply, "title") || !is_text(reply, "detail"))
		return "title or detail is missing";
	if (http_int(reply, "status") != reply->status)
		return "the status member is not the status";
	if (!id || !is_text(reply, "request_id") || strcmp(id, http_string(reply, "request_id")))
		return "request_id is not the X-Request-Id";
	return NULL;
}
