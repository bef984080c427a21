/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block/preallocate.h"

#include <errno.h>
#include <stddef.h>

#define SLICE	    (64u << 20)
#define ZERO_BLOCK  (64u << 10)
#define ZERO_PIECES 16

/* One way to preallocate a slice: 0, or -1 with errno. */
typedef int slice_fn(glfs_fd_t *fd, uint64_t offset, uint64_t length);

static int slice_zerofill(glfs_fd_t *fd, uint64_t offset, uint64_t length)
{
	return glfs_zerofill(fd, (off_t)offset, (off_t)length);
}

static int slice_fallocate(glfs_fd_t *fd, uint64_t offset, uint64_t length)
{
	return glfs_fallocate(fd, 0, (off_t)offset, length);
}

static int slice_write(glfs_fd_t *fd, uint64_t offset, uint64_t length)
{
	static const char zeros[ZERO_BLOCK];
	struct iovec iov[ZERO_PIECES];

	for (int i = 0; i < ZERO_PIECES; i++)
		iov[i] = (struct iovec){ .iov_base = (void *)zeros, .iov_len = sizeof(zeros) };
	while (length) {
		uint64_t piece = sizeof(zeros) * ZERO_PIECES;
		ssize_t n = length < piece ? glfs_pwrite(fd, zeros,
							 length < ZERO_BLOCK ? length : ZERO_BLOCK,
							 (off_t)offset, 0, NULL, NULL) :
					     glfs_pwritev(fd, iov, ZERO_PIECES, (off_t)offset, 0);
		if (n <= 0)
			return -1;
		offset += (uint64_t)n;
		length -= (uint64_t)n;
	}
	return 0;
}

/* Preallocate slice by slice with @slice, from *@offset on, which tells how far it came. */
static int preallocate_by(slice_fn *slice, glfs_fd_t *fd, uint64_t *offset, uint64_t end,
			  const struct prealloc_watch *watch)
{
	while (*offset < end) {
		uint64_t length = end - *offset < SLICE ? end - *offset : SLICE;

		if (watch->cancel && *watch->cancel)
			return -ECANCELED;
		errno = 0;
		if (slice(fd, *offset, length))
			return -(errno ? errno : EIO);
		*offset += length;
		if (watch->progress)
			*watch->progress += length;
	}
	return 0;
}

int preallocate(glfs_fd_t *fd, uint64_t first, uint64_t end, enum preallocation how,
		const struct prealloc_watch *watch)
{
	static slice_fn *const full[] = { slice_zerofill, slice_fallocate, slice_write, NULL };
	static slice_fn *const reserve[] = { slice_fallocate, NULL };
	slice_fn *const *way = how == PREALLOCATION_FULL ? full : reserve;
	int error;

	if (how == PREALLOCATION_OFF)
		return 0;
	do
		error = preallocate_by(*way, fd, &first, end, watch);
	while ((error == -EOPNOTSUPP || error == -ENOSYS) && *++way);
	return error;
}
