/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_IMAGE_INTERNAL_H
#define BLOCK_IMAGE_INTERNAL_H

/* What the files of block/ know of an open image and nobody else does. */

#include <pthread.h>
#include <stdatomic.h>

#include "block/handle.h"
#include "block/image.h"
#include "block/op.h"
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
	atomic_bool forgotten; /* out of the table: the name may be another file's */
	struct image *next;    /* table, under volume->lock */

	pthread_mutex_t open_lock; /* one open, validation, re-open at a time; workers only */
	pthread_mutex_t
		resize_lock; /* one resize at a time; workers only, tried, never waited for */

	pthread_mutex_t lock; /* guards all below */
	struct handle *handle;
	struct image_stat stat;
	uint64_t stat_ns;      /* when the question was asked that stat answers */
	uint64_t validated_ns; /* when the handle's file was last seen under the name */
	uint64_t used_ns;
	bool validating, flushing;
	int lost; /* errno of the flush that failed, 0 if none did */
	struct flush_group flushes;
	struct job validation;
	struct op idle_flush;

	struct range_lock ranges; /* orders overlapping operations */
	struct range_lock
		zeroing; /* one zerofill at a time: a brick may write through a shared offset */
};

/* image_new() - an image that is not in the table yet (gives a reference; NULL without memory). */
struct image *image_new(struct volume *volume, const char *name);

/* image_hash() - for image->hash. */
unsigned image_hash(const char *name);

/* image_table_find() - the open image called @name (gives a reference), or NULL. Any thread. */
struct image *image_table_find(struct volume *volume, const char *name);

/* image_table_find_or_add() - the same, put there if need be; NULL without memory. Any thread. */
struct image *image_table_find_or_add(struct volume *volume, const char *name);

/*
 * image_table_remove() - take @image out of the table if it is there, and drop the table's reference; the
 * caller must have one of its own. Any thread.
 */
void image_table_remove(struct image *image);

/* image_handle() - the descriptor to use now (gives a reference; handle_put()). Any thread. */
struct handle *image_handle(struct image *image);

/*
 * image_recover() - replace @broken, a handle gluster no longer accepts or whose file is gone, by a
 * new one for the same name. Workers only: blocks. Return: 0; -errno (-ENOENT: the image is gone, or
 * we have deleted or renamed it, and the name is another image's by now).
 */
int image_recover(struct image *image, const struct handle *broken);

/*
 * image_note_stat() - what gluster said of the file to a question asked at @asked_ns; ignored when the
 * answer to a later one is known. Any thread.
 */
void image_note_stat(struct image *image, uint64_t asked_ns, const struct image_stat *stat);

/* image_note_size() - the size is @size now: ours was the change. Any thread. */
void image_note_size(struct image *image, uint64_t size);

/*
 * image_settle() - flush what is open of @name, before its name changes. Workers only: blocks. Return: 0;
 * -ENOTRECOVERABLE when an earlier flush failed; -errno of the flush.
 */
int image_settle(struct volume *volume, const char *name);

/* image_path() - "/" and @name (gives, free(); NULL without memory). */
char *image_path(const char *name);

#endif
