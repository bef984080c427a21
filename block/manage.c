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

/* Give the file @aside the name @path; replace what has it, or fail with -EEXIST. */
static int file_publish(glfs_t *fs, const char *aside, const char *path, bool replace)
{
	int error;

	if (replace)
		return glfs_rename(fs, aside, path) ? last_error() : 0;
	if (glfs_link(fs, aside, path))
		return last_error();
	/* Left behind, the second name would keep the space of the image when that is deleted. */
	for (int tries = 0; tries < 2; tries++)
		if (!glfs_unlink(fs, aside))
			return 0;
	error = last_error();
	glfs_unlink(fs, path);
	return error;
}

/*
 * Make the new file aside and publish it in one step: when it replaces another, and when making it takes
 * long, so that nobody sees it half made.
 */
static int file_create_aside(glfs_t *fs, const char *path, const struct image_create *create,
			     struct image_stat *ret_stat)
{
	char aside[64];
	struct stat old;
	int error = path_stat(fs, path, &old);

	if (!error && !create->overwrite)
		return -EEXIST;
	if (error && error != -ENOENT)
		return create->overwrite ? error : -EEXIST;
	error = path_check_parent(fs, path);
	if (error)
		return error;
	volume_hidden_name(aside, "new");
	error = file_create(fs, aside, create, ret_stat);
	if (!error)
		error = file_publish(fs, aside, path, create->overwrite);
	if (error)
		glfs_unlink(fs, aside);
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
		error = create->overwrite || create->preallocation ?
				file_create_aside(fs, path, create, ret_stat) :
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
	struct stat old, new;
	int error;

	if (glfs_link(fs, from, to))
		return last_error();
	if (!glfs_unlink(fs, from))
		return 0;
	error = last_error();
	/* Take the new name back, but only while the old one surely is there: an answer may be lost. */
	if (!glfs_lstat(fs, from, &old) && !glfs_lstat(fs, to, &new) && old.st_ino == new.st_ino)
		glfs_unlink(fs, to);
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
		error = image_settle(volume, from);
	if (!error)
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

/* A range lock taken by a thread that waits for it. */
struct waiting_hold {
	struct range_hold hold;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool granted;
};

static void waiting_hold_granted(struct range_hold *hold)
{
	struct waiting_hold *waiting = (struct waiting_hold *)hold; /* its first member */

	SCOPED_LOCK(&waiting->lock);
	waiting->granted = true;
	pthread_cond_signal(&waiting->changed);
}

/* Hold everything from @first on, whatever the size. Blocks. */
static void image_hold_from(struct image *image, uint64_t first, struct waiting_hold *waiting)
{
	*waiting = (struct waiting_hold){ .hold = { .first = first,
						    .end = UINT64_MAX,
						    .exclusive = true,
						    .granted = waiting_hold_granted },
					  .lock = PTHREAD_MUTEX_INITIALIZER,
					  .changed = PTHREAD_COND_INITIALIZER };
	if (range_lock_acquire(&image->ranges, &waiting->hold))
		return;
	pthread_mutex_lock(&waiting->lock);
	while (!waiting->granted)
		pthread_cond_wait(&waiting->changed, &waiting->lock);
	pthread_mutex_unlock(&waiting->lock);
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
	int error = image_truncate(image, resize->size);

	if (error || resize->preallocation == PREALLOCATION_OFF)
		return error;
	handle = image_handle(image);
	error = preallocate(handle->fd, old_size, resize->size, resize->preallocation, &watch);
	handle_put(handle);
	if (error)
		image_truncate(image, old_size);
	return error;
}

/* image_resize() from @old_size; under resize_lock. */
static int image_resize_from(struct image *image, uint64_t old_size,
			     const struct image_resize *resize)
{
	struct waiting_hold waiting;
	int error;

	if (resize->size == old_size)
		return 0;
	if (resize->size < old_size && !resize->shrink)
		return -ERANGE;
	if (resize->size < old_size && resize->preallocation)
		return -EINVAL;
	/* Nobody may read or write there meanwhile: preallocation writes zeros. */
	image_hold_from(image, resize->size < old_size ? resize->size : old_size, &waiting);
	if (resize->size < old_size)
		error = image_truncate(image, resize->size);
	else
		error = image_grow(image, old_size, resize);
	range_lock_release(&image->ranges, &waiting.hold);
	return error;
}

int image_resize(struct image *image, const struct image_resize *resize)
{
	struct image_info now;
	int error;

	if (pthread_mutex_trylock(&image->resize_lock))
		return -EBUSY;
	error = image_refresh(image, &now);
	if (!error)
		error = image_resize_from(image, now.stat.size, resize);
	pthread_mutex_unlock(&image->resize_lock);
	return error;
}
