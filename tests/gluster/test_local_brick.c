/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The embedded brick: what it refuses, what it serves, how it ends and comes back. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glusterfs/api/glfs.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "block/local.h"
#include "tests/lib/tap.h"

#define WAIT_TURNS 300 /* of 100 ms: when something that has to come never does */

static char top[] = "/tmp/gi-local.XXXXXX";
static char dir[PATH_MAX];
static char why[256];

static const char *in_dir(const char *name)
{
	static char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static bool exists(const char *name)
{
	return access(in_dir(name), F_OK) == 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* Who listens on the brick's socket; -1: nobody. */
static pid_t brick_pid(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer = { .pid = -1 };
	socklen_t size = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/brick.sock", dir);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	close(fd);
	return peer.pid;
}

static void check_refuses(const char *path, int error, const char *expected)
{
	why[0] = '\0';
	IS_INT(local_brick_check(path, why, sizeof(why)), error, "check refuses %.60s", path);
	OK(strstr(why, expected) && !strchr(why, '\n'), "and says why: %s", why);
}

static void test_check(void)
{
	char path[PATH_MAX + 128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/with space", top);
	check_refuses(path, -EINVAL, "only letters");
	snprintf(path, sizeof(path), "%s/%0100d", top, 0);
	check_refuses(path, -ENAMETOOLONG, "too long");
	snprintf(path, sizeof(path), "%s/no/where", top);
	check_refuses(path, -ENOENT, "cannot create");

	if (seteuid(65534) == 0) {
		check_refuses(dir, -EPERM, "root");
		if (seteuid(0) < 0)
			exit(1);
	}
	IS_INT(local_brick_check(dir, why, sizeof(why)), 0, "check likes a new folder");
	OK(stat(dir, &st) == 0 && (st.st_mode & 0777) == 0700, "which only we may enter");
}

/* In a process of its own that is killed: the brick must not survive it. */
static void test_crash(void)
{
	struct local_brick *brick;
	pid_t daemon, pid = -1;
	int status = 0, ends[2];

	/* The orphaned brick becomes our child, so that its end can be waited for. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		exit(1);
	daemon = fork();
	if (daemon == 0) {
		if (local_brick_new(dir, &brick, why, sizeof(why)) == 0 &&
		    local_brick_start(brick, why, sizeof(why)) == 0)
			pid = brick_pid();
		if (write(ends[1], &pid, sizeof(pid)) == sizeof(pid))
			raise(SIGKILL);
		_exit(1);
	}
	if (read(ends[0], &pid, sizeof(pid)) != sizeof(pid))
		pid = -1;
	close(ends[0]);
	close(ends[1]);
	waitpid(daemon, NULL, 0);
	if (!OK(pid > 0, "a daemon starts a brick and is killed"))
		return;
	OK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	   "its brick is killed with it");
	OK(exists("brick.sock"), "a dead socket stays");
}

/* A number of the line "@key:\tVALUE" of the brick's /proc status, in hex. */
static unsigned long long status_of(pid_t pid, const char *key)
{
	char path[64], line[256];
	unsigned long long value = ~0ull;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtoull(line + strlen(key) + 1, NULL, 16);
	}
	if (file)
		fclose(file);
	return value;
}

/* What the brick got from us: neither our descriptors nor our signal mask nor our terminal. */
static void test_inheritance(int ours)
{
	char link[64], target[PATH_MAX], path[PATH_MAX];
	pid_t pid = brick_pid();
	int leaked = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", ours);
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	target[length > 0 ? length : 0] = '\0';
	for (int fd = 0; fd < 1024; fd++) {
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, fd);
		length = readlink(link, path, sizeof(path) - 1);
		path[length > 0 ? length : 0] = '\0';
		leaked += length > 0 && strcmp(path, target) == 0;
	}
	IS_INT(leaked, 0, "the brick has no descriptor of ours");
	snprintf(link, sizeof(link), "/proc/%d/fd/3", pid);
	length = readlink(link, path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = '\0';
	IS_STR(path, in_dir("lock"), "but the lock of its folder");
	IS_INT(status_of(pid, "SigBlk") & (1ull << (SIGWINCH - 1)), 0, "nor our blocked signals");
	IS_INT(status_of(pid, "SigIgn") & (1ull << (SIGWINCH - 1)), 0, "nor our ignored ones");
	OK(getsid(pid) == pid, "it is in a session of its own");
}

static glfs_t *connect_client(struct local_brick *brick)
{
	glfs_t *fs = glfs_new("local");

	if (fs && glfs_set_volfile(fs, local_brick_volfile(brick)) == 0 &&
	    glfs_set_logging(fs, in_dir("client.log"), 5) == 0 && glfs_init(fs) == 0)
		return fs;
	return NULL;
}

static void test_restart(struct local_brick *brick, glfs_fd_t *fd)
{
	char text[8] = "";
	pid_t pid = brick_pid();
	int turns = 0;

	kill(pid, SIGKILL);
	while (local_brick_alive(brick) && turns++ < WAIT_TURNS)
		poll(NULL, 0, 100);
	OK(!local_brick_alive(brick), "a killed brick is noticed");
	OK(exists("brick.sock"), "and leaves its socket");
	IS_INT(local_brick_start(brick, why, sizeof(why)), 0, "it is started again");
	OK(brick_pid() > 0 && brick_pid() != pid, "as a new process");
	for (turns = 0; turns < WAIT_TURNS; turns++) {
		if (glfs_pread(fd, text, 4, 0, 0, NULL) == 4)
			break;
		poll(NULL, 0, 100);
	}
	IS_STR(text, "data", "a connected client reads again through its old handle");
	printf("# after %d ms\n", turns * 100);
}

static void test_serving(struct local_brick *brick)
{
	glfs_t *fs = connect_client(brick);
	glfs_fd_t *fd;
	struct stat st;

	if (!OK(fs, "a client connects"))
		return;
	fd = glfs_creat(fs, "image", O_RDWR | O_EXCL, 0600);
	OK(fd && glfs_pwrite(fd, "data", 4, 0, 0, NULL, NULL) == 4, "and writes");
	OK(stat(in_dir("brick/image"), &st) == 0 && st.st_size == 4, "which the brick stores");
	test_restart(brick, fd);
	glfs_close(fd);
}

static void test_life(void)
{
	struct local_brick *brick = NULL, *second = NULL;
	int ours = open("/dev/zero", O_RDONLY);
	sigset_t winch;

	sigemptyset(&winch);
	sigaddset(&winch, SIGWINCH);
	sigprocmask(SIG_BLOCK, &winch, NULL);
	signal(SIGWINCH, SIG_IGN);
	if (!OK(local_brick_new(dir, &brick, why, sizeof(why)) == 0, "new after a crash"))
		return;
	OK(!local_brick_alive(brick), "not alive before start");
	IS_INT(local_brick_new(dir, &second, why, sizeof(why)), -EBUSY, "the folder is taken");
	OK(!second && strstr(why, "in use"), "and says so: %s", why);
	check_refuses(dir, -EBUSY, "in use");

	IS_INT(local_brick_start(brick, why, sizeof(why)), 0, "start over a dead socket");
	OK(local_brick_alive(brick), "alive");
	test_inheritance(ours);
	test_serving(brick);

	pid_t pid = brick_pid();

	local_brick_stop(brick);
	OK(!local_brick_alive(brick), "not alive after stop");
	OK(kill(pid, 0) < 0 && errno == ESRCH, "its process is gone");
	OK(!exists("brick.sock"), "its socket too");
	local_brick_stop(brick);

	/* A brick that cannot run. */
	nftw(in_dir("brick"), remove_one, 16, FTW_DEPTH | FTW_PHYS);
	close(open(in_dir("brick"), O_CREAT | O_WRONLY, 0600));
	IS_INT(local_brick_start(brick, why, sizeof(why)), -EIO, "a broken brick does not start");
	OK(strstr(why, "brick: posix: Directory"), "and says why: %s", why);
	OK(!local_brick_alive(brick) && !exists("brick.sock"), "nor leaves anything");
	local_brick_free(brick);
	IS_INT(local_brick_check(dir, why, sizeof(why)), 0, "the folder is free again");
	close(ours);
}

int main(void)
{
	if (geteuid() != 0)
		return tap_skip_all("bricks need root");
	if (!mkdtemp(top))
		return 1;
	snprintf(dir, sizeof(dir), "%s/local", top);
	test_check();
	test_crash();
	test_life();
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	int status = tap_end();

	/* glfs_fini() takes ten seconds, and exit() does not go well with gluster's threads. */
	fflush(NULL);
	_exit(status);
}
