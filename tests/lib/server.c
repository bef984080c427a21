/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/http.h"
#include "tests/lib/server.h"

#define POLL_MS	  10
#define FLAGS_MAX 32

__attribute__((format(printf, 1, 2), noreturn)) static void bail_out(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("Bail out! ");
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	exit(1);
}

static const char *in_dir(const struct server *server, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", server->dir, name);
	return path;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

static void remove_tree(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A process that removes the directory when this one is gone, however it went. */
static void start_janitor(const struct server *server)
{
	int ends[2];
	char byte;

	fflush(stdout);
	if (pipe2(ends, O_CLOEXEC))
		bail_out("pipe2: %m");
	if (fork() != 0) {
		close(ends[0]); /* the other end stays open for as long as this process lives */
		return;
	}
	setsid();
	for (int fd = 0; fd <= ends[1]; fd++) {
		if (fd != ends[0])
			close(fd);
	}
	if (read(ends[0], &byte, 1) == 0)
		remove_tree(server->dir);
	_exit(0);
}

static bool backend_is_fake(void)
{
	const char *backend = getenv("GI_BACKEND");

	if (backend && strcmp(backend, "fake") && strcmp(backend, "local"))
		bail_out("GI_BACKEND is fake or local, not %s", backend);
	return !backend || !strcmp(backend, "fake");
}

void server_need_fake(void)
{
	if (backend_is_fake())
		return;
	puts("1..0 # SKIP needs the rules of the fake gluster");
	exit(0);
}

void server_open(struct server *server)
{
	*server = (struct server){ .fake = backend_is_fake() };
	server->volume = server->fake ? "vm" : "local";
	if (!server->fake && geteuid() != 0) {
		puts("1..0 # SKIP a brick needs root");
		exit(0);
	}
	snprintf(server->dir, sizeof(server->dir), "/tmp/gluster-imaged-test-XXXXXX");
	if (!mkdtemp(server->dir))
		bail_out("mkdtemp: %m");
	start_janitor(server);
	if (server->fake)
		mkdir(in_dir(server, "root"), 0755);
	if (mkdir(in_dir(server, server->fake ? "root/vm" : "local"), 0755))
		bail_out("mkdir in %s: %m", server->dir);
}

static void run_daemon(const struct server *server, const char *const *flags, pid_t parent)
{
	const char *program = getenv("GI_SERVER");
	const char *argv[FLAGS_MAX] = { program ? program : "build/gluster-imaged", "--listen",
					"127.0.0.1:0" };
	int log = open(in_dir(server, "log"), O_WRONLY | O_CREAT | O_APPEND, 0600);
	int argc = 3;

	argv[argc++] = server->fake ? "--volume" : "--local";
	argv[argc++] = server->fake ? "vm=gluster://fake/vm" : in_dir(server, "local");
	for (int i = 0; flags && flags[i] && argc < FLAGS_MAX - 1; i++)
		argv[argc++] = flags[i];
	setenv("GLFS_FAKE_ROOT", in_dir(server, "root"), 1);
	setenv("GLFS_FAKE_RULES", in_dir(server, "rules"), 1);
	setenv("GLFS_FAKE_TRACE", in_dir(server, "trace"), 1);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	execvp(argv[0], (char *const *)argv);
	dprintf(STDERR_FILENO, "exec %s: %s\n", argv[0], strerrorname_np(errno));
	_exit(127);
}

/* Calls what() with every line of a file; returns the sum. */
static int each_line(const char *path, int (*what)(char *line, void *data), void *data)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int sum = 0;

	if (!file)
		return 0;
	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		sum += what(line, data);
	}
	free(line);
	fclose(file);
	return sum;
}

static int print_line(char *line, void *data)
{
	(void)data;
	return printf("# | %s\n", line);
}

void server_print_log(const struct server *server)
{
	each_line(in_dir(server, "log"), print_line, NULL);
}

static int line_has(char *line, void *data)
{
	return strstr(line, data) != NULL;
}

bool server_log_has(const struct server *server, const char *text)
{
	return each_line(in_dir(server, "log"), line_has, (void *)text) > 0;
}

/* "listening on 127.0.0.1:PORT", perhaps with a scheme, perhaps inside of a log line */
static int line_port(char *line, void *data)
{
	uint16_t *port = data;
	char *at = strstr(line, "listening on ");

	at = at ? strstr(at, "127.0.0.1:") : NULL;
	if (at)
		*port = (uint16_t)strtoul(at + strlen("127.0.0.1:"), NULL, 10);
	return 0;
}

static int exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Waits at most @timeout_ms for the end of the daemon: its exit code, or -1. */
static int wait_exit(struct server *server, int timeout_ms)
{
	struct pollfd pfd = { -1, POLLIN, 0 };
	int status, ret;

	if (!server->pid)
		return -1;
	pfd.fd = pidfd_open(server->pid, 0);
	do
		ret = poll(&pfd, 1, timeout_ms);
	while (ret < 0 && errno == EINTR);
	close(pfd.fd);
	if (ret <= 0 || waitpid(server->pid, &status, 0) != server->pid)
		return -1;
	server->pid = 0;
	return exit_code(status);
}

/* It did not come up: print why, leave nothing running. */
static bool give_up(struct server *server, int code)
{
	printf("# the server is not up (exit code %d), its log:\n", code);
	server_print_log(server);
	if (server->pid) {
		server_signal(server, SIGKILL);
		server_wait(server);
	}
	return false;
}

bool server_spawn(struct server *server, const char *const *flags)
{
	pid_t parent = getpid();
	int code = -1;

	fflush(stdout);
	unlink(in_dir(server, "log"));
	server->port = 0;
	server->pid = fork();
	if (server->pid < 0)
		bail_out("fork: %m");
	if (server->pid == 0)
		run_daemon(server, flags, parent);
	for (int waited = 0; waited < SERVER_TIMEOUT_MS && code < 0; waited += POLL_MS) {
		each_line(in_dir(server, "log"), line_port, &server->port);
		if (server->port)
			return true;
		code = wait_exit(server, POLL_MS);
	}
	return give_up(server, code);
}

bool server_ready(struct server *server)
{
	struct http *web = http_open(server->port);
	bool ready = false;
	int code = -1;

	for (int waited = 0; waited < SERVER_TIMEOUT_MS && code < 0 && !ready; waited += POLL_MS) {
		ready = http(web, "GET", "/readyz")->status == 200;
		if (!ready)
			code = wait_exit(server, POLL_MS);
	}
	http_close(web);
	return ready || give_up(server, code);
}

bool server_start(struct server *server, const char *const *flags)
{
	return server_spawn(server, flags) && server_ready(server);
}

void server_signal(const struct server *server, int signal)
{
	if (server->pid)
		kill(server->pid, signal);
}

int server_wait(struct server *server)
{
	return wait_exit(server, SERVER_TIMEOUT_MS);
}

int server_stop(struct server *server)
{
	int code;

	server_signal(server, SIGTERM);
	code = server_wait(server);
	if (server->pid) {
		server_signal(server, SIGKILL);
		server_wait(server);
		return -1;
	}
	return code;
}

void server_close(struct server *server)
{
	if (server->pid) {
		server_signal(server, SIGKILL);
		server_wait(server);
	}
	remove_tree(server->dir);
}

const char *server_image_path(const struct server *server, const char *image)
{
	static char paths[4][PATH_MAX];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_MAX, "%s/%s/%s", server->dir, server->fake ? "root/vm" : "local/brick",
		 image);
	return path;
}

void server_rules(const struct server *server, const char *rules)
{
	FILE *file = fopen(in_dir(server, "rules.new"), "we");

	if (!file || fputs(rules, file) < 0 || fclose(file) ||
	    rename(in_dir(server, "rules.new"), in_dir(server, "rules")))
		bail_out("cannot write the rules: %m");
}

void server_trace_clear(const struct server *server)
{
	if (truncate(in_dir(server, "trace"), 0) && errno != ENOENT)
		bail_out("cannot clear the trace: %m");
}

struct trace_want {
	const char *op;
	const char *image;
};

/* A line is: op mode offset length dsync path */
static int line_matches(char *line, void *data)
{
	const struct trace_want *want = data;
	char *op = strsep(&line, " ");

	for (int i = 0; i < 4 && line; i++)
		strsep(&line, " ");
	return (!want->op || !strcmp(op, want->op)) &&
	       (!want->image || (line && !strcmp(line, want->image)));
}

int server_trace_count(const struct server *server, const char *op, const char *image)
{
	struct trace_want want = { op, image };

	return each_line(in_dir(server, "trace"), line_matches, &want);
}

bool server_trace_wait(const struct server *server, const char *op, int count)
{
	struct timespec pause = { 0, POLL_MS * 1000000 };

	for (int waited = 0; waited < SERVER_TIMEOUT_MS; waited += POLL_MS) {
		if (server_trace_count(server, op, NULL) >= count)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}
