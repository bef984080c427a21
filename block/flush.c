/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block/flush.h"

#include <errno.h>

#include "block/image_internal.h"
#include "block/lock.h"
#include "block/op_internal.h"

void flush_submit(struct op *op)
{
	struct image *image = op->image;
	bool first;

	pthread_mutex_lock(&image->lock);
	first = !image->flushes.running;
	if (first) {
		op->next = NULL;
		image->flushes.running = op;
	} else {
		op->next = image->flushes.waiting;
		image->flushes.waiting = op;
	}
	pthread_mutex_unlock(&image->lock);
	if (first)
		op_start(op);
}

/*
 * After a failed fsync nobody knows what the bricks still have, and the next one would succeed: the
 * image is marked, and the mark stays until it is re-opened.
 */
static void flush_mark_lost_locked(struct image *image, int64_t result)
{
	if (!image->lost)
		image->lost = (int)-result;
}

void flush_complete(struct op *op, int64_t result)
{
	struct image *image = op->image;
	struct op *group, *next;

	pthread_mutex_lock(&image->lock);
	if (result < 0 && result != -ENOTRECOVERABLE) /* that is the mark speaking */
		flush_mark_lost_locked(image, result);
	group = image->flushes.running;
	next = image->flushes.waiting;
	image->flushes.running = next;
	image->flushes.waiting = NULL;
	pthread_mutex_unlock(&image->lock);

	/* The next group first: @group's owners may let go of the image. */
	if (next)
		op_start_later(next);
	while (group) {
		struct op *other = group->next;

		op_finish(group, result);
		group = other;
	}
}
