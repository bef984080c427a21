/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/config_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uri/image_name.h"

#define LOCAL_NAME		 "local"
#define LOG_LEVEL_INHERITED	 (-1)
#define LOG_LEVEL_WITH_PASSWORDS 7

static const char *const cache_choices[] = {
	[CACHE_STRICT] = "strict",
	[CACHE_WRITEBACK] = "writeback",
	[CACHE_NONE] = "none",
	NULL,
};

static const struct setting rows[] = {
	{
		.name = "cache",
		.argument = "strict|writeback|none",
		.help = "writes: on the bricks, buffered, or O_DIRECT",
		.kind = SETTING_CHOICE,
		.offset = offsetof(struct volume_options, cache),
		.choices = cache_choices,
		.initial = "strict",
	},
	{
		.name = "ping-timeout",
		.argument = "SECONDS",
		.help = "give up a silent brick after this",
		.kind = SETTING_NUMBER,
		.offset = offsetof(struct volume_options, ping_timeout_s),
		.least = 1,
		.most = 1013, /* what gluster's own option allows */
		.initial = "10",
	},
	{
		.name = "gluster-log-level",
		.argument = "0-9",
		.help = "of this volume, instead of --gluster-log-level",
		.kind = SETTING_NUMBER,
		.offset = offsetof(struct volume_options, log_level),
		.most = 9,
	},
	{
		.name = "read-only",
		.argument = "true|false",
		.help = "refuse every change",
		.kind = SETTING_BOOL,
		.offset = offsetof(struct volume_options, read_only),
		.initial = "false",
	},
};

const struct setting_table volume_settings = { rows, sizeof(rows) / sizeof(rows[0]) };

int config_volume_append(struct config *config, const char *name,
			 struct volume_options **ret_volume, char *why)
{
	struct volume_options volume = { .log_level = LOG_LEVEL_INHERITED };
	struct volume_options *grown;
	int r;

	if (!volume_name_valid(name))
		return config_refuse(why,
				     "\"%s\" is not a name of 1 to 64 letters, digits, '_', '.', "
				     "'-' that begins with neither '.' nor '-'",
				     name);
	r = setting_apply_defaults(&volume_settings, &volume, why);
	if (r < 0)
		return r;
	grown = reallocarray(config->volumes, config->n_volumes + 1, sizeof(*grown));
	if (!grown)
		return config_no_memory(why);
	config->volumes = grown;
	volume.name = strdup(name);
	if (!volume.name)
		return config_no_memory(why);
	*ret_volume = &grown[config->n_volumes++];
	**ret_volume = volume;
	return 0;
}

static int parse_uri(const char *text, struct gluster_uri *ret_uri, char *why)
{
	struct gluster_uri_error error = { 0 };
	int r = gluster_uri_parse(text, ret_uri, &error);

	if (r == -ENOMEM)
		return config_no_memory(why);
	if (r < 0)
		return config_refuse(why, "%s: %s (at byte %zu)", text, error.reason,
				     error.position);
	if (ret_uri->image) {
		gluster_uri_clear(ret_uri);
		return config_refuse(why, "%s: has an image behind the volume", text);
	}
	return 0;
}

int config_volume_set_uri(struct volume_options *volume, const char *text, char *why)
{
	struct gluster_uri uri = { 0 };
	const char *reason;
	int r = parse_uri(text, &uri, why);

	if (r < 0)
		return r;
	if (!volume->uri.volume) {
		volume->uri = uri;
		return 0;
	}
	r = gluster_uri_merge(&volume->uri, &uri, &reason);
	gluster_uri_clear(&uri);
	if (r == -ENOMEM)
		return config_no_memory(why);
	return r < 0 ? config_refuse(why, "%s: %s", text, reason) : 0;
}

/* Where the options begin: commas separate servers as well, so only behind the path's '/'. */
static char *find_options(char *uri)
{
	char *slashes = strstr(uri, "//");
	char *path = uri;

	if (slashes && (slashes == uri || slashes[-1] == ':'))
		path = slashes + strlen("//");
	path += strcspn(path, "/");
	return strchr(path, ',');
}

static int apply_option(struct volume_options *volume, const char *option, char *why)
{
	size_t length = strcspn(option, "=");
	const struct setting *row = setting_find(&volume_settings, option, length);

	if (!row)
		return config_refuse(why, "%.*s: unknown option", (int)length, option);
	if (!option[length])
		return config_refuse(why, "%s: needs a value", row->name);
	if (setting_apply(row, volume, option + length + 1, why) < 0)
		return config_refuse_within(why, row->name);
	return 0;
}

/* Takes apart what is behind the '=' of NAME=URI,OPTION=VALUE. */
static int apply_rest(struct volume_options *volume, char *rest, char *why)
{
	char *options = find_options(rest);
	char *option;
	int r;

	if (options)
		*options++ = '\0';
	r = config_volume_set_uri(volume, rest, why);
	while (r == 0 && (option = strsep(&options, ",")))
		r = apply_option(volume, option, why);
	return r < 0 ? config_refuse_within(why, volume->name) : 0;
}

int config_volume_add(struct config *config, const char *text, char *why)
{
	struct volume_options *volume;
	char *copy, *rest;
	int r;

	if (!strchr(text, '='))
		return config_refuse(why, "\"%s\" is not NAME=GLUSTER-URI", text);
	rest = copy = strdup(text);
	if (!copy)
		return config_no_memory(why);
	r = config_volume_append(config, strsep(&rest, "="), &volume, why);
	if (r == 0)
		r = apply_rest(volume, rest, why);
	free(copy);
	return r;
}

static int add_local(struct config *config, char *why)
{
	struct volume_options *volume;
	int r = config_volume_append(config, LOCAL_NAME, &volume, why);

	if (r == 0)
		volume->local_dir = config->local;
	return r;
}

static int check_name(const struct config *config, size_t index, char *why)
{
	const char *name = config->volumes[index].name;

	for (size_t i = 0; i < index; i++) {
		if (strcmp(config->volumes[i].name, name) != 0)
			continue;
		if (config->volumes[index].local_dir)
			return config_refuse(why, "volume: %s is the name of the volume of --local",
					     name);
		return config_refuse(why, "volume: %s is given twice", name);
	}
	return 0;
}

static void warn_of_volume(struct config *config, const struct volume_options *volume)
{
	if (volume->uri.transport == GLUSTER_RDMA)
		config_warn(config, "volume: %s: rdma runs over tcp, libgfapi has no other",
			    volume->name);
	if (volume->log_level >= LOG_LEVEL_WITH_PASSWORDS)
		config_warn(config,
			    "gluster-log-level: %d writes passwords of volume %s into the log",
			    volume->log_level, volume->name);
}

int config_volume_finish(struct config *config, char *why)
{
	int r = config->local ? add_local(config, why) : 0;

	if (r < 0)
		return r;
	if (config->n_volumes == 0)
		return config_refuse(why, "volume: there is none; give --volume or --local");
	for (size_t i = 0; i < config->n_volumes; i++) {
		struct volume_options *volume = &config->volumes[i];

		r = check_name(config, i, why);
		if (r < 0)
			return r;
		volume->log_file = config->gluster_log;
		if (volume->log_level == LOG_LEVEL_INHERITED)
			volume->log_level = config->gluster_log_level;
		warn_of_volume(config, volume);
	}
	return 0;
}

void config_volume_clear(struct config *config)
{
	for (size_t i = 0; i < config->n_volumes; i++) {
		free((char *)config->volumes[i].name); /* ours, though readers may only read it */
		gluster_uri_clear(&config->volumes[i].uri);
	}
	free(config->volumes);
	config->volumes = NULL;
	config->n_volumes = 0;
}
