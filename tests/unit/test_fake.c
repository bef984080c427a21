/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake gluster itself: what every test that uses it relies on. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glusterfs/api/glfs.h>

#include "tests/lib/tap.h"

#define MANY	  64
#define FILE_SIZE 65536

static char dir[] = "/tmp/fake-test-XXXXXX";

/* What a completion left behind. */
struct outcome {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int calls;
	ssize_t ret;
	int error;
	bool same_thread;
	pthread_t submitter;
	struct glfs_stat pre, post;
	bool has_pre, has_post;
	int order[MANY]; /* which operation was the n-th to complete */
};

struct slot {
	struct outcome *outcome;
	int number;
};

static const char *in_dir(const char *name)
{
	static char path[2][256];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static void rules(const char *text)
{
	FILE *file = fopen(in_dir("rules.new"), "we");

	if (!file || fputs(text, file) < 0 || fclose(file) ||
	    rename(in_dir("rules.new"), in_dir("rules")))
		abort();
}

static void on_done(glfs_fd_t *fd, ssize_t ret, struct glfs_stat *pre, struct glfs_stat *post,
		    void *data)
{
	int error = errno;
	struct slot *slot = data;
	struct outcome *out = slot->outcome;

	(void)fd;
	pthread_mutex_lock(&out->lock);
	out->ret = ret;
	out->error = error;
	out->same_thread = pthread_equal(out->submitter, pthread_self());
	out->has_pre = pre;
	out->has_post = post;
	if (pre)
		out->pre = *pre;
	if (post)
		out->post = *post;
	out->order[out->calls % MANY] = slot->number;
	out->calls++;
	pthread_cond_signal(&out->wake);
	pthread_mutex_unlock(&out->lock);
}

static void outcome_init(struct outcome *out)
{
	*out = (struct outcome){ .submitter = pthread_self() };
	pthread_mutex_init(&out->lock, NULL);
	pthread_cond_init(&out->wake, NULL);
}

static void outcome_wait(struct outcome *out, int calls)
{
	pthread_mutex_lock(&out->lock);
	while (out->calls < calls)
		pthread_cond_wait(&out->wake, &out->lock);
	pthread_mutex_unlock(&out->lock);
}

static int outcome_calls(struct outcome *out)
{
	int calls;

	pthread_mutex_lock(&out->lock);
	calls = out->calls;
	pthread_mutex_unlock(&out->lock);
	return calls;
}

static glfs_t *mount_fake(void)
{
	glfs_t *fs = glfs_new("vm");

	if (!fs || glfs_set_volfile_server(fs, "tcp", "fake", 0) || glfs_init(fs))
		abort();
	return fs;
}

static void test_volumes(void)
{
	glfs_t *fs = glfs_new("nosuch");

	IS_INT(glfs_init(fs), -1, "a volume without a directory does not start");
	IS_INT(errno, ENOENT, "and the reason is ENOENT");
	glfs_fini(fs);
	fs = glfs_new("vm");
	IS_INT(glfs_set_volfile_server(fs, "smoke", "signal", 0), -1, "unknown transport");
	rules("op=init errno=ENOTCONN count=1\n");
	IS_INT(glfs_init(fs), -1, "init fails by rule");
	IS_INT(errno, ENOTCONN, "with the errno of the rule");
	IS_INT(glfs_init(fs), 0, "and works when the rule is used up");
	OK(glfs_get_volfile(fs, NULL, 0) < 0, "the volfile's length is asked with no buffer");
	IS_INT(glfs_fini(fs), 0, "fini");
	OK(!glfs_new("a.b"), "a dot is not allowed in a volume's name");
	rules("");
}

static void test_names(glfs_t *fs)
{
	struct dirent entry, *result = &entry;
	struct stat st;
	glfs_fd_t *fd;
	int regular = 0;

	IS_INT(glfs_mkdir(fs, "/sub", 0755), 0, "mkdir");
	fd = glfs_creat(fs, "sub/file", O_RDWR | O_EXCL, 0644);
	OK(fd, "creat without a leading slash");
	glfs_close(fd);
	OK(!glfs_creat(fs, "/sub/file", O_RDWR | O_EXCL, 0644) && errno == EEXIST, "O_EXCL");
	OK(!glfs_open(fs, "/sub", O_RDWR) && errno == EISDIR, "a directory is not opened to write");
	IS_INT(glfs_stat(fs, "/../../sub/../sub/file", &st), 0, ".. stays inside of the volume");
	IS_INT(glfs_symlink(fs, "/etc/passwd", "/out"), 0, "symlink");
	IS_INT(glfs_stat(fs, "/out", &st), -1, "an absolute link stays inside of the volume");
	IS_INT(glfs_lstat(fs, "/out", &st), 0, "lstat sees the link");
	IS_INT(glfs_rename(fs, "/sub/file", "/moved"), 0, "rename");
	IS_INT(glfs_link(fs, "/moved", "/twice"), 0, "link");
	IS_INT(glfs_stat(fs, "/moved", &st), 0, "stat");
	IS_INT(st.st_nlink, 2, "two links");
	IS_INT(glfs_rmdir(fs, "/sub"), 0, "rmdir");
	fd = glfs_opendir(fs, "/");
	while (glfs_readdirplus_r(fd, &st, &entry, &result) == 0 && result)
		regular += S_ISREG(st.st_mode);
	glfs_closedir(fd);
	IS_INT(regular, 2, "readdirplus lists both names with their stat");
	IS_INT(glfs_unlink(fs, "/moved") | glfs_unlink(fs, "/twice") | glfs_unlink(fs, "/out"), 0,
	       "unlink");
}

static void test_data(glfs_fd_t *fd)
{
	struct outcome out;
	struct slot slot = { &out, 0 };
	char text[16] = "written", back[16] = "untouched";

	outcome_init(&out);
	IS_INT(glfs_pwrite_async(fd, text, 7, 0, 0, on_done, &slot), 0, "pwrite_async");
	memset(text, 'x', sizeof(text));
	outcome_wait(&out, 1);
	IS_INT(out.ret, 7, "all was written");
	IS_INT(out.error, ENOENT, "errno is garbage after a success");
	OK(out.has_pre && out.has_post && out.post.glfs_st_mask == 0x7ff, "both stats are filled");
	IS_INT(out.post.glfs_st_size, FILE_SIZE, "the size is in the stat");
	IS_INT(out.post.glfs_st_nlink, 1, "the links are in the stat");
	OK(!out.same_thread, "the completion came on another thread");
	IS_INT(glfs_pread_async(fd, back, 7, 0, 0, on_done, &slot), 0, "pread_async");
	outcome_wait(&out, 2);
	OK(!memcmp(back, "written", 7), "the buffer was taken at submission");
	OK(!out.has_pre && out.has_post, "a read has only the second stat");
	glfs_pread_async(fd, back, sizeof(back), FILE_SIZE - 4, 0, on_done, &slot);
	outcome_wait(&out, 3);
	IS_INT(out.ret, 4, "a read across the end is short");
	memset(back, 'k', sizeof(back));
	glfs_pread_async(fd, back, sizeof(back), FILE_SIZE, 0, on_done, &slot);
	outcome_wait(&out, 4);
	OK(out.ret == 0 && back[0] == 'k', "a read at the end leaves the buffer alone");
	glfs_pread_async(fd, back, 0, 0, 0, on_done, &slot);
	outcome_wait(&out, 5);
	OK(out.ret == -1 && out.error == EINVAL && !out.has_post, "a read of nothing is EINVAL");
}

static void test_discard(glfs_fd_t *fd)
{
	struct outcome out;
	struct slot slot = { &out, 0 };
	struct stat before, after;
	char back[8];

	outcome_init(&out);
	glfs_pwrite(fd, "12345678", 8, 4096, 0, NULL, NULL);
	glfs_fstat(fd, &before);
	glfs_discard_async(fd, 0, 2 * (size_t)FILE_SIZE, on_done, &slot);
	outcome_wait(&out, 1);
	IS_INT(out.ret, 0, "discard beyond the end");
	glfs_fstat(fd, &after);
	IS_INT(after.st_size, FILE_SIZE, "does not grow the file");
	OK(before.st_mtim.tv_nsec == after.st_mtim.tv_nsec, "and moves no mtime");
	glfs_pread(fd, back, 8, 4096, 0, NULL);
	OK(!memcmp(back, "\0\0\0\0\0\0\0\0", 8), "and reads back as zeros");
	glfs_discard_async(fd, 0, 0, on_done, &slot);
	outcome_wait(&out, 2);
	OK(out.ret == -1 && out.error == EINVAL, "discard of nothing is EINVAL");
	glfs_zerofill_async(fd, 0, 8192, on_done, &slot);
	outcome_wait(&out, 3);
	IS_INT(out.ret, 0, "zerofill");
	glfs_ftruncate_async(fd, FILE_SIZE, on_done, &slot);
	outcome_wait(&out, 4);
	glfs_fsync_async(fd, on_done, &slot);
	outcome_wait(&out, 5);
	OK(out.ret == 0 && out.has_pre && out.has_post, "fsync");
	glfs_ftruncate(fd, 0, NULL, NULL);
	glfs_ftruncate(fd, FILE_SIZE, NULL, NULL);
	IS_INT(glfs_lseek(fd, 0, SEEK_DATA), -1, "no data in a hole");
	IS_INT(errno, ENXIO, "says ENXIO");
}

static void test_errors(glfs_fd_t *fd)
{
	struct outcome out;
	struct slot slot = { &out, 0 };
	char byte[200];

	outcome_init(&out);
	rules("op=pread nth=2 errno=EIO\n");
	glfs_pread(fd, byte, 1, 0, 0, NULL);
	IS_INT(glfs_pread_async(fd, byte, 1, 0, 0, on_done, &slot), 0, "submission works");
	outcome_wait(&out, 1);
	OK(out.ret == -1 && out.error == EIO, "the second read fails");
	IS_INT(glfs_pread(fd, byte, 1, 0, 0, NULL), 1, "the third does not");
	rules("op=* path=a offset=100 errno=EBADF count=1 submit=1\n");
	IS_INT(glfs_pread(fd, byte, 100, 0, 0, NULL), 100, "a range before the offset is not hit");
	IS_INT(glfs_pread_async(fd, byte, 101, 0, 0, on_done, &slot), -1, "submission fails");
	IS_INT(errno, EBADF, "with the errno");
	IS_INT(outcome_calls(&out), 1, "and without a completion");
	rules("op=pread short=3\n");
	IS_INT(glfs_pread(fd, byte, 100, 0, 0, NULL), 3, "a short read");
	rules("op=pread inline=1\n");
	glfs_pread_async(fd, byte, 1, 0, 0, on_done, &slot);
	IS_INT(outcome_calls(&out), 2, "inline: the completion has run");
	OK(out.same_thread, "in the submitting thread");
	rules("");
}

static void test_order(glfs_fd_t *fd)
{
	struct outcome out;
	struct slot slots[MANY];
	char byte[MANY];
	int reversed = 0;

	outcome_init(&out);
	rules("op=pread reorder=1 delay_ms=50\n");
	for (int i = 0; i < MANY; i++) {
		slots[i] = (struct slot){ &out, i };
		glfs_pread_async(fd, &byte[i], 1, i, 0, on_done, &slots[i]);
	}
	outcome_wait(&out, MANY);
	for (int i = 0; i < MANY; i++)
		reversed += out.order[i] == MANY - 1 - i;
	IS_INT(reversed, MANY, "reordered jobs complete newest first");

	outcome_init(&out);
	rules("op=pread hold=1\n");
	glfs_pread_async(fd, byte, 1, 0, 0, on_done, &slots[0]);
	glfs_fsync_async(fd, on_done, &slots[1]);
	outcome_wait(&out, 1);
	IS_INT(out.order[0], 1, "what is not held completes");
	rules("op=fsync hold=1\n");
	outcome_wait(&out, 2);
	IS_INT(out.order[1], 0, "what is held completes when its rule is gone");
	rules("");
}

static void test_trace(void)
{
	FILE *file = fopen(in_dir("trace"), "re");
	char line[256] = "";
	bool read_seen = false, init_seen = false;

	while (file && fgets(line, sizeof(line), file)) {
		read_seen |= !strcmp(line, "pread async 0 101 - a\n");
		init_seen |= !strncmp(line, "init sync", 9);
	}
	OK(read_seen && init_seen, "calls are in the trace");
	if (file)
		fclose(file);
}

static void misuse_close(glfs_t *fs, glfs_fd_t *fd, struct slot *slot)
{
	static char byte;

	(void)fs;
	rules("op=pread hold=1\n");
	glfs_pread_async(fd, &byte, 1, 0, 0, on_done, slot);
	glfs_close(fd);
}

static void misuse_fini(glfs_t *fs, glfs_fd_t *fd, struct slot *slot)
{
	(void)fd;
	(void)slot;
	glfs_fini(fs);
}

static void on_done_block(glfs_fd_t *fd, ssize_t ret, struct glfs_stat *pre, struct glfs_stat *post,
			  void *data)
{
	struct stat st;

	(void)ret;
	(void)pre;
	(void)post;
	(void)data;
	glfs_fstat(fd, &st);
}

static void misuse_callback(glfs_t *fs, glfs_fd_t *fd, struct slot *slot)
{
	(void)fs;
	glfs_fsync_async(fd, on_done_block, NULL);
	outcome_wait(slot->outcome, 1);
}

/* Runs in a child of a process that has no threads yet. */
static void test_misuse(void (*misuse)(glfs_t *, glfs_fd_t *, struct slot *), const char *message)
{
	struct rlimit none = { 0, 0 };
	char text[256] = "";
	int status = 0, ends[2];
	pid_t pid;

	if (pipe(ends))
		abort();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct outcome out;
		struct slot slot = { &out, 0 };
		glfs_t *fs;

		setrlimit(RLIMIT_CORE, &none);
		dup2(ends[1], STDERR_FILENO);
		outcome_init(&out);
		fs = mount_fake();
		misuse(fs, glfs_creat(fs, "/a", O_RDWR, 0644), &slot);
		_exit(0);
	}
	close(ends[1]);
	waitpid(pid, &status, 0);
	if (read(ends[0], text, sizeof(text) - 1) < 0)
		abort();
	close(ends[0]);
	OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strstr(text, message),
	   "misuse ends the process: %s", message);
	rules("");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int main(void)
{
	glfs_t *fs;
	glfs_fd_t *fd;

	if (!mkdtemp(dir) || mkdir(in_dir("vm"), 0755))
		return 1;
	setenv("GLFS_FAKE_ROOT", dir, 1);
	setenv("GLFS_FAKE_RULES", in_dir("rules"), 1);
	setenv("GLFS_FAKE_TRACE", in_dir("trace"), 1);
	test_misuse(misuse_close, "in flight");
	test_misuse(misuse_fini, "open files");
	test_misuse(misuse_callback, "from a completion callback");
	unlink(in_dir("vm/a"));
	test_volumes();
	fs = mount_fake();
	test_names(fs);
	fd = glfs_creat(fs, "/a", O_RDWR, 0644);
	glfs_ftruncate(fd, FILE_SIZE, NULL, NULL);
	test_data(fd);
	test_discard(fd);
	test_errors(fd);
	test_order(fd);
	test_trace();
	IS_INT(glfs_close(fd), 0, "close");
	IS_INT(glfs_fini(fs), 0, "fini joins all threads");
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return tap_end();
}
