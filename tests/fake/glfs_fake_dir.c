/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake gluster: names and directories.
 *
 * The kernel resolves every path with the volume's directory as its root (openat2), as gluster
 * resolves "..", and links, inside the volume. Calls that name a directory entry resolve its
 * parent so and act on the last component.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/fake/fake.h"

int fake_resolve(struct glfs *fs, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_IN_ROOT,
	};

	path += strspn(path, "/");
	return (int)syscall(SYS_openat2, fs->root, *path ? path : ".", &how, sizeof(how));
}

/* The directory of the last component of @path, which becomes *ret_leaf. */
static int open_parent(glfs_t *fs, const char *path, const char **ret_leaf)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	int fd;

	if (slash && (size_t)(slash - path) >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) : 0, path);
	fd = fake_resolve(fs, parent, O_PATH | O_DIRECTORY, 0);
	if (fd >= 0)
		*ret_leaf = slash ? slash + 1 : path;
	return fd;
}

static int close_keeping_errno(int fd, int ret)
{
	int error = errno;

	close(fd);
	errno = error;
	return ret;
}

static int stat_path(glfs_t *fs, const char *path, int flags, struct stat *buf)
{
	struct fake_call call = fake_call_on("stat", path);
	int fd;

	if (fake_refused(&call))
		return -1;
	fd = fake_resolve(fs, path, O_PATH | flags, 0);
	return fd < 0 ? -1 : close_keeping_errno(fd, fstat(fd, buf));
}

int glfs_stat(glfs_t *fs, const char *path, struct stat *buf)
{
	return stat_path(fs, path, 0, buf);
}

int glfs_lstat(glfs_t *fs, const char *path, struct stat *buf)
{
	return stat_path(fs, path, O_NOFOLLOW, buf);
}

int glfs_statvfs(glfs_t *fs, const char *path, struct statvfs *buf)
{
	struct fake_call call = fake_call_on("statvfs", path);
	int fd;

	if (fake_refused(&call))
		return -1;
	fd = fake_resolve(fs, path, O_PATH, 0);
	return fd < 0 ? -1 : close_keeping_errno(fd, fstatvfs(fd, buf));
}

int glfs_access(glfs_t *fs, const char *path, int mode)
{
	struct fake_call call = fake_call_on("access", path);
	int fd;

	if (fake_refused(&call))
		return -1;
	fd = fake_resolve(fs, path, O_PATH, 0);
	return fd < 0 ? -1 : close_keeping_errno(fd, faccessat(fd, "", mode, AT_EMPTY_PATH));
}

static int remove_entry(glfs_t *fs, const char *op, const char *path, int flags)
{
	struct fake_call call = fake_call_on(op, path);
	const char *leaf;
	int parent;

	if (fake_refused(&call))
		return -1;
	parent = open_parent(fs, path, &leaf);
	return parent < 0 ? -1 : close_keeping_errno(parent, unlinkat(parent, leaf, flags));
}

int glfs_unlink(glfs_t *fs, const char *path)
{
	return remove_entry(fs, "unlink", path, 0);
}

int glfs_rmdir(glfs_t *fs, const char *path)
{
	return remove_entry(fs, "rmdir", path, AT_REMOVEDIR);
}

int glfs_mkdir(glfs_t *fs, const char *path, mode_t mode)
{
	struct fake_call call = fake_call_on("mkdir", path);
	const char *leaf;
	int parent;

	if (fake_refused(&call))
		return -1;
	parent = open_parent(fs, path, &leaf);
	return parent < 0 ? -1 : close_keeping_errno(parent, mkdirat(parent, leaf, mode));
}

int glfs_symlink(glfs_t *fs, const char *oldpath, const char *newpath)
{
	struct fake_call call = fake_call_on("symlink", newpath);
	const char *leaf;
	int parent;

	if (fake_refused(&call))
		return -1;
	parent = open_parent(fs, newpath, &leaf);
	return parent < 0 ? -1 : close_keeping_errno(parent, symlinkat(oldpath, parent, leaf));
}

/* Rename or link: both take two directories and two names. */
static int two_names(glfs_t *fs, const char *op, const char *oldpath, const char *newpath)
{
	struct fake_call call = fake_call_on(op, oldpath);
	const char *old_leaf, *new_leaf;
	int from, to, ret;

	if (fake_refused(&call))
		return -1;
	from = open_parent(fs, oldpath, &old_leaf);
	if (from < 0)
		return -1;
	to = open_parent(fs, newpath, &new_leaf);
	if (to < 0)
		return close_keeping_errno(from, -1);
	if (!strcmp(op, "link"))
		ret = linkat(from, old_leaf, to, new_leaf, 0);
	else
		ret = renameat(from, old_leaf, to, new_leaf);
	close_keeping_errno(to, 0);
	return close_keeping_errno(from, ret);
}

int glfs_rename(glfs_t *fs, const char *oldpath, const char *newpath)
{
	return two_names(fs, "rename", oldpath, newpath);
}

int glfs_link(glfs_t *fs, const char *oldpath, const char *newpath)
{
	return two_names(fs, "link", oldpath, newpath);
}

int glfs_utimens(glfs_t *fs, const char *path, const struct timespec times[2])
{
	struct fake_call call = fake_call_on("utimens", path);
	const char *leaf;
	int parent;

	if (fake_refused(&call))
		return -1;
	parent = open_parent(fs, path, &leaf);
	if (parent < 0)
		return -1;
	return close_keeping_errno(parent, utimensat(parent, leaf, times, AT_SYMLINK_NOFOLLOW));
}

ssize_t glfs_getxattr(glfs_t *fs, const char *path, const char *name, void *value, size_t size)
{
	struct fake_call call = fake_call_on("getxattr", path);
	int fd;

	if (fake_refused(&call))
		return -1;
	fd = fake_resolve(fs, path, O_RDONLY, 0);
	if (fd < 0)
		return -1;
	return close_keeping_errno(fd, (int)fgetxattr(fd, name, value, size));
}

int glfs_setxattr(glfs_t *fs, const char *path, const char *name, const void *value, size_t size,
		  int flags)
{
	struct fake_call call = fake_call_on("setxattr", path);
	int fd;

	if (fake_refused(&call))
		return -1;
	fd = fake_resolve(fs, path, O_RDONLY, 0);
	return fd < 0 ? -1 : close_keeping_errno(fd, fsetxattr(fd, name, value, size, flags));
}

char *glfs_realpath(glfs_t *fs, const char *path, char *resolved_path)
{
	struct fake_call call = fake_call_on("realpath", path);
	char link[64], root[PATH_MAX], full[PATH_MAX];
	ssize_t root_len, len;
	int fd;

	if (fake_refused(&call))
		return NULL;
	fd = fake_resolve(fs, path, O_PATH, 0);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fs->root);
	root_len = readlink(link, root, sizeof(root) - 1);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, full, sizeof(full) - 1);
	close_keeping_errno(fd, 0);
	if (root_len < 0 || len < root_len)
		return NULL;
	full[len] = '\0';
	if (!resolved_path)
		return strdup(len > root_len ? full + root_len : "/");
	snprintf(resolved_path, PATH_MAX, "%s", len > root_len ? full + root_len : "/");
	return resolved_path;
}

glfs_fd_t *glfs_opendir(glfs_t *fs, const char *path)
{
	struct fake_call call = fake_call_on("opendir", path);
	struct glfs_fd *new;
	int fd;

	if (fake_refused(&call))
		return NULL;
	fd = fake_resolve(fs, path, O_RDONLY | O_DIRECTORY, 0);
	new = fd < 0 ? NULL : fake_fd_new(fs, path, fd);
	if (!new)
		return NULL;
	new->dir = fdopendir(fd);
	if (new->dir)
		return new;
	fake_fd_free(new);
	return NULL;
}

/* Only local in the library, so a rule that fails everything does not fail it. */
int glfs_closedir(glfs_fd_t *fd)
{
	struct fake_call call = fake_call_on("closedir", fd->path);

	fake_refused(&call);
	return fake_fd_free(fd);
}

int glfs_readdirplus_r(glfs_fd_t *fd, struct stat *stat, struct dirent *dirent,
		       struct dirent **result)
{
	struct fake_call call = fake_call_on("readdir", fd->path);
	struct dirent *next;

	if (fake_refused(&call))
		return -1;
	errno = 0;
	next = readdir(fd->dir);
	if (!next && errno)
		return -1;
	*result = next ? dirent : NULL;
	if (!next)
		return 0;
	*dirent = *next;
	if (stat && fstatat(fd->fd, next->d_name, stat, AT_SYMLINK_NOFOLLOW))
		*stat = (struct stat){ 0 };
	return 0;
}

int glfs_readdir_r(glfs_fd_t *fd, struct dirent *dirent, struct dirent **result)
{
	return glfs_readdirplus_r(fd, NULL, dirent, result);
}

struct dirent *glfs_readdirplus(glfs_fd_t *fd, struct stat *stat)
{
	struct dirent *result;

	return glfs_readdirplus_r(fd, stat, &fd->entry, &result) ? NULL : result;
}

struct dirent *glfs_readdir(glfs_fd_t *fd)
{
	return glfs_readdirplus(fd, NULL);
}
