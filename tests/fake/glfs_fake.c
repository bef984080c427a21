/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake gluster: volumes and open files. fake.h says what it is for.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/fake/fake.h"

#define VOLFILE "volume fake\n  type fake/directory\nend-volume\n"

glfs_t *glfs_new(const char *volname)
{
	struct glfs *fs;

	if (volname[strspn(volname, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789_-")] ||
	    volname[0] == '-') {
		errno = EINVAL;
		return NULL;
	}
	fs = calloc(1, sizeof(*fs));
	if (!fs)
		return NULL;
	fs->root = -1;
	fs->name = strdup(volname);
	if (!fs->name) {
		free(fs);
		return NULL;
	}
	return fs;
}

int glfs_set_volfile(glfs_t *fs, const char *volfile)
{
	(void)fs;
	(void)volfile;
	return 0;
}

/* As the library: only these transports are known, and the refusal sets no errno. */
int glfs_set_volfile_server(glfs_t *fs, const char *transport, const char *host, int port)
{
	(void)fs;
	(void)host;
	(void)port;
	if (!transport || !strcmp(transport, "tcp") || !strcmp(transport, "unix") ||
	    !strcmp(transport, "rdma"))
		return 0;
	errno = 0;
	return -1;
}

int glfs_unset_volfile_server(glfs_t *fs, const char *transport, const char *host, int port)
{
	return glfs_set_volfile_server(fs, transport, host, port);
}

int glfs_set_logging(glfs_t *fs, const char *logfile, int loglevel)
{
	(void)fs;
	(void)logfile;
	(void)loglevel;
	return 0;
}

int glfs_set_xlator_option(glfs_t *fs, const char *xlator, const char *key, const char *value)
{
	(void)fs;
	(void)xlator;
	(void)key;
	(void)value;
	return 0;
}

int glfs_init(glfs_t *fs)
{
	const char *root = getenv("GLFS_FAKE_ROOT");
	struct fake_call call = fake_call_on("init", fs->name);
	char path[PATH_MAX];

	if (fake_refused(&call))
		return -1;
	snprintf(path, sizeof(path), "%s/%s", root ? root : "/nonexistent", fs->name);
	fs->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fs->root < 0)
		return -1;
	fs->engine = fake_engine_start();
	return fs->engine ? 0 : -1;
}

int glfs_fini(glfs_t *fs)
{
	bool was_up = fs->engine;

	if (fake_in_callback())
		fake_die("glfs_fini from a completion callback");
	if (atomic_load(&fs->open_files))
		fake_die("glfs_fini with %d open files", atomic_load(&fs->open_files));
	if (fs->engine)
		fake_engine_stop(fs->engine);
	if (fs->root >= 0)
		close(fs->root);
	free(fs->name);
	free(fs);
	return was_up ? 0 : -1;
}

ssize_t glfs_get_volfile(glfs_t *fs, void *buf, size_t len)
{
	size_t need = sizeof(VOLFILE) - 1;

	if (!fs->engine)
		return 0;
	if (len < need)
		return -(ssize_t)(need - len);
	memcpy(buf, VOLFILE, need);
	return (ssize_t)need;
}

int glfs_get_volumeid(glfs_t *fs, char *volid, size_t size)
{
	(void)fs;
	if (!volid || !size)
		return 16;
	if (size < 16) {
		errno = ERANGE;
		return -1;
	}
	memset(volid, 0x5a, 16);
	return 16;
}

struct glfs_fd *fake_fd_new(struct glfs *fs, const char *path, int fd)
{
	struct glfs_fd *new = calloc(1, sizeof(*new));

	if (new)
		new->path = strdup(path + strspn(path, "/"));
	if (!new || !new->path) {
		free(new);
		close(fd);
		errno = ENOMEM;
		return NULL;
	}
	new->fs = fs;
	new->fd = fd;
	atomic_fetch_add(&fs->open_files, 1);
	return new;
}

int fake_fd_free(struct glfs_fd *fd)
{
	int ret;

	if (atomic_load(&fd->in_flight))
		fake_die("closing %s with %d operations in flight: the library would never call"
			 " back",
			 fd->path, atomic_load(&fd->in_flight));
	atomic_fetch_sub(&fd->fs->open_files, 1);
	ret = fd->dir ? closedir(fd->dir) : close(fd->fd);
	free(fd->path);
	free(fd);
	return ret;
}

static glfs_fd_t *open_file(glfs_t *fs, const char *path, int flags, mode_t mode)
{
	int fd = fake_resolve(fs, path, flags & ~(O_DIRECT | O_NOFOLLOW), mode);

	return fd < 0 ? NULL : fake_fd_new(fs, path, fd);
}

glfs_fd_t *glfs_open(glfs_t *fs, const char *path, int flags)
{
	struct fake_call call = fake_call_on("open", path);

	return fake_refused(&call) ? NULL : open_file(fs, path, flags & ~(O_CREAT | O_EXCL), 0);
}

glfs_fd_t *glfs_creat(glfs_t *fs, const char *path, int flags, mode_t mode)
{
	struct fake_call call = fake_call_on("creat", path);

	return fake_refused(&call) ? NULL : open_file(fs, path, flags | O_CREAT, mode);
}

/* A failed close closes, too. */
int glfs_close(glfs_fd_t *fd)
{
	struct fake_call call = fake_call_on("close", fd->path);
	bool refused = fake_refused(&call);
	int error = errno;
	int ret = fake_fd_free(fd);

	if (refused)
		errno = error;
	return refused ? -1 : ret;
}

/* It moves the descriptor's offset and returns what it finds there: one at a time, or a lie. */
off_t glfs_lseek(glfs_fd_t *fd, off_t offset, int whence)
{
	struct fake_call call = fake_call_on("lseek", fd->path);
	off_t ret;

	call.offset = offset;
	if (atomic_fetch_add(&fd->seeking, 1))
		fake_die("two glfs_lseek at a time on one handle of %s", fd->path);
	ret = fake_refused(&call) ? -1 : lseek(fd->fd, offset, whence);
	atomic_fetch_sub(&fd->seeking, 1);
	return ret;
}

int glfs_fallocate(glfs_fd_t *fd, int keep_size, off_t offset, size_t len)
{
	struct fake_call call = fake_call_on("fallocate", fd->path);

	call.offset = offset;
	call.length = (off_t)len;
	if (fake_refused(&call))
		return -1;
	return fallocate(fd->fd, keep_size ? FALLOC_FL_KEEP_SIZE : 0, offset, (off_t)len);
}

int glfs_fstat(glfs_fd_t *fd, struct stat *buf)
{
	struct fake_call call = fake_call_on("fstat", fd->path);

	return fake_refused(&call) ? -1 : fstat(fd->fd, buf);
}

int glfs_futimens(glfs_fd_t *fd, const struct timespec times[2])
{
	struct fake_call call = fake_call_on("utimens", fd->path);

	return fake_refused(&call) ? -1 : futimens(fd->fd, times);
}

ssize_t glfs_fgetxattr(glfs_fd_t *fd, const char *name, void *value, size_t size)
{
	struct fake_call call = fake_call_on("getxattr", fd->path);

	return fake_refused(&call) ? -1 : fgetxattr(fd->fd, name, value, size);
}

int glfs_fsetxattr(glfs_fd_t *fd, const char *name, const void *value, size_t size, int flags)
{
	struct fake_call call = fake_call_on("setxattr", fd->path);

	return fake_refused(&call) ? -1 : fsetxattr(fd->fd, name, value, size, flags);
}

int glfs_fremovexattr(glfs_fd_t *fd, const char *name)
{
	struct fake_call call = fake_call_on("removexattr", fd->path);

	return fake_refused(&call) ? -1 : fremovexattr(fd->fd, name);
}
