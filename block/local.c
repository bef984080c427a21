/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A brick of our own. It is a child and not a thread, because storage/posix crashes inside a gfapi
 * process (glusterfs 10.3).
 *
 * Nothing may be left behind, however we end. The kernel kills the brick with us: by SIGKILL, as
 * glusterfsd neither removes its socket on SIGTERM nor has anything else to save (what it answered
 * is in the page cache). There is no pid file. The brick inherits the lock of DIR, so nobody can
 * start a second brick on the same images while one still lives; whoever has the lock may remove
 * the socket.
 */
#include "block/local.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SOCKET_NAME  "/brick.sock"
#define LONGEST_NAME "/brick.log.old"
#define PATH_SIZE    sizeof(((struct sockaddr_un *)NULL)->sun_path) /* of every path in DIR */
#define DIR_SIZE     (PATH_SIZE - sizeof(LONGEST_NAME) + 1)
#define START_MS     30000
#define STOP_MS	     1000
#define LOCK_MS	     1000
#define TURN_MS	     20

#define NO_PROGRAM "--local needs glusterfsd (Debian: glusterfs-server)"

/* Other bytes mean something in a volfile; a backquote even runs a command. */
static const char path_bytes[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+:@";

static const char brick_volfile[] = "volume posix\n"
				    "  type storage/posix\n"
				    "  option directory %s\n"
				    "end-volume\n"
				    "volume locks\n"
				    "  type features/locks\n"
				    "  subvolumes posix\n"
				    "end-volume\n"
				    "volume local\n"
				    "  type performance/io-threads\n"
				    "  subvolumes locks\n"
				    "end-volume\n"
				    "volume server\n"
				    "  type protocol/server\n"
				    "  option transport-type socket\n"
				    "  option transport.address-family unix\n"
				    "  option transport.socket.listen-path %s\n"
				    "  option auth.addr.local.allow *\n"
				    "  subvolumes local\n"
				    "end-volume\n";

static const char client_volfile[] = "volume local-client-0\n"
				     "  type protocol/client\n"
				     "  option transport-type socket\n"
				     "  option transport.address-family unix\n"
				     "  option transport.socket.connect-path %s\n"
				     "  option remote-host localhost\n"
				     "  option remote-subvolume local\n"
				     "  option ping-timeout 10\n"
				     "end-volume\n";

struct local_brick {
	/* All absolute. Made before fork(), because the child may not format text. */
	char dir[DIR_SIZE];
	char brick_vol[PATH_SIZE], client_vol[PATH_SIZE];
	char socket[PATH_SIZE], log[PATH_SIZE];
	const char *program;
	int lock;
	int pidfd; /* -1: no brick */
	pid_t pid;
};

__attribute__((format(printf, 4, 5))) static int fail(int error, char *why, size_t why_size,
						      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, why_size, fmt, args);
	va_end(args);
	return error;
}

/* The path of @name, which begins with a slash, in @dir; the bounds are the compiler's to check. */
static const char *path_in(char path[PATH_SIZE], const char dir[DIR_SIZE], const char *name)
{
	snprintf(path, PATH_SIZE, "%.*s%s", (int)DIR_SIZE - 1, dir, name);
	return path;
}

static const char *find_program(void)
{
	static const char *const places[] = { "/usr/sbin/glusterfsd",
					      "/usr/local/sbin/glusterfsd" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (access(places[i], X_OK) == 0)
			return places[i];
	}
	return NULL;
}

/* Makes @dir and finds its absolute form, fit for volfiles and socket addresses. */
static int resolve_dir(const char *dir, char ret_dir[DIR_SIZE], char *why, size_t why_size)
{
	char real[PATH_MAX];

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return fail(-errno, why, why_size, "--local: cannot create %s: %m", dir);
	if (!realpath(dir, real))
		return fail(-errno, why, why_size, "--local: %s: %m", dir);
	if (strspn(real, path_bytes) != strlen(real))
		return fail(-EINVAL, why, why_size,
			    "--local: %s: only letters, digits and /._-+:@ may be in the path",
			    real);
	if (strlen(real) >= DIR_SIZE)
		return fail(-ENAMETOOLONG, why, why_size,
			    "--local: %s: too long for a socket in it (%zu bytes at most)", real,
			    DIR_SIZE - 1);
	memcpy(ret_dir, real, strlen(real) + 1);
	return 0;
}

/* Bricks keep gluster's metadata in trusted.* attributes, which need CAP_SYS_ADMIN. */
static int check_xattrs(const char *dir, char *why, size_t why_size)
{
	static const char name[] = "trusted.gluster-imaged.test";

	if (setxattr(dir, name, "1", 1, 0) == 0 && removexattr(dir, name) == 0)
		return 0;
	if (errno == EPERM)
		return fail(
			-EPERM, why, why_size,
			"--local needs root with CAP_SYS_ADMIN: bricks keep trusted.* attributes");
	return fail(-errno, why, why_size,
		    "--local: the file system of %s takes no trusted.* attributes: %m", dir);
}

/* The lock of @dir: a descriptor or -errno. */
static int lock_dir(const char *dir, char *why, size_t why_size)
{
	char path[PATH_SIZE];
	int fd = open(path_in(path, dir, "/lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(-errno, why, why_size, "--local: %s: %m", path);
	/* A brick whose daemon was killed just now has the lock until it is gone too. */
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += TURN_MS) {
		int error = errno;

		if (error == EWOULDBLOCK && waited < LOCK_MS) {
			poll(NULL, 0, TURN_MS);
			continue;
		}
		close(fd);
		if (error == EWOULDBLOCK)
			return fail(-EBUSY, why, why_size,
				    "--local: %s is in use by another gluster-imaged", dir);
		errno = error;
		return fail(-error, why, why_size, "--local: cannot lock %s: %m", path);
	}
	return fd;
}

int local_brick_check(const char *dir, char *why, size_t why_size)
{
	char real[DIR_SIZE];
	int result;

	if (geteuid() != 0)
		return fail(-EPERM, why, why_size,
			    "--local needs root: bricks keep trusted.* extended attributes");
	if (!find_program())
		return fail(-ENOENT, why, why_size, NO_PROGRAM);
	if ((result = resolve_dir(dir, real, why, why_size)) < 0 ||
	    (result = check_xattrs(real, why, why_size)) < 0 ||
	    (result = lock_dir(real, why, why_size)) < 0)
		return result;
	close(result);
	return 0;
}

__attribute__((format(printf, 2, 3))) static int write_volfile(const char *path, const char *fmt,
							       ...)
{
	FILE *file = fopen(path, "we");
	bool written;
	va_list args;

	if (!file)
		return -errno;
	va_start(args, fmt);
	written = vfprintf(file, fmt, args) > 0;
	va_end(args);
	return fclose(file) == 0 && written ? 0 : -EIO;
}

/* Fills in all that @dir says of a new brick and writes the files. */
static int prepare_dir(struct local_brick *brick, char *why, size_t why_size)
{
	const char *dir = brick->dir;
	char data[PATH_SIZE];
	int result = 0;

	path_in(brick->brick_vol, dir, "/brick.vol");
	path_in(brick->client_vol, dir, "/client.vol");
	path_in(brick->socket, dir, SOCKET_NAME);
	path_in(brick->log, dir, "/brick.log");
	if (mkdir(path_in(data, dir, "/brick"), 0755) < 0 && errno != EEXIST)
		result = -errno;
	if (result == 0)
		result = write_volfile(brick->brick_vol, brick_volfile, data, brick->socket);
	if (result == 0)
		result = write_volfile(brick->client_vol, client_volfile, brick->socket);
	if (result == 0)
		return 0;
	errno = -result;
	return fail(result, why, why_size, "--local: cannot write in %s: %m", dir);
}

int local_brick_new(const char *dir, struct local_brick **ret_brick, char *why, size_t why_size)
{
	struct local_brick *brick = calloc(1, sizeof(*brick));
	int result;

	if (!brick)
		return fail(-ENOMEM, why, why_size, "--local: out of memory");
	brick->lock = brick->pidfd = -1;
	brick->program = find_program();
	if (!brick->program)
		result = fail(-ENOENT, why, why_size, NO_PROGRAM);
	else
		result = resolve_dir(dir, brick->dir, why, why_size);
	if (result == 0)
		brick->lock = result = lock_dir(brick->dir, why, why_size);
	if (result >= 0)
		result = prepare_dir(brick, why, why_size);
	if (result < 0) {
		local_brick_free(brick);
		return result;
	}
	*ret_brick = brick;
	return 0;
}

/*
 * Becomes the brick: in the child, where only async-signal-safe calls are allowed. Its own session,
 * so that a Ctrl-C in our terminal ends us, who need the brick to flush, and not the brick.
 */
__attribute__((noreturn)) static void become_brick(const struct local_brick *brick, int log,
						   pid_t parent)
{
	sigset_t none;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(126);
	setsid();
	umask(077);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	/* 0 and 1 read and write nothing, 2 is the log, 3 the lock. */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int lock = fcntl(brick->lock, F_DUPFD, 4);
	int text = fcntl(log, F_DUPFD, 4);

	if (null < 0 || lock < 0 || text < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(text, 2) < 0 || dup2(lock, 3) < 0 || close_range(4, ~0u, 0) < 0)
		_exit(126);
	execl(brick->program, brick->program, "-N", "-f", brick->brick_vol, "-l", brick->log, "-L",
	      "WARNING", NULL);
	_exit(127);
}

static int spawn(struct local_brick *brick)
{
	char old_log[PATH_SIZE];
	pid_t parent = getpid();
	int log, result = 0;

	rename(brick->log, path_in(old_log, brick->dir, LONGEST_NAME));
	log = open(brick->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log < 0)
		return -errno;
	brick->pid = fork();
	if (brick->pid == 0)
		become_brick(brick, log, parent);
	if (brick->pid < 0 || (brick->pidfd = pidfd_open(brick->pid, 0)) < 0)
		result = -errno;
	if (brick->pid > 0 && result < 0) {
		kill(brick->pid, SIGKILL);
		waitpid(brick->pid, NULL, 0);
	}
	close(log);
	return result;
}

/* Waits for the end of the brick; reaps it. False: it still runs. */
static bool ended_within(struct local_brick *brick, int wait_ms)
{
	struct pollfd end = { .fd = brick->pidfd, .events = POLLIN };

	if (brick->pidfd < 0)
		return true;
	if (TEMP_FAILURE_RETRY(poll(&end, 1, wait_ms)) <= 0)
		return false;
	waitpid(brick->pid, NULL, 0);
	close(brick->pidfd);
	brick->pidfd = -1;
	return true;
}

static bool accepts(const struct local_brick *brick)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected;

	if (fd < 0)
		return false;
	memcpy(address.sun_path, brick->socket, PATH_SIZE);
	connected = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return connected;
}

/* The first error in the log, "[time] E [place] 0-xlator: message"; the rest follow from it. */
static void first_error(const struct local_brick *brick, char *why, size_t why_size)
{
	char line[1024];
	FILE *file = fopen(brick->log, "re");

	snprintf(why, why_size, "%s ended at once, see %s", brick->program, brick->log);
	while (file && fgets(line, sizeof(line), file)) {
		const char *message = strstr(line, "] E [") ? strstr(line, "] 0-") : NULL;

		if (!message)
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(why, why_size, "brick: %s", message + strlen("] 0-"));
		break;
	}
	if (file)
		fclose(file);
}

int local_brick_start(struct local_brick *brick, char *why, size_t why_size)
{
	int result;

	local_brick_stop(brick);
	result = spawn(brick);
	if (result < 0) {
		errno = -result;
		return fail(result, why, why_size, "cannot start %s: %m", brick->program);
	}
	for (int waited = 0; result == 0 && !accepts(brick); waited += TURN_MS) {
		if (ended_within(brick, TURN_MS)) {
			first_error(brick, why, why_size);
			result = -EIO;
		} else if (waited >= START_MS) {
			result = fail(-ETIMEDOUT, why, why_size, "%s does not open its socket",
				      brick->program);
		}
	}
	if (result < 0)
		local_brick_stop(brick);
	return result;
}

bool local_brick_alive(struct local_brick *brick)
{
	return !ended_within(brick, 0);
}

void local_brick_stop(struct local_brick *brick)
{
	if (!ended_within(brick, 0))
		kill(brick->pid, SIGTERM);
	if (!ended_within(brick, STOP_MS)) {
		kill(brick->pid, SIGKILL);
		ended_within(brick, -1);
	}
	unlink(brick->socket);
}

void local_brick_free(struct local_brick *brick)
{
	if (!brick)
		return;
	if (brick->lock >= 0) {
		local_brick_stop(brick);
		close(brick->lock);
	}
	free(brick);
}

const char *local_brick_volfile(const struct local_brick *brick)
{
	return brick->client_vol;
}
