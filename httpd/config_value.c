/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/config_internal.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void config_explain(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, CONFIG_ERROR_SIZE, format, args);
	va_end(args);
}

int config_refuse_within(char *why, const char *place)
{
	char reason[CONFIG_ERROR_SIZE];

	memcpy(reason, why, sizeof(reason));
	return config_refuse(why, "%s: %s", place, reason);
}

int config_no_memory(char *why)
{
	config_explain(why, "out of memory");
	return -ENOMEM;
}

void config_warn(struct config *config, const char *format, ...)
{
	char **grown = reallocarray(config->warnings, config->n_warnings + 1, sizeof(*grown));
	va_list args;

	if (!grown)
		return;
	config->warnings = grown;
	va_start(args, format);
	if (vasprintf(&grown[config->n_warnings], format, args) >= 0)
		config->n_warnings++;
	va_end(args);
}

const struct setting *setting_find(const struct setting_table *table, const char *name,
				   size_t length)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strlen(table->rows[i].name) == length &&
		    memcmp(table->rows[i].name, name, length) == 0)
			return &table->rows[i];
	}
	return NULL;
}

/* The factor of a size suffix; 0 for what is none. */
static uint64_t suffix_factor(const char *suffix)
{
	static const char letters[] = "KMG";
	const char *letter;

	if (!*suffix)
		return 1;
	letter = strchr(letters, *suffix);
	return letter && !suffix[1] ? UINT64_C(1024) << (10 * (letter - letters)) : 0;
}

/* Too many digits saturate, so that the row's limit refuses them. */
static int apply_number(const struct setting *row, const char *text, uint64_t *ret_value, char *why)
{
	bool is_size = row->kind == SETTING_SIZE;
	uint64_t value = 0, factor;
	const char *p = text;

	for (; isdigit((unsigned char)*p); p++) {
		if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			value = UINT64_MAX;
	}
	factor = is_size ? suffix_factor(p) : !*p;
	if (p == text || !factor)
		return config_refuse(why, "\"%s\" is not a %s", text,
				     is_size ? "number of bytes, such as 268435456 or 256M" :
					       "whole number");
	if (__builtin_mul_overflow(value, factor, &value))
		value = UINT64_MAX;
	if (value < row->least || value > row->most)
		return config_refuse(why, "%s is not within %" PRIu64 " and %" PRIu64, text,
				     row->least, row->most);
	*ret_value = value;
	return 0;
}

static int apply_choice(const struct setting *row, const char *text, unsigned int *ret_value,
			char *why)
{
	size_t length = 0;
	unsigned int i;

	for (i = 0; row->choices[i]; i++) {
		if (strcmp(row->choices[i], text) == 0) {
			*ret_value = i;
			return 0;
		}
	}
	config_explain(why, "\"%s\" is not one of", text);
	for (i = 0; row->choices[i]; i++) {
		length = strlen(why);
		snprintf(why + length, CONFIG_ERROR_SIZE - length, "%s %s", i > 0 ? "," : "",
			 row->choices[i]);
	}
	return -EINVAL;
}

static int apply_bool(const char *text, bool *ret_value, char *why)
{
	bool value = strcmp(text, "true") == 0;

	if (!value && strcmp(text, "false") != 0)
		return config_refuse(why, "\"%s\" is neither true nor false", text);
	*ret_value = value;
	return 0;
}

static int apply_text(const char *text, char **member, char *why)
{
	char *copy;

	if (!*text)
		return config_refuse(why, "the value is empty");
	copy = strdup(text);
	if (!copy)
		return config_no_memory(why);
	free(*member);
	*member = copy;
	return 0;
}

int setting_apply(const struct setting *row, void *subject, const char *text, char *why)
{
	void *member = (char *)subject + row->offset;
	uint64_t value;
	int r;

	switch (row->kind) {
	case SETTING_NUMBER:
		r = apply_number(row, text, &value, why);
		if (r == 0)
			*(unsigned int *)member = (unsigned int)value;
		return r;
	case SETTING_SIZE:
		return apply_number(row, text, member, why);
	case SETTING_SWITCH:
	case SETTING_BOOL:
		return apply_bool(text, member, why);
	case SETTING_CHOICE:
		return apply_choice(row, text, member, why);
	case SETTING_TEXT:
		return apply_text(text, member, why);
	case SETTING_LISTEN:
		return config_listen_add(subject, text, why);
	case SETTING_VOLUME:
		return config_volume_add(subject, text, why);
	case SETTING_FILE:
	case SETTING_ACTION:
		break;
	}
	return config_refuse(why, "only a flag can say this");
}

int setting_apply_defaults(const struct setting_table *table, void *subject, char *why)
{
	const struct setting *row;
	int r;

	for (size_t i = 0; i < table->count; i++) {
		row = &table->rows[i];
		if (!row->initial || row->kind == SETTING_LISTEN)
			continue;
		r = setting_apply(row, subject, row->initial, why);
		if (r < 0)
			return r;
	}
	return 0;
}
