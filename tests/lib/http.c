/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "tests/lib/http.h"

#define TIMEOUT_S 60L

struct http {
	CURL *easy;
	uint16_t port;
	struct http_reply reply;
	const char *upload; /* what is left to send */
	size_t upload_left;
};

static void *must(void *pointer)
{
	if (!pointer) {
		puts("Bail out! out of memory");
		exit(1);
	}
	return pointer;
}

void http_reply_reset(struct http_reply *reply)
{
	for (int i = 0; i < reply->header_count; i++)
		free(reply->headers[i].name);
	free(reply->body);
	json_decref(reply->json);
	*reply = (struct http_reply){ 0 };
}

/* Name and value share one allocation. */
void http_reply_add(struct http_reply *reply, const char *line, size_t size)
{
	char *name = must(strndup(line, size));
	char *colon = strchr(name, ':');

	if (!colon || reply->header_count == HTTP_HEADERS_MAX) {
		free(name);
		return;
	}
	*colon++ = '\0';
	colon += strspn(colon, " \t");
	reply->headers[reply->header_count++] = (struct http_header){ name, colon };
}

void http_reply_append(struct http_reply *reply, const void *data, size_t size)
{
	/* Grow in powers of two, so that long bodies are not copied for every piece. */
	size_t have = reply->body ? (size_t)1 << (64 - __builtin_clzll(reply->size)) : 0;

	if (reply->size + size + 1 > have) {
		size_t want = (size_t)1 << (64 - __builtin_clzll(reply->size + size));

		reply->body = must(realloc(reply->body, want));
	}
	memcpy(reply->body + reply->size, data, size);
	reply->size += size;
	reply->body[reply->size] = '\0';
}

const char *http_header(const struct http_reply *reply, const char *name)
{
	for (int i = 0; i < reply->header_count; i++) {
		if (!strcasecmp(reply->headers[i].name, name))
			return reply->headers[i].value;
	}
	return NULL;
}

const char *http_text(const struct http_reply *reply, const char *name)
{
	const char *value = http_header(reply, name);

	return value ? value : "";
}

int http_header_count(const struct http_reply *reply, const char *name)
{
	int count = 0;

	for (int i = 0; i < reply->header_count; i++)
		count += !strcasecmp(reply->headers[i].name, name);
	return count;
}

json_t *http_member(struct http_reply *reply, const char *path)
{
	json_t *at;

	if (!reply->json && reply->body)
		reply->json = json_loadb(reply->body, reply->size, JSON_REJECT_DUPLICATES, NULL);
	at = reply->json;
	while (at && *path) {
		size_t size = strcspn(path, ".");
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)size, path);
		at = json_object_get(at, name);
		path += size + (path[size] == '.');
	}
	return at;
}

const char *http_string(struct http_reply *reply, const char *path)
{
	return json_string_value(http_member(reply, path));
}

int64_t http_int(struct http_reply *reply, const char *path)
{
	json_t *member = http_member(reply, path);

	return json_is_integer(member) ? json_integer_value(member) : -1;
}

static size_t on_header(char *line, size_t one, size_t size, void *data)
{
	struct http_reply *reply = data;
	size_t left = size;

	(void)one;
	while (left && (line[left - 1] == '\n' || line[left - 1] == '\r'))
		left--;
	if (left >= 12 && !memcmp(line, "HTTP/1.", 7)) {
		bool continued = reply->continued || reply->status == 100;

		http_reply_reset(reply);
		reply->continued = continued;
		reply->status = strtol(line + 9, NULL, 10);
	} else if (left) {
		http_reply_add(reply, line, left);
	}
	return size;
}

static size_t on_body(char *data, size_t one, size_t size, void *user)
{
	(void)one;
	http_reply_append(user, data, size);
	return size;
}

static size_t on_upload(char *buf, size_t one, size_t room, void *data)
{
	struct http *http = data;
	size_t size = http->upload_left < room ? http->upload_left : room;

	(void)one;
	memcpy(buf, http->upload, size);
	http->upload += size;
	http->upload_left -= size;
	return size;
}

struct http *http_open(uint16_t port)
{
	struct http *http = must(calloc(1, sizeof(*http)));

	http->easy = must(curl_easy_init());
	http->port = port;
	return http;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	curl_easy_cleanup(http->easy);
	http_reply_reset(&http->reply);
	free(http);
}

static struct curl_slist *header_list(const struct http_request *request)
{
	struct curl_slist *list = NULL;
	char line[1024];

	if (request->range) {
		snprintf(line, sizeof(line), "Range: %s", request->range);
		list = must(curl_slist_append(list, line));
	}
	if (request->content_range) {
		snprintf(line, sizeof(line), "Content-Range: %s", request->content_range);
		list = must(curl_slist_append(list, line));
	}
	if (request->json)
		list = must(curl_slist_append(list, "Content-Type: application/json"));
	list = must(curl_slist_append(list, request->expect ? "Expect: 100-continue" : "Expect:"));
	if (request->chunked)
		list = must(curl_slist_append(list, "Transfer-Encoding: chunked"));
	for (int i = 0; request->headers && request->headers[i]; i++)
		list = must(curl_slist_append(list, request->headers[i]));
	return list;
}

static void set_body(struct http *http, const struct http_request *request)
{
	const char *body = request->json ? request->json : request->body;

	http->upload = body;
	http->upload_left = request->json ? strlen(request->json) : request->size;
	if (!body)
		return;
	curl_easy_setopt(http->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(http->easy, CURLOPT_READFUNCTION, on_upload);
	curl_easy_setopt(http->easy, CURLOPT_READDATA, http);
	curl_easy_setopt(http->easy, CURLOPT_INFILESIZE_LARGE,
			 request->chunked ? (curl_off_t)-1 : (curl_off_t)http->upload_left);
	/* Who expects 100 waits for the server, not for a clock. */
	curl_easy_setopt(http->easy, CURLOPT_EXPECT_100_TIMEOUT_MS, TIMEOUT_S * 1000);
}

struct http_reply *http_do(struct http *http, const struct http_request *request)
{
	struct curl_slist *headers = header_list(request);
	curl_off_t sent = 0;
	char url[8192];
	int error;

	http_reply_reset(&http->reply);
	curl_easy_reset(http->easy);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", http->port, request->target);
	curl_easy_setopt(http->easy, CURLOPT_URL, url);
	curl_easy_setopt(http->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(http->easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(http->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(http->easy, CURLOPT_TIMEOUT, TIMEOUT_S);
	curl_easy_setopt(http->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(http->easy, CURLOPT_HEADERDATA, &http->reply);
	curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, &http->reply);
	curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, headers);
	if (!strcmp(request->method, "HEAD"))
		curl_easy_setopt(http->easy, CURLOPT_NOBODY, 1L);
	set_body(http, request);
	curl_easy_setopt(http->easy, CURLOPT_CUSTOMREQUEST, request->method);
	error = (int)curl_easy_perform(http->easy);
	http->reply.error = error;
	curl_easy_getinfo(http->easy, CURLINFO_NUM_CONNECTS, &http->reply.connects);
	curl_easy_getinfo(http->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	http->reply.sent = sent;
	curl_slist_free_all(headers);
	return &http->reply;
}
