/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start and stop. Signals are blocked before there is a second thread and then taken one by one:
 *
 *   config -> log -> signals -> listen -> volumes connect, serving begins -> READY=1
 *   SIGTERM, SIGINT -> drain -> close -> 0; a second one, or the drain timeout -> 3
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "block/clock.h"
#include "httpd/config.h"
#include "httpd/log.h"
#include "httpd/server.h"

enum exit_code { EXIT_CLEAN = 0, EXIT_NO_START = 1, EXIT_USAGE = 2, EXIT_FORCED = 3 };

/* One descriptor for each connection, and room for gluster and the listeners. */
static void raise_descriptor_limit(const struct config *config)
{
	rlim_t wanted = (rlim_t)config->max_connections + 1024;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (limit.rlim_cur < wanted && geteuid() == 0)
		limit.rlim_cur = limit.rlim_max = wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < wanted)
		log_warning("max-connections: %u may need more descriptors than the limit of %llu",
			    config->max_connections, (unsigned long long)limit.rlim_cur);
}

static void block_signals(sigset_t *ret_signals)
{
	sigemptyset(ret_signals);
	sigaddset(ret_signals, SIGTERM);
	sigaddset(ret_signals, SIGINT);
	sigaddset(ret_signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void announce(const struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++)
		printf("listening on %s\n", listeners->sockets[i].text);
	fflush(stdout);
	sd_notify(0, "READY=1");
}

/* Wait until it is time to stop. */
static void wait_for_stop(const sigset_t *signals)
{
	int signal;

	while (!sigwait(signals, &signal)) {
		if (signal != SIGHUP)
			return;
		log_notice("SIGHUP: the configuration is read at start only");
	}
}

/* Drain until nothing runs, the timeout ends, or a second signal comes. Return: what is left. */
static size_t drain(struct server *server, const sigset_t *signals)
{
	uint64_t end_ns = clock_now() + server->config->drain_timeout_s * NS_PER_S;
	const struct timespec now = { .tv_nsec = 0 };
	size_t left;

	do {
		uint64_t until_ns = clock_now() + 100 * NS_PER_MS;

		left = server_drain(server, until_ns < end_ns ? until_ns : end_ns);
		if (left && sigtimedwait(signals, NULL, &now) > 0)
			break;
	} while (left && clock_now() < end_ns);
	return left;
}

static int run(const struct config *config)
{
	struct server server = { .config = config };
	struct listeners listeners = { .count = 0 };
	sigset_t signals;
	char why[512];
	bool unflushed = false;
	size_t left;
	int code;

	raise_descriptor_limit(config);
	block_signals(&signals);
	if (listeners_open(config, &listeners, why, sizeof(why))) {
		log_error("%s", why);
		return EXIT_NO_START;
	}
	if (server_start(&server, &listeners, why, sizeof(why))) {
		log_error("%s", why);
		listeners_close(&listeners);
		return EXIT_NO_START;
	}
	announce(&listeners);
	wait_for_stop(&signals);
	log_notice("stopping");
	sd_notify(0, "STOPPING=1");
	server_refuse(&server);
	listeners_close(&listeners);
	left = drain(&server, &signals);
	if (left) {
		log_error("stopped with %zu requests not done", left);
		flights_log(&server.flights);
		log_flush();
		_exit(EXIT_FORCED);
	}
	left = (size_t)server_stop(&server, &unflushed);
	code = unflushed ? EXIT_FORCED : EXIT_CLEAN;
	if (left)
		_exit(code); /* glfs_fini takes ten seconds for nothing: all is closed */
	return code;
}

int main(int argc, char **argv)
{
	char error[CONFIG_ERROR_SIZE];
	struct config *config = NULL;
	enum config_action action = config_load(argc, argv, &config, error);
	int code = EXIT_CLEAN;

	switch (action) {
	case CONFIG_HELP:
		config_print_help(stdout);
		return EXIT_CLEAN;
	case CONFIG_VERSION:
		printf("gluster-imaged %s\n", GI_VERSION);
		return EXIT_CLEAN;
	case CONFIG_ERROR:
		log_error("%s", error);
		return EXIT_USAGE;
	case CONFIG_CHECK:
	case CONFIG_RUN:
		break;
	}
	log_init(config->log_format, config->log_level);
	for (size_t i = 0; i < config->n_warnings; i++)
		log_warning("%s", config->warnings[i]);
	if (action == CONFIG_RUN)
		code = run(config);
	else
		printf("configuration is good\n");
	config_free(config);
	log_flush();
	return code;
}
