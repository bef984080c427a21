/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block/extents.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "block/image_internal.h"
#include "block/volume_internal.h"

/* A walk over the extents of one file. */
struct walk {
	glfs_fd_t *fd; /* of its own: glfs_lseek keeps its result in the descriptor */
	uint64_t position, end;
	bool seeks; /* the volume can tell holes */
};

/*
 * The extent at walk->position, cut at walk->end. Every answer of gluster that is an error, or makes
 * no sense, is "data up to the end".
 */
static struct extent walk_extent(struct walk *walk)
{
	off_t position = (off_t)walk->position, data, hole;
	struct extent all = { .offset = walk->position,
			      .length = walk->end - walk->position,
			      .data = true };

	if (!walk->seeks)
		return all;
	data = glfs_lseek(walk->fd, position, SEEK_DATA);
	if (data < 0 && errno == ENXIO) {
		all.data = false; /* nothing but a hole up to the end of the file */
		return all;
	}
	if (data < position)
		return all;
	if (data > position) {
		all.data = false;
		if ((uint64_t)data < walk->end)
			all.length = (uint64_t)data - walk->position;
		return all;
	}
	hole = glfs_lseek(walk->fd, position, SEEK_HOLE);
	if (hole > position && (uint64_t)hole < walk->end)
		all.length = (uint64_t)hole - walk->position;
	return all;
}

/* Add @extent to the list, or to its last extent when both are alike; false when the list is full. */
static bool list_add(struct extent_list *list, size_t limit, const struct extent *extent)
{
	struct extent *last = list->count ? &list->extents[list->count - 1] : NULL;

	if (last && last->data == extent->data) {
		last->length += extent->length;
		return true;
	}
	if (list->count == limit)
		return false;
	list->extents[list->count++] = *extent;
	return true;
}

/* Write-behind does not know seek: what it holds back would look like a hole. */
static int image_write_out(struct image *image)
{
	struct handle *handle = image_handle(image);
	int error = 0;

	if (handle->cache == CACHE_WRITEBACK && handle->dirty &&
	    glfs_fdatasync(handle->fd, NULL, NULL))
		error = -(errno ? errno : EIO);
	handle_put(handle);
	return error;
}

static int walk_open(struct image *image, struct walk *walk, uint64_t *ret_size)
{
	struct stat st;
	int error = image_write_out(image);

	if (error)
		return error;
	errno = 0;
	walk->fd = glfs_open(volume_fs(image->volume), image->path, O_RDONLY);
	if (!walk->fd)
		return -(errno ? errno : EIO);
	if (glfs_fstat(walk->fd, &st)) {
		error = -(errno ? errno : EIO);
		glfs_close(walk->fd);
		return error;
	}
	walk->seeks = image->volume->features.extents;
	*ret_size = (uint64_t)st.st_size;
	return 0;
}

int image_extents(struct image *image, uint64_t offset, uint64_t length, size_t limit,
		  struct extent_list *ret_list)
{
	struct walk walk = { .position = offset };
	struct extent_list list = { .count = 0 };
	int error = walk_open(image, &walk, &list.size);

	if (error)
		return error;
	ret_list->size = list.size;
	if (offset > list.size)
		error = -ERANGE;
	else if (!(list.extents = malloc(limit * sizeof(list.extents[0]))))
		error = -ENOMEM;
	if (error)
		goto out;
	walk.end = length > list.size - offset ? list.size : offset + length;
	while (walk.position < walk.end) {
		struct extent extent = walk_extent(&walk);

		if (!list_add(&list, limit, &extent))
			break;
		walk.position += extent.length;
	}
	list.next = walk.position;
	*ret_list = list;
out:
	glfs_close(walk.fd);
	return error;
}

void extent_list_clear(struct extent_list *list)
{
	free(list->extents);
	*list = (struct extent_list){ .count = 0 };
}
