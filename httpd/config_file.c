/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON file. Scalars have their JSON types; after the type is checked they go the way of the
 * flags, as text through setting_apply(), so that limits and texts are the same.
 */
#include "httpd/config_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX ((size_t)1 << 20)
#define NUMBER_SIZE   24
#define PLACE_SIZE    128

/* Reads the file into new text that the caller frees. */
static int read_file(const char *path, char **ret_text, size_t *ret_length, char *why)
{
	FILE *file = fopen(path, "re");
	char *text;
	int r = 0;

	if (!file)
		return config_refuse(why, "--config: %s: %m", path);
	text = malloc(FILE_SIZE_MAX + 1);
	if (!text) {
		fclose(file);
		return config_no_memory(why);
	}
	*ret_length = fread(text, 1, FILE_SIZE_MAX, file);
	text[*ret_length] = '\0';
	if (ferror(file))
		r = config_refuse(why, "--config: %s: %m", path);
	else if (*ret_length == FILE_SIZE_MAX)
		r = config_refuse(why, "--config: %s: is larger than 1 MiB", path);
	fclose(file);
	if (r < 0)
		free(text);
	else
		*ret_text = text;
	return r;
}

static const char *skip_string(const char *p)
{
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
	}
	return p;
}

/*
 * The line of a member of the outermost object, because jansson keeps positions only of syntax
 * errors. 0 if the name is written with escapes. The text is known to be JSON.
 */
static unsigned int find_line(const char *text, const char *name)
{
	size_t length = strlen(name);
	unsigned int line = 1, depth = 0;
	const char *start;

	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			line++;
		else if (*p == '{' || *p == '[')
			depth++;
		else if (*p == '}' || *p == ']')
			depth--;
		if (*p != '"')
			continue;
		start = p + 1;
		p = skip_string(p);
		if (!*p)
			break;
		if (depth == 1 && (size_t)(p - start) == length &&
		    memcmp(start, name, length) == 0 && p[1 + strspn(p + 1, " \t\r\n")] == ':')
			return line;
	}
	return 0;
}

/* The text of a value that has the type that the row asks for; may use @number for it. */
static const char *scalar_text(const struct setting *row, const json_t *value, char *number,
			       char *why)
{
	bool number_fits = row->kind == SETTING_NUMBER || row->kind == SETTING_SIZE;

	if (row->kind == SETTING_SWITCH || row->kind == SETTING_BOOL) {
		if (json_is_boolean(value))
			return json_is_true(value) ? "true" : "false";
		config_explain(why, "must be true or false");
		return NULL;
	}
	if (number_fits && json_is_integer(value)) {
		snprintf(number, NUMBER_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return number;
	}
	if (row->kind != SETTING_NUMBER && json_is_string(value))
		return json_string_value(value);
	config_explain(why, number_fits ? "must be a whole number" : "must be a string");
	return NULL;
}

static int apply_scalar(const struct setting *row, void *subject, const json_t *value, char *why)
{
	char number[NUMBER_SIZE];
	const char *text = scalar_text(row, value, number, why);

	return text ? setting_apply(row, subject, text, why) : -EINVAL;
}

/* "uri" is a string, or a list of strings that differ in their servers. */
static int apply_uris(struct volume_options *volume, const json_t *value, char *why)
{
	size_t count = json_is_array(value) ? json_array_size(value) : 1;
	const json_t *item = value;
	int r = 0;

	if (count == 0)
		return config_refuse(why, "must not be empty");
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (json_is_array(value))
			item = json_array_get(value, i);
		if (!json_is_string(item))
			return config_refuse(why, "must be a string or a list of strings");
		r = config_volume_set_uri(volume, json_string_value(item), why);
	}
	return r;
}

static int apply_volume_member(struct volume_options *volume, const char *name, const json_t *value,
			       char *why)
{
	const struct setting *row = setting_find(&volume_settings, name, strlen(name));
	int r;

	if (strcmp(name, "name") == 0)
		return 0;
	if (strcmp(name, "uri") == 0)
		r = apply_uris(volume, value, why);
	else if (row)
		r = apply_scalar(row, volume, value, why);
	else
		r = config_refuse(why, "unknown option");
	return r < 0 ? config_refuse_within(why, name) : 0;
}

static int apply_volume_object(struct config *config, json_t *object, char *why)
{
	const char *name = json_string_value(json_object_get(object, "name"));
	struct volume_options *volume;
	const char *member;
	json_t *value;
	int r;

	if (!name || !json_object_get(object, "uri"))
		return config_refuse(why, "needs \"name\", a string, and \"uri\"");
	r = config_volume_append(config, name, &volume, why);
	if (r < 0)
		return r;
	json_object_foreach(object, member, value)
	{
		r = apply_volume_member(volume, member, value, why);
		if (r < 0)
			return config_refuse_within(why, name);
	}
	return 0;
}

static int apply_list(const struct setting *row, struct config *config, const json_t *list,
		      char *why)
{
	char place[PLACE_SIZE];
	json_t *value;
	size_t i;
	int r;

	if (!json_is_array(list))
		return config_refuse(why, "%s: must be a list", row->name);
	json_array_foreach(list, i, value)
	{
		if (row->kind == SETTING_VOLUME && json_is_object(value))
			r = apply_volume_object(config, value, why);
		else
			r = apply_scalar(row, config, value, why);
		if (r < 0) {
			snprintf(place, sizeof(place), "%s[%zu]", row->name, i);
			return config_refuse_within(why, place);
		}
	}
	return 0;
}

static int apply_member(struct config *config, const char *name, const json_t *value, char *why)
{
	const struct setting *row = setting_find(&config_settings, name, strlen(name));

	if (!row)
		return config_refuse(why, "%s: unknown setting", name);
	if (row->kind == SETTING_LISTEN || row->kind == SETTING_VOLUME)
		return apply_list(row, config, value, why);
	if (row->kind == SETTING_FILE || row->kind == SETTING_ACTION)
		return config_refuse(why, "%s: only a flag can say this", name);
	return apply_scalar(row, config, value, why) < 0 ? config_refuse_within(why, name) : 0;
}

static int apply_document(struct config *config, json_t *document, const char *text, char *why)
{
	char place[PLACE_SIZE];
	unsigned int line;
	const char *name;
	json_t *value;

	if (!json_is_object(document))
		return config_refuse(why, "must be a JSON object");
	json_object_foreach(document, name, value)
	{
		if (apply_member(config, name, value, why) == 0)
			continue;
		line = find_line(text, name);
		snprintf(place, sizeof(place), "line %u", line);
		return line ? config_refuse_within(why, place) : -EINVAL;
	}
	return 0;
}

int config_file_load(struct config *config, const char *path, char *why)
{
	json_error_t error;
	json_t *document;
	char *text = NULL;
	size_t length = 0;
	int r = read_file(path, &text, &length, why);

	if (r < 0)
		return r;
	document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	if (document)
		r = apply_document(config, document, text, why);
	else
		r = config_refuse(why, "line %d, column %d: %s", error.line, error.column,
				  error.text);
	if (r < 0)
		config_refuse_within(why, path);
	json_decref(document);
	free(text);
	return r;
}
