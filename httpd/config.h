/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_CONFIG_H
#define HTTPD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "block/volume.h"
#include "httpd/log.h"

/* Where to accept connections. */
struct listen_address {
	bool is_unix;
	struct sockaddr_storage addr;
	socklen_t len;
	char *text; /* as it was written */
};

/* What flags and file say. Owns all it points to; nobody writes to it after config_load(). */
struct config {
	struct listen_address *listen; /* at least one */
	size_t n_listen;
	struct volume_options *volumes; /* at least one; names differ; the local one is last */
	size_t n_volumes;
	char *local; /* folder of the embedded volume, NULL: there is none */
	bool insecure;
	unsigned int threads;
	unsigned int max_connections;
	uint64_t max_inflight_bytes;
	unsigned int request_deadline_s;
	unsigned int idle_timeout_s;
	unsigned int drain_timeout_s;
	enum log_format log_format;
	enum log_level log_level;
	char *gluster_log; /* NULL: standard error */
	int gluster_log_level;
	char **warnings; /* allowed, but the operator should know; one line each */
	size_t n_warnings;
};

enum config_action {
	CONFIG_RUN,
	CONFIG_CHECK,	/* the configuration is good, and no more was asked */
	CONFIG_HELP,	/* print config_print_help() */
	CONFIG_VERSION, /* print the version */
	CONFIG_ERROR,	/* print the error, exit with 2 */
};

#define CONFIG_ERROR_SIZE 512

/*
 * config_load() - read flags, and the file that --config names
 * @argc, @argv: as main() got them; borrowed for the call
 * @ret_config: on CONFIG_RUN and CONFIG_CHECK gets the result, given to the caller (config_free());
 *              untouched otherwise
 * @error: on CONFIG_ERROR gets one line that names the setting, and in the file its line. It may
 *         hold bytes that the user wrote: print it through the log, which escapes them
 *
 * A flag wins over the file; a list given by flags replaces the list of the file. The file is
 * checked completely all the same. Prints nothing, opens nothing but the file.
 */
enum config_action config_load(int argc, char *const argv[], struct config **ret_config,
			       char error[static CONFIG_ERROR_SIZE]);

/* config_free() - free a configuration (takes; NULL is allowed) */
void config_free(struct config *config);

/* config_print_help() - write the text of --help to @out */
void config_print_help(FILE *out);

#endif
