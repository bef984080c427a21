/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_IMAGE_INTERNAL_H
#define BLOCK_IMAGE_INTERNAL_H

/* What the files of block/ know of an open image and nobody else does. */

#include <pthread.h>
#include <stdatomic.h>

#include "block/handle.h"
#include "block/image.h"
#include "block/range_lock.h"
#include "block/worker.h"

/* Flushes of one image that share an fsync: those that came while one ran go with the next. */
struct flush_group {
	struct op *running, *waiting;
};

struct image {
	struct volume *volume; /* constant; the image holds a reference */
	char *name;	       /* constant: as clients say it */
	char *path;	       /* constant: "/" and the name */
	unsigned hash;	       /* constant */
	atomic_uint refs;
	struct image *next; /* table, under volume->lock */

	pthread_mutex_t open_lock; /* one open, validation, re-open at a time; workers only */
	pthread_mutex_t
		resize_lock; /* one resize at a time; workers only, tried, never waited for */

	pthread_mutex_t lock; /* guards all below */
	struct handle *handle;
	struct image_stat stat;
	unsigned size_epoch;   /* counts changes of size: an answer from before one is stale */
	uint64_t validated_ns; /* when the handle's file was last seen under the name */
	uint64_t used_ns;
	bool validating;
	int lost; /* errno of the flush that failed, 0 if none did */
	struct flush_group flushes;
	struct job validation;

	struct range_lock ranges; /* orders overlapping operations */
	struct range_lock
		zeroing; /* one zerofill at a time: a brick may write through a shared offset */
};

/*
 * image_handle() - the descriptor to use now. Any thread.
 *
 * Return: the handle (gives a reference; handle_put()) and the size epoch, or NULL: not open.
 */
struct handle *image_handle(struct image *image, unsigned *ret_epoch);

/*
 * image_recover() - replace @broken, a handle gluster no longer accepts or whose file is gone, by a
 * new one for the same name. Workers only: blocks. Return: 0; -errno (-ENOENT: the image is gone).
 */
int image_recover(struct image *image, const struct handle *broken);

/*
 * image_note_stat() - what gluster said of the file in an answer to a question of epoch @epoch; ignored
 * when the size changed in between. Any thread.
 */
void image_note_stat(struct image *image, unsigned epoch, const struct image_stat *stat);

/* image_note_size() - the size is @size now: ours was the change. Any thread. */
void image_note_size(struct image *image, uint64_t size);

/* image_path() - "/" and @name (gives, free(); NULL without memory). */
char *image_path(const char *name);

#endif
