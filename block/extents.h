/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_EXTENTS_H
#define BLOCK_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "block/image.h"

struct extent {
	uint64_t offset, length;
	bool data; /* false: a hole, which reads as zeros */
};

struct extent_list {
	uint64_t size; /* of the image */
	size_t count;
	uint64_t next; /* where to go on; equal to the end of the asked range when complete */
	struct extent *extents;
};

/*
 * image_extents() - data and holes of [@offset, @offset + @length), without gaps, at most @limit.
 *
 * Workers only: blocks. Walks a descriptor of its own, because glfs_lseek keeps its result in the
 * descriptor. Where gluster cannot tell, or answers something odd, it is "data": a false hole would
 * lose data in a copy, false data only costs time.
 * Return: 0 and a list (gives; extent_list_clear()); -ERANGE when @offset is past the end
 * (only ->size is set then); -errno.
 */
int image_extents(struct image *image, uint64_t offset, uint64_t length, size_t limit,
		  struct extent_list *ret_list);

/* extent_list_clear() - free what image_extents() gave. */
void extent_list_clear(struct extent_list *list);

#endif
