/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "uri/image_name.h"
#include "uri/percent.h"

const char *target_path(const char *target, size_t *ret_length)
{
	const char *path = target;

	if (!strncasecmp(target, "http://", 7) || !strncasecmp(target, "https://", 8))
		path = strchr(target, ':') + 3 + strcspn(strchr(target, ':') + 3, "/?");
	*ret_length = strcspn(path, "?");
	return path;
}

/* Decode a part of a path that is one piece: a volume, a problem. */
static bool piece_decode(const char *raw, size_t length, char *out, const char **ret_why)
{
	ssize_t n = percent_decode(raw, length, out, VOLUME_NAME_MAX + 1);

	if (n > 0 && strlen(out) == (size_t)n && volume_name_valid(out))
		return true;
	out[0] = '\0';
	*ret_why = "a volume's name is 1 to 64 letters, digits, '.', '_' or '-'";
	return false;
}

/* Decode an image's name, in which literal and encoded slashes mean the same. */
static bool image_decode(const char *raw, size_t length, char *out, const char **ret_why)
{
	ssize_t n = percent_decode(raw, length, out, IMAGE_NAME_MAX + 1);

	if (n == -EINVAL)
		*ret_why = "an image's name has a '%' that two hexadecimal digits do not follow";
	else if (n < 0)
		*ret_why = "an image's name has more than 1024 bytes";
	else if (!image_name_check(out, (size_t)n, ret_why))
		return true;
	out[0] = '\0';
	return false;
}

/* How much of @path the name of an image takes: up to a "/-/" or a "/-" at the end. */
static size_t image_span(const char *path, size_t length)
{
	for (size_t i = 0; i + 1 < length; i++)
		if (path[i] == '/' && path[i + 1] == '-' && (i + 2 == length || path[i + 2] == '/'))
			return i;
	return length;
}

static size_t piece_span(const char *path, size_t length)
{
	const char *slash = memchr(path, '/', length);

	return slash ? (size_t)(slash - path) : length;
}

/* A part of the path that a template names, still encoded. */
struct capture {
	const char *raw;
	size_t length;
};

/* Fit @path to @template; the parts it names are put into the three captures. */
static bool path_capture(const char *template, const char *path, size_t length,
			 struct capture *volume, struct capture *image, struct capture *name)
{
	const char *end = path + length;

	while (*template) {
		struct capture part = { .raw = path };

		if (*template != '{') {
			if (path == end || *path++ != *template ++)
				return false;
			continue;
		}
		if (!strncmp(template, "{image}", 7)) {
			part.length = image_span(path, (size_t)(end - path));
			*image = part;
		} else {
			part.length = piece_span(path, (size_t)(end - path));
			*(strncmp(template, "{volume}", 8) ? name : volume) = part;
		}
		if (!part.length)
			return false;
		path += part.length;
		template = strchr(template, '}') + 1;
	}
	return path == end;
}

bool path_matches(const char *template, const char *path, size_t length, struct path *ret_path,
		  const char **ret_why)
{
	struct capture volume = { .raw = NULL }, image = { .raw = NULL }, name = { .raw = NULL };

	*ret_why = NULL;
	if (!path_capture(template, path, length, &volume, &image, &name))
		return false;
	ret_path->volume[0] = ret_path->image[0] = ret_path->name[0] = '\0';
	if (volume.raw && !piece_decode(volume.raw, volume.length, ret_path->volume, ret_why))
		return true;
	if (image.raw && !image_decode(image.raw, image.length, ret_path->image, ret_why))
		return true;
	if (name.raw)
		piece_decode(name.raw, name.length, ret_path->name, ret_why);
	return true;
}

/* Whether the blank-separated @list has the word @name. */
static bool word_in(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *word = list; length && *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		if (n == length && !memcmp(word, name, n))
			return true;
		word += n;
	}
	return false;
}

/* Decode @text in place; false when it is not sound UTF-8 text without NUL. */
static bool parameter_decode(char *text)
{
	ssize_t n = percent_decode(text, strlen(text), text, strlen(text) + 1);

	return n >= 0 && strlen(text) == (size_t)n && utf8_valid(text, (size_t)n);
}

static int query_add(struct query *query, char *pair, const char *allowed, const char **ret_why)
{
	char *value = strchr(pair, '=');

	if (value)
		*value++ = '\0';
	else
		value = pair + strlen(pair);
	*ret_why = "the query is badly coded";
	if (!parameter_decode(pair) || !parameter_decode(value))
		return -EINVAL;
	*ret_why = "the query has a parameter that this operation does not know";
	if (!word_in(allowed, pair))
		return -EINVAL;
	*ret_why = "the query has a parameter twice";
	if (query_value(query, pair) || query->count == QUERY_MAX)
		return -EINVAL;
	query->parameters[query->count].name = pair;
	query->parameters[query->count++].value = value;
	return 0;
}

int query_parse(const char *target, const char *allowed, struct query *ret_query,
		const char **ret_why)
{
	const char *raw = strchr(target, '?');
	struct query query = { .count = 0 };
	char *rest;
	int error = 0;

	if (!raw || !raw[1]) {
		*ret_query = query;
		return 0;
	}
	query.text = rest = strdup(raw + 1);
	if (!query.text)
		return -ENOMEM;
	while (rest && !error) {
		char *pair = strsep(&rest, "&");

		if (*pair)
			error = query_add(&query, pair, allowed, ret_why);
	}
	if (error)
		query_clear(&query);
	else
		*ret_query = query;
	return error;
}

void query_clear(struct query *query)
{
	free(query->text);
	*query = (struct query){ .count = 0 };
}

const char *query_value(const struct query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++)
		if (!strcmp(query->parameters[i].name, name))
			return query->parameters[i].value;
	return NULL;
}
