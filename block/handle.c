/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors: opening one, and closing it when the last user let go. glfs_close blocks, and it
 * swallows the callbacks of operations in flight, so each of those holds a reference and a worker
 * does the closing. The volume counts its handles; it ends only when none is left.
 */
#include "block/handle.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "block/lock.h"
#include "block/volume_internal.h"

#define LOG_ERROR 3

struct image_stat stat_from_posix(const struct stat *st)
{
	return (struct image_stat){ .size = (uint64_t)st->st_size,
				    .allocated = (uint64_t)st->st_blocks * 512,
				    .ino = st->st_ino,
				    .mtime = st->st_mtim };
}

/* Open @path with the flags of @mode and @cache; sets the mode it came to. NULL with errno. */
static glfs_fd_t *handle_open_fd(struct volume *volume, glfs_t *fs, const char *path,
				 enum image_cache cache, enum image_mode *mode)
{
	int direct = cache == CACHE_NONE ? O_DIRECT : 0;
	glfs_fd_t *fd;

	if (*mode != IMAGE_RO && !volume->read_only) {
		fd = glfs_open(fs, path, O_RDWR | direct);
		if (fd || *mode == IMAGE_RW || (errno != EROFS && errno != EACCES)) {
			*mode = IMAGE_RW;
			return fd;
		}
	} else if (*mode == IMAGE_RW) {
		errno = EROFS;
		return NULL;
	}
	*mode = IMAGE_RO;
	return glfs_open(fs, path, O_RDONLY | direct);
}

int handle_open(struct volume *volume, const char *path, enum image_mode mode,
		enum image_cache cache, struct handle **ret_handle, struct image_stat *ret_stat)
{
	glfs_t *fs = volume_fs(volume);
	struct handle *handle;
	struct stat st;
	int error;

	if (!fs)
		return -ENOTCONN;
	handle = calloc(1, sizeof(*handle));
	if (!handle)
		return -ENOMEM;
	handle->fd = handle_open_fd(volume, fs, path, cache, &mode);
	if (!handle->fd) {
		error = errno ? errno : EIO;
		goto fail;
	}
	if (glfs_fstat(handle->fd, &st)) {
		error = errno ? errno : EIO;
		goto fail_close;
	}
	if (!S_ISREG(st.st_mode)) {
		error = EISDIR;
		goto fail_close;
	}
	handle->volume = volume;
	handle->ino = st.st_ino;
	handle->mode = mode;
	handle->cache = cache;
	handle->refs = 1;
	pthread_mutex_lock(&volume->lock);
	volume->handles++;
	pthread_mutex_unlock(&volume->lock);
	*ret_handle = handle;
	*ret_stat = stat_from_posix(&st);
	return 0;

fail_close:
	glfs_close(handle->fd);
fail:
	free(handle);
	return -error;
}

static void handle_close(struct job *job)
{
	struct handle *handle = (struct handle *)((char *)job - offsetof(struct handle, closing));
	struct volume *volume = handle->volume;

	bool failed = handle->dirty && glfs_fsync(handle->fd, NULL, NULL);

	if (failed)
		volume_reportf(volume, LOG_ERROR, "flush before closing an image failed: %m");
	glfs_close(handle->fd);
	free(handle);
	SCOPED_LOCK(&volume->lock);
	volume->unflushed |= failed;
	volume->handles--;
	pthread_cond_broadcast(&volume->changed);
}

void handle_put(struct handle *handle)
{
	if (atomic_fetch_sub(&handle->refs, 1) != 1)
		return;
	handle->closing.run = handle_close;
	workers_submit(handle->volume->workers, &handle->closing);
}
