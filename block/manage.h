/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_MANAGE_H
#define BLOCK_MANAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "block/image.h"

/*
 * Management of images: straight-line functions that block. Workers only, all of them. Errors are
 * -errno; -ENOTCONN when the volume is not connected.
 */
enum preallocation { PREALLOCATION_OFF, PREALLOCATION_FALLOC, PREALLOCATION_FULL };

struct image_create {
	const char *name; /* borrowed */
	uint64_t size;	  /* bytes */
	enum preallocation preallocation;
	bool parents;	/* make missing directories */
	bool overwrite; /* replace an existing image, atomically */
	/* Bytes preallocated so far, for whoever watches; and the wish to stop early (-ECANCELED). */
	_Atomic uint64_t *progress;
	atomic_bool *cancel;
};

/*
 * image_create() - make an image. A failure leaves nothing behind, directories included.
 *
 * Return: 0 and the new image's @ret_stat; -EEXIST; -ENOENT when a directory is missing; -EISDIR,
 * -ENOTDIR, -ENOSPC ...
 */
int image_create(struct volume *volume, const struct image_create *create,
		 struct image_stat *ret_stat);

/* image_delete() - remove the image. -ENOENT, -EISDIR when it is not a regular file. */
int image_delete(struct volume *volume, const char *name);

/* image_rename() - give it another name, -EEXIST if that is taken unless @overwrite (atomic). */
int image_rename(struct volume *volume, const char *from, const char *to, bool overwrite);

/* image_stat_name() - what the file called @name is now, without opening it. -ENOENT, -EISDIR. */
int image_stat_name(struct volume *volume, const char *name, struct image_stat *ret_stat);

struct image_resize {
	uint64_t size;			  /* bytes */
	enum preallocation preallocation; /* of what is added */
	bool shrink;			  /* a smaller size is meant */
	_Atomic uint64_t *progress;
	atomic_bool *cancel;
};

/*
 * image_resize() - grow or shrink, after everything before it that touches the same bytes.
 *
 * Return: 0; -ERANGE for a smaller size without ->shrink; -EINVAL for a smaller one with
 * preallocation; -EBUSY while another resize runs.
 * A failed preallocation truncates back.
 */
int image_resize(struct image *image, const struct image_resize *resize);

#endif
