/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_LOCK_H
#define BLOCK_LOCK_H

#include <pthread.h>

/*
 * Scoped mutexes. Lock order of the program, outermost first; never take an earlier one while
 * holding a later one:
 *   1. volumes->lock        table of volumes
 *   2. image->open_lock     serialises open, validation and re-open of one image (workers only)
 *   3. volume->lock         state of one volume, its table of open images
 *   4. image->lock          handle, size, marks of one image
 *   5. flight->lock         one request's asynchronous side; taken before libmicrohttpd's own
 *   6. leaves               range locks, buffer pool, worker queue, log
 * Only open_lock may be held across a gluster call: it exists for that. No callback runs under
 * any of them.
 */

static inline pthread_mutex_t *lock_enter(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
	return mutex;
}

static inline void lock_leave(pthread_mutex_t **mutex)
{
	pthread_mutex_unlock(*mutex);
}

/* SCOPED_LOCK(mutex) - hold @mutex until the end of the enclosing block. */
#define SCOPED_LOCK(mutex)                                                                         \
	pthread_mutex_t *scoped_lock                                                               \
		__attribute__((cleanup(lock_leave), unused)) = lock_enter(mutex)

#endif
