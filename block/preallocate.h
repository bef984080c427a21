/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_PREALLOCATE_H
#define BLOCK_PREALLOCATE_H

#include <glusterfs/api/glfs.h>

#include "block/manage.h"

/* Who watches a preallocation and may end it; both members may be NULL. */
struct prealloc_watch {
	_Atomic uint64_t *progress; /* bytes done, counted up */
	atomic_bool *cancel;
};

/*
 * preallocate() - give [@first, @end) of the open file @fd its space on the bricks. Private to block/.
 *
 * FALLOC reserves; FULL also makes the bytes zeros on disk, by the first way the volume has: zerofill,
 * fallocate, writing. Works in slices, so that none runs into gluster's frame timeout.
 * Workers only: blocks. Return: 0, -ECANCELED, -errno.
 */
int preallocate(glfs_fd_t *fd, uint64_t first, uint64_t end, enum preallocation how,
		const struct prealloc_watch *watch);

#endif
