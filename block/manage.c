/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block/manage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block/image_internal.h"
#include "block/lock.h"
#include "block/op.h"
#include "block/preallocate.h"
#include "block/volume_internal.h"

#define DIRECTORY_MODE	0700
#define IMAGE_FILE_MODE 0600

static int last_error(void)
{
	return -(errno ? errno : EIO); /* gfapi fails with errno 0 in places */
}

/* The file called @path, links not followed; -EISDIR when it is not a regular file. */
static int path_stat(glfs_t *fs, const char *path, struct stat *ret_stat)
{
	if (glfs_lstat(fs, path, ret_stat))
		return last_error();
	return S_ISREG(ret_stat->st_mode) ? 0 : -EISDIR;
}

/* Remove the directories of @path that parents_make() made: those longer than *@made bytes. */
static void parents_remove(glfs_t *fs, char *path, size_t made)
{
	char *slash;

	while ((slash = strrchr(path, '/')) && (size_t)(slash - path) > made) {
		*slash = '\0';
		if (glfs_rmdir(fs, path))
			return;
	}
}

/*
 * Make the missing directories above @path.
 * @ret_kept: length of the part of @path that was there before
 */
static int parents_make(glfs_t *fs, char *path, size_t *ret_kept)
{
	size_t kept = 0;
	bool all_there = true;
	int error = 0;

	for (char *slash = strchr(path + 1, '/'); slash && !error; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!glfs_mkdir(fs, path, DIRECTORY_MODE))
			all_there = false;
		else if (errno != EEXIST)
			error = last_error();
		else if (all_there)
			kept = (size_t)(slash - path);
		*slash = '/';
	}
	*ret_kept = kept;
	return error;
}

/* Whether the volume has room for @size bytes; gluster would find out only after minutes. */
static int space_check(glfs_t *fs, uint64_t size)
{
	struct statvfs space;

	if (glfs_statvfs(fs, "/", &space))
		return last_error();
	return size > (uint64_t)space.f_bavail * space.f_frsize ? -ENOSPC : 0;
}

/* Make the file at @path with its size and space; nothing is left when it fails. */
static int file_create(glfs_t *fs, const char *path, const struct image_create *create,
		       struct image_stat *ret_stat)
{
	struct prealloc_watch watch = { .progress = create->progress, .cancel = create->cancel };
	glfs_fd_t *fd;
	struct stat st;
	int error;

	errno = 0;
	fd = glfs_creat(fs, path, O_RDWR | O_CREAT | O_EXCL, IMAGE_FILE_MODE);
	if (!fd)
		return last_error();
	error = glfs_ftruncate(fd, (off_t)create->size, NULL, NULL) ? last_error() : 0;
	if (!error)
		error = preallocate(fd, 0, create->size, create->preallocation, &watch);
	if (!error && (glfs_fsync(fd, NULL, NULL) || glfs_fstat(fd, &st)))
		error = last_error();
	if (glfs_close(fd) && !error)
		error = last_error();
	if (error)
		glfs_unlink(fs, path);
	else
		*ret_stat = stat_from_posix(&st);
	return error;
}

/* Make the new file aside and put it in the place of the old one in one step. */
static int file_replace(glfs_t *fs, const char *path, const struct image_create *create,
			struct image_stat *ret_stat)
{
	char aside[64];
	struct stat old;
	int error = path_stat(fs, path, &old);

	if (error && error != -ENOENT)
		return error;
	volume_hidden_name(aside, "new");
	error = file_create(fs, aside, create, ret_stat);
	if (!error && glfs_rename(fs, aside, path)) {
		error = last_error();
		glfs_unlink(fs, aside);
	}
	return error;
}

int image_create(struct volume *volume, const struct image_create *create,
		 struct image_stat *ret_stat)
{
	glfs_t *fs = volume_fs(volume);
	size_t kept = SIZE_MAX;
	char *path;
	int error;

	if (!fs)
		return -ENOTCONN;
	if (volume->read_only)
		return -EROFS;
	path = image_path(create->name);
	if (!path)
		return -ENOMEM;
	error = create->preallocation == PREALLOCATION_FULL ? space_check(fs, create->size) : 0;
	if (!error && create->parents)
		error = parents_make(fs, path, &kept);
	if (!error)
		error = create->overwrite ? file_replace(fs, path, create, ret_stat) :
					    file_create(fs, path, create, ret_stat);
	if (!error)
		image_forget(volume, create->name);
	else if (create->parents)
		parents_remove(fs, path, kept);
	free(path);
	return error;
}

int image_delete(struct volume *volume, const char *name)
{
	glfs_t *fs = volume_fs(volume);
	struct stat st;
	char *path;
	int error;

	if (!fs)
		return -ENOTCONN;
	if (volume->read_only)
		return -EROFS;
	path = image_path(name);
	if (!path)
		return -ENOMEM;
	error = path_stat(fs, path, &st);
	if (!error && glfs_unlink(fs, path))
		error = last_error();
	if (!error || error == -ENOENT)
		image_forget(volume, name);
	free(path);
	return error;
}

/*
 * Rename unless the new name is taken. gfapi has no such rename, but a second link fails if the name
 * exists, in one step; for a moment the image has both names, and at no time none.
 */
static int path_rename_exclusive(glfs_t *fs, const char *from, const char *to)
{
	int error;

	if (glfs_link(fs, from, to))
		return last_error();
	if (!glfs_unlink(fs, from))
		return 0;
	error = last_error();
	glfs_unlink(fs, to);
	return error;
}

/* Whether the directory of @path is there; link and rename say ESTALE for all that may be wrong with it. */
static int path_check_parent(glfs_t *fs, const char *path)
{
	char *parent = strndup(path, (size_t)(strrchr(path, '/') - path));
	struct stat st;
	int error = 0;

	if (!parent)
		return -ENOMEM;
	if (parent[0] && glfs_stat(fs, parent, &st))
		error = last_error();
	else if (parent[0] && !S_ISDIR(st.st_mode))
		error = -ENOTDIR;
	free(parent);
	return error;
}

static int path_rename(glfs_t *fs, const char *from, const char *to, bool overwrite)
{
	struct stat st;
	int error = path_stat(fs, from, &st);

	if (error || !strcmp(from, to))
		return error;
	error = path_check_parent(fs, to);
	if (error)
		return error;
	if (!overwrite)
		return path_rename_exclusive(fs, from, to);
	error = path_stat(fs, to, &st);
	if (error && error != -ENOENT)
		return error;
	return glfs_rename(fs, from, to) ? last_error() : 0;
}

int image_rename(struct volume *volume, const char *from, const char *to, bool overwrite)
{
	glfs_t *fs = volume_fs(volume);
	char *from_path = image_path(from), *to_path = image_path(to);
	int error;

	if (!fs)
		error = -ENOTCONN;
	else if (volume->read_only)
		error = -EROFS;
	else if (!from_path || !to_path)
		error = -ENOMEM;
	else
		error = path_rename(fs, from_path, to_path, overwrite);
	if (!error) {
		image_forget(volume, from);
		image_forget(volume, to);
	}
	free(from_path);
	free(to_path);
	return error;
}

int image_stat_name(struct volume *volume, const char *name, struct image_stat *ret_stat)
{
	glfs_t *fs = volume_fs(volume);
	struct stat st;
	char *path;
	int error;

	if (!fs)
		return -ENOTCONN;
	path = image_path(name);
	if (!path)
		return -ENOMEM;
	error = path_stat(fs, path, &st);
	free(path);
	if (!error)
		*ret_stat = stat_from_posix(&st);
	return error;
}

static int image_truncate(struct image *image, uint64_t size)
{
	struct op op = { .kind = OP_TRUNCATE, .image = image, .offset = size };

	return (int)op_wait(&op);
}

/* Grow from @old_size and preallocate; back to @old_size if that fails. */
static int image_grow(struct image *image, uint64_t old_size, const struct image_resize *resize)
{
	struct prealloc_watch watch = { .progress = resize->progress, .cancel = resize->cancel };
	struct handle *handle;
	unsigned epoch;
	int error = image_truncate(image, resize->size);

	if (error || resize->preallocation == PREALLOCATION_OFF)
		return error;
	handle = image_handle(image, &epoch);
	error = preallocate(handle->fd, old_size, resize->size, resize->preallocation, &watch);
	handle_put(handle);
	if (error)
		image_truncate(image, old_size);
	return error;
}

int image_resize(struct image *image, const struct image_resize *resize)
{
	struct image_info now;
	int error;

	if (pthread_mutex_trylock(&image->resize_lock))
		return -EBUSY;
	error = image_refresh(image, &now);
	if (!error && resize->size < now.stat.size && !resize->shrink)
		error = -ERANGE;
	else if (!error && resize->size < now.stat.size)
		error = resize->preallocation ? -EINVAL : image_truncate(image, resize->size);
	else if (!error && resize->size > now.stat.size)
		error = image_grow(image, now.stat.size, resize);
	pthread_mutex_unlock(&image->resize_lock);
	return error;
}
