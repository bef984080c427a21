/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_CONFIG_INTERNAL_H
#define HTTPD_CONFIG_INTERNAL_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "httpd/config.h"

/*
 * What the config*.c files share. Every setting is a row of a table: config_settings of the
 * process, volume_settings of one volume. A value is always set from text by setting_apply(),
 * whether a flag, the file or the row's own default brings it.
 *
 * Functions that take @why answer 0 or -EINVAL or -ENOMEM with one line in it.
 */

enum setting_kind {
	SETTING_SWITCH, /* bool; a flag without a value */
	SETTING_NUMBER, /* unsigned int; least, most */
	SETTING_SIZE,	/* uint64_t; the same, with suffix K, M or G */
	SETTING_BOOL,	/* bool; true or false */
	SETTING_CHOICE, /* enum; one of choices, in the order of the enum's values */
	SETTING_TEXT,	/* char *; not empty */
	SETTING_LISTEN, /* list */
	SETTING_VOLUME, /* list */
	SETTING_FILE,	/* --config */
	SETTING_ACTION, /* the answer of config_load() */
};

struct setting {
	const char *name;
	const char *argument; /* what --help calls the value */
	const char *help;
	size_t offset; /* of the member that it sets */
	uint64_t least, most;
	const char *const *choices; /* NULL-terminated */
	const char *initial;	    /* the default as text; NULL leaves the member zero */
	enum setting_kind kind;
	enum config_action action;
};

struct setting_table {
	const struct setting *rows;
	size_t count;
};

extern const struct setting_table config_settings;
extern const struct setting_table volume_settings;

/* setting_find() - the row called @name (not NUL-terminated, @length bytes), or NULL */
const struct setting *setting_find(const struct setting_table *table, const char *name,
				   size_t length);

/*
 * setting_apply() - set the member of @subject that @row describes
 * @subject: the struct config, or the struct volume_options, that the row's table is about
 * @text: the value, borrowed
 *
 * Adds to the member if it is a list.
 */
int setting_apply(const struct setting *row, void *subject, const char *text, char *why);

/* setting_apply_defaults() - set all members but lists that have a default */
int setting_apply_defaults(const struct setting_table *table, void *subject, char *why);

/* config_explain() - put a line into @why (CONFIG_ERROR_SIZE bytes) */
__attribute__((format(printf, 2, 3))) void config_explain(char *why, const char *format, ...);

/* config_refuse() - explain, and be -EINVAL; a macro so that compilers see that it fails */
#define config_refuse(why, ...) (config_explain((why), __VA_ARGS__), -EINVAL)

/* config_refuse_within() - put "@place: " before the reason in @why; returns -EINVAL */
int config_refuse_within(char *why, const char *place);

/* config_no_memory() - say so in @why; returns -ENOMEM */
int config_no_memory(char *why);

/* config_warn() - add a line to the warnings; lost without memory */
__attribute__((format(printf, 2, 3))) void config_warn(struct config *config, const char *format,
						       ...);

/* config_file_load() - apply the JSON file at @path to @config */
int config_file_load(struct config *config, const char *path, char *why);

/* config_listen_add() - add an address: ADDR:PORT or unix:PATH */
int config_listen_add(struct config *config, const char *text, char *why);

/* config_listen_check() - refuse addresses given twice, and open ones without --insecure */
int config_listen_check(const struct config *config, char *why);

/* config_listen_clear() - empty the list */
void config_listen_clear(struct config *config);

/* config_volume_add() - add a volume: NAME=GLUSTER-URI[,OPTION=VALUE]... */
int config_volume_add(struct config *config, const char *text, char *why);

/*
 * config_volume_append() - add a volume that has a name (borrowed) and defaults only
 *
 * *ret_volume stays with @config, and is valid until the next volume is added.
 */
int config_volume_append(struct config *config, const char *name,
			 struct volume_options **ret_volume, char *why);

/* config_volume_set_uri() - set the volume's URI, or add the servers of a further one to it */
int config_volume_set_uri(struct volume_options *volume, const char *text, char *why);

/* config_volume_finish() - add the local volume, let volumes inherit, check and warn */
int config_volume_finish(struct config *config, char *why);

/* config_volume_clear() - empty the list */
void config_volume_clear(struct config *config);

#endif
