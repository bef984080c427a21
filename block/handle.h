/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_HANDLE_H
#define BLOCK_HANDLE_H

/* Open descriptors of image files; private to block/. */

#include <glusterfs/api/glfs.h>
#include <stdatomic.h>

#include "block/image.h"
#include "block/worker.h"

/* One open descriptor. Lives until its last user, so that it is never closed under an operation. */
struct handle {
	struct volume *volume; /* constant, as are fd, ino, mode and cache */
	glfs_fd_t *fd;
	uint64_t ino;
	enum image_mode mode; /* RO or RW */
	enum image_cache cache;
	atomic_uint refs;
	atomic_bool dirty; /* written since the last flush */
	struct job closing;
};

/*
 * handle_open() - open the regular file @path ("/" and the image's name). Workers only: blocks.
 *
 * Return: 0, a handle (gives a reference; handle_put()) and its file's @ret_stat; -ENOTCONN when the
 * volume was never connected, -EISDIR for what is not a regular file, -EROFS for IMAGE_RW where only
 * reading is possible, other -errno of gluster.
 */
int handle_open(struct volume *volume, const char *path, enum image_mode mode,
		enum image_cache cache, struct handle **ret_handle, struct image_stat *ret_stat);

/* handle_put() - drop a reference (takes); the last one has a worker flush and close it. Any thread. */
void handle_put(struct handle *handle);

/* stat_from_posix() - the parts of @st that we use. */
struct image_stat stat_from_posix(const struct stat *st);

#endif
