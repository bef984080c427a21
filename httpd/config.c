/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings of the process, and the order in which their sources are read: defaults, file,
 * flags. Flags are taken apart here rather than by getopt_long(): it would accept abbreviations,
 * which a later option can make ambiguous, and print its own errors.
 */
#include "httpd/config_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 32

static const char *const log_format_choices[] = {
	[LOG_FORMAT_TEXT] = "text",
	[LOG_FORMAT_JSON] = "json",
	NULL,
};

static const char *const log_level_choices[] = {
	[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
	[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",     NULL,
};

static const struct setting rows[] = {
	{
		.name = "config",
		.argument = "FILE",
		.help = "JSON object with the same names; a flag wins over it",
		.kind = SETTING_FILE,
	},
	{
		.name = "listen",
		.argument = "ADDR:PORT|unix:PATH",
		.help = "accept connections here; may be repeated",
		.kind = SETTING_LISTEN,
		.initial = "127.0.0.1:8080",
	},
	{
		.name = "volume",
		.argument = "NAME=GLUSTER-URI[,OPTION=VALUE]...",
		.help = "serve this volume; may be repeated",
		.kind = SETTING_VOLUME,
	},
	{
		.name = "local",
		.argument = "DIR",
		.help = "serve a volume \"local\" that this process keeps in DIR",
		.kind = SETTING_TEXT,
		.offset = offsetof(struct config, local),
	},
	{
		.name = "insecure",
		.help = "allow to listen beyond loopback without authentication",
		.kind = SETTING_SWITCH,
		.offset = offsetof(struct config, insecure),
	},
	{
		.name = "threads",
		.argument = "N",
		.help = "threads that serve HTTP",
		.kind = SETTING_NUMBER,
		.offset = offsetof(struct config, threads),
		.least = 1,
		.most = 64,
		.initial = "2",
	},
	{
		.name = "max-connections",
		.argument = "N",
		.help = "refuse more than these",
		.kind = SETTING_NUMBER,
		.offset = offsetof(struct config, max_connections),
		.least = 1,
		.most = 1000000,
		.initial = "10000",
	},
	{
		.name = "max-inflight-bytes",
		.argument = "BYTES",
		.help = "memory for data under way; suffix K, M or G",
		.kind = SETTING_SIZE,
		.offset = offsetof(struct config, max_inflight_bytes),
		.least = UINT64_C(16) << 20,
		.most = UINT64_C(1) << 40,
		.initial = "256M",
	},
	{
		.name = "request-deadline",
		.argument = "SECONDS",
		.help = "answer 504 when gluster takes longer",
		.kind = SETTING_NUMBER,
		.offset = offsetof(struct config, request_deadline_s),
		.least = 1,
		.most = 86400,
		.initial = "30",
	},
	{
		.name = "idle-timeout",
		.argument = "SECONDS",
		.help = "close connections that are silent for longer",
		.kind = SETTING_NUMBER,
		.offset = offsetof(struct config, idle_timeout_s),
		.least = 1,
		.most = 86400,
		.initial = "60",
	},
	{
		.name = "drain-timeout",
		.argument = "SECONDS",
		.help = "let requests finish for this long when stopping",
		.kind = SETTING_NUMBER,
		.offset = offsetof(struct config, drain_timeout_s),
		.most = 86400,
		.initial = "30",
	},
	{
		.name = "log-format",
		.argument = "text|json",
		.help = "form of the log on standard error",
		.kind = SETTING_CHOICE,
		.offset = offsetof(struct config, log_format),
		.choices = log_format_choices,
		.initial = "text",
	},
	{
		.name = "log-level",
		.argument = "LEVEL",
		.help = "error, warning, notice, info or debug",
		.kind = SETTING_CHOICE,
		.offset = offsetof(struct config, log_level),
		.choices = log_level_choices,
		.initial = "info",
	},
	{
		.name = "gluster-log",
		.argument = "FILE",
		.help = "where libgfapi logs (default standard error)",
		.kind = SETTING_TEXT,
		.offset = offsetof(struct config, gluster_log),
	},
	{
		.name = "gluster-log-level",
		.argument = "0-9",
		.help = "how much libgfapi logs; 7 and above show passwords",
		.kind = SETTING_NUMBER,
		.offset = offsetof(struct config, gluster_log_level),
		.most = 9,
		.initial = "4",
	},
	{
		.name = "check-config",
		.help = "say whether flags and file are good, and exit",
		.kind = SETTING_ACTION,
		.action = CONFIG_CHECK,
	},
	{
		.name = "version",
		.help = "print the version and exit",
		.kind = SETTING_ACTION,
		.action = CONFIG_VERSION,
	},
	{
		.name = "help",
		.help = "print this text and exit",
		.kind = SETTING_ACTION,
		.action = CONFIG_HELP,
	},
};

const struct setting_table config_settings = { rows, sizeof(rows) / sizeof(rows[0]) };

struct flag {
	const struct setting *row;
	const char *value;
};

struct flags {
	struct flag *items;
	size_t count;
	const char *file;
	enum config_action action;
};

static bool is_list(const struct setting *row)
{
	return row->kind == SETTING_LISTEN || row->kind == SETTING_VOLUME;
}

/* Reads the flag at argv[*index], and moves on to its value where that is the next word. */
static int read_flag(char *const argv[], int *index, struct flag *ret_flag, char *why)
{
	const char *word = argv[*index], *name = word + strlen("--");
	const struct setting *row;
	bool has_value;
	size_t length;

	if (strncmp(word, "--", strlen("--")) != 0)
		return config_refuse(why, "%s: options begin with --", word);
	length = strcspn(name, "=");
	row = setting_find(&config_settings, name, length);
	if (!row)
		return config_refuse(why, "%.*s: unknown option", (int)length + 2, word);
	has_value = row->kind != SETTING_SWITCH && row->kind != SETTING_ACTION;
	if (name[length] && !has_value)
		return config_refuse(why, "--%s: takes no value", row->name);
	if (!name[length] && has_value && !argv[*index + 1])
		return config_refuse(why, "--%s: needs a value", row->name);
	ret_flag->row = row;
	if (name[length])
		ret_flag->value = name + length + 1;
	else
		ret_flag->value = has_value ? argv[++*index] : "true";
	return 0;
}

static bool is_given(const struct flags *flags, const struct setting *row)
{
	for (size_t i = 0; i < flags->count; i++) {
		if (flags->items[i].row == row)
			return true;
	}
	return false;
}

/* Stops at --help and --version: what comes behind them does not matter. */
static int read_flags(char *const argv[], struct flags *flags, char *why)
{
	struct flag flag;
	int r;

	for (int i = 1; argv[i]; i++) {
		r = read_flag(argv, &i, &flag, why);
		if (r < 0)
			return r;
		if (is_given(flags, flag.row) && !is_list(flag.row))
			return config_refuse(why, "--%s: is given twice", flag.row->name);
		flags->items[flags->count++] = flag;
		if (flag.row->kind == SETTING_FILE)
			flags->file = flag.value;
		if (flag.row->kind == SETTING_ACTION)
			flags->action = flag.row->action;
		if (flags->action == CONFIG_HELP || flags->action == CONFIG_VERSION)
			break;
	}
	return 0;
}

static int apply_flags(struct config *config, const struct flags *flags, char *why)
{
	char place[64];

	if (is_given(flags, setting_find(&config_settings, "listen", strlen("listen"))))
		config_listen_clear(config);
	if (is_given(flags, setting_find(&config_settings, "volume", strlen("volume"))))
		config_volume_clear(config);
	for (size_t i = 0; i < flags->count; i++) {
		const struct flag *flag = &flags->items[i];

		if (flag->row->kind == SETTING_FILE || flag->row->kind == SETTING_ACTION)
			continue;
		if (setting_apply(flag->row, config, flag->value, why) < 0) {
			snprintf(place, sizeof(place), "--%s", flag->row->name);
			return config_refuse_within(why, place);
		}
	}
	return 0;
}

static int fill(struct config *config, const struct flags *flags, char *why)
{
	const struct setting *listen = setting_find(&config_settings, "listen", strlen("listen"));
	int r = setting_apply_defaults(&config_settings, config, why);

	if (r == 0 && flags->file)
		r = config_file_load(config, flags->file, why);
	if (r == 0)
		r = apply_flags(config, flags, why);
	if (r == 0 && config->n_listen == 0)
		r = setting_apply(listen, config, listen->initial, why);
	if (r == 0)
		r = config_listen_check(config, why);
	if (r == 0)
		r = config_volume_finish(config, why);
	return r;
}

enum config_action config_load(int argc, char *const argv[], struct config **ret_config,
			       char error[static CONFIG_ERROR_SIZE])
{
	struct flags flags = { .action = CONFIG_RUN };
	enum config_action action = CONFIG_ERROR;
	struct config *config = calloc(1, sizeof(*config));

	flags.items = calloc((size_t)argc + 1, sizeof(*flags.items));
	if (!config || !flags.items) {
		config_no_memory(error);
		goto end;
	}
	if (read_flags(argv, &flags, error) < 0)
		goto end;
	action = flags.action;
	if (action != CONFIG_RUN && action != CONFIG_CHECK)
		goto end;
	if (fill(config, &flags, error) < 0) {
		action = CONFIG_ERROR;
		goto end;
	}
	*ret_config = config;
	config = NULL;
end:
	config_free(config);
	free(flags.items);
	return action;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	config_listen_clear(config);
	config_volume_clear(config);
	for (size_t i = 0; i < config->n_warnings; i++)
		free(config->warnings[i]);
	free(config->warnings);
	free(config->local);
	free(config->gluster_log);
	free(config);
}

static void print_row(FILE *out, const struct setting *row, const char *lead, char separator)
{
	int width = row->argument ?
			    fprintf(out, "  %s%s%c%s", lead, row->name, separator, row->argument) :
			    fprintf(out, "  %s%s", lead, row->name);

	if (width >= HELP_COLUMN - 1) {
		fputc('\n', out);
		width = 0;
	}
	fprintf(out, "%*s%s", HELP_COLUMN - width, "", row->help);
	if (row->initial)
		fprintf(out, " (%s)", row->initial);
	fputc('\n', out);
}

void config_print_help(FILE *out)
{
	fputs("Usage: gluster-imaged [OPTION]...\n"
	      "Serve disk images on GlusterFS volumes over HTTP. Defaults are in parentheses.\n\n",
	      out);
	for (size_t i = 0; i < config_settings.count; i++)
		print_row(out, &config_settings.rows[i], "--", ' ');
	fputs("\nOptions of a volume:\n", out);
	for (size_t i = 0; i < volume_settings.count; i++)
		print_row(out, &volume_settings.rows[i], "", '=');
	fputs("\nA GLUSTER-URI is gluster[+tcp|+rdma]://[SERVER[:PORT],...]/VOLUME or\n"
	      "gluster+unix:///VOLUME?socket=PATH.\n",
	      out);
}
