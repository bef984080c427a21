/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon under test, started by black-box tests in a private directory.
 *
 *   GI_SERVER   the program (build/gluster-imaged)
 *   GI_BACKEND  "fake": volume vm on the fake gluster, which must be linked into the program;
 *               "local": volume local, by --local, on a brick process of its own (needs root)
 */
#ifndef TESTS_LIB_SERVER_H
#define TESTS_LIB_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVER_TIMEOUT_MS 60000

struct server {
	pid_t pid; /* 0: not running */
	uint16_t port;
	bool fake;
	const char *volume;
	char dir[64]; /* private; removed by server_close() */
};

/** server_need_fake() - for tests that need fault rules: skip and exit with another backend */
void server_need_fake(void);

/**
 * server_open() - make the private directory and choose the backend
 *
 * Prints a TAP skip and exits when the backend cannot run here, bails out on errors.
 */
void server_open(struct server *server);

/**
 * server_spawn() - start the daemon and wait until it listens
 * @flags: as for server_start()
 *
 * Return: true when it listens; else the log has been printed and nothing runs
 */
bool server_spawn(struct server *server, const char *const *flags);

/** server_ready() - wait until /readyz answers 200; false if it does not in time */
bool server_ready(struct server *server);

/**
 * server_start() - server_spawn() and server_ready()
 * @flags: more arguments, ends with NULL; or NULL
 *
 * The daemon dies with this process.
 *
 * Return: true when /readyz answers 200; else the log has been printed and nothing runs
 */
bool server_start(struct server *server, const char *const *flags);

/** server_signal() - send a signal to the daemon */
void server_signal(const struct server *server, int signal);

/**
 * server_wait() - wait for its end
 *
 * Return: exit status, 128 + signal, or -1 when it still runs after SERVER_TIMEOUT_MS
 */
int server_wait(struct server *server);

/** server_stop() - SIGTERM and server_wait(); kills and returns -1 if it does not end */
int server_stop(struct server *server);

/** server_close() - kill what runs, remove the directory */
void server_close(struct server *server);

/** server_print_log() - what the daemon wrote, as TAP comments */
void server_print_log(const struct server *server);

/** server_log_has() - did the daemon write this text? */
bool server_log_has(const struct server *server, const char *text);

/** server_image_path() - where the data of an image is on this machine (rotating buffers) */
const char *server_image_path(const struct server *server, const char *image);

/** server_rules() - put fault rules in force (see tests/fake/rules.c), "" for none */
void server_rules(const struct server *server, const char *rules);

/** server_trace_clear() - forget the gluster calls up to now */
void server_trace_clear(const struct server *server);

/**
 * server_trace_count() - gluster calls since server_trace_clear()
 * @op: name of the call, or NULL for any
 * @image: name of the file, or NULL for any
 */
int server_trace_count(const struct server *server, const char *op, const char *image);

/**
 * server_trace_wait() - wait until there were @count calls of @op
 *
 * Return: false if there were not in SERVER_TIMEOUT_MS
 */
bool server_trace_wait(const struct server *server, const char *op, int count);

#endif
