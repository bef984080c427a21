/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_RANGE_LOCK_H
#define BLOCK_RANGE_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Orders overlapping operations on one image by arrival. Gluster does not: of overlapping writes
 * in flight any may be the last, and a read may overtake the write it was sent behind.
 *
 * Holds are kept in one list in order of arrival. A hold is granted when no earlier one that
 * overlaps it is left, shared (read) holds among themselves excepted.
 */
struct range_hold {
	uint64_t first, end; /* bytes [first, end) */
	bool exclusive;	     /* changes the bytes; shared otherwise */
	/* Called once when a waiting hold is granted: by the thread that released, under no lock. */
	void (*granted)(struct range_hold *hold);
	/* private */
	struct range_hold *previous, *next, *ready_next;
	unsigned blockers;
};

struct range_lock {
	pthread_mutex_t lock;
	struct range_hold *head, *tail;
};

/* range_lock_init() - an empty lock. */
void range_lock_init(struct range_lock *ranges);

/* range_lock_destroy() - end of @ranges; nothing may hold it. */
void range_lock_destroy(struct range_lock *ranges);

/*
 * range_lock_acquire() - queue @hold (borrowed until released). Any thread, never blocks.
 *
 * Return: true when it is granted now; false when hold->granted() will be called.
 */
bool range_lock_acquire(struct range_lock *ranges, struct range_hold *hold);

/* range_lock_release() - end a granted hold and grant those that waited for it alone. Any thread. */
void range_lock_release(struct range_lock *ranges, struct range_hold *hold);

#endif
