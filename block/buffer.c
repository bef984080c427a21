/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The budget has two shares with a queue each, so that small requests get through while streams fill
 * theirs. Large buffers are kept on a free list, because fresh megabytes cost a page fault per 4 KiB;
 * the small ones are malloc's, which is as fast. What is counted is pages handed out.
 */
#include "block/buffer.h"

#include <errno.h>
#include <stdlib.h>

#include "block/lock.h"

#define PAGE	  4096u
#define SMALL_MAX (64u << 10)
#define SPARE_MAX 64u /* large buffers kept for the next user */

/* A part of the budget, for buffers of one kind. */
struct share {
	uint64_t limit; /* constant */
	uint64_t used;
	struct buffer_wait *head, **tail;
	bool granting; /* a thread is at it: who gives a buffer back meanwhile leaves it to that one */
};

struct buffer_pool {
	pthread_mutex_t lock; /* guards all below */
	struct share small, large;
	unsigned n_spare;
	void *spare[SPARE_MAX];
};

struct buffer_pool *buffer_pool_new(uint64_t limit)
{
	struct buffer_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->small.limit = limit / 8;
	pool->large.limit = limit - pool->small.limit;
	pool->small.tail = &pool->small.head;
	pool->large.tail = &pool->large.head;
	pthread_mutex_init(&pool->lock, NULL);
	return pool;
}

void buffer_pool_free(struct buffer_pool *pool)
{
	for (unsigned i = 0; i < pool->n_spare; i++)
		free(pool->spare[i]);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

/* What a buffer of @size really takes: whole pages, and always BUFFER_MAX for more than half. */
static size_t buffer_cost(size_t size)
{
	if (size > BUFFER_MAX / 2)
		return BUFFER_MAX;
	return (size + PAGE - 1) / PAGE * PAGE;
}

static struct share *share_of(struct buffer_pool *pool, size_t cost)
{
	return cost > SMALL_MAX ? &pool->large : &pool->small;
}

/* Count @cost as used if the share allows; take a spare large buffer for it if there is one. */
static bool buffer_reserve_locked(struct buffer_pool *pool, size_t cost, void **ret_spare)
{
	struct share *share = share_of(pool, cost);

	if (share->used + cost > share->limit)
		return false;
	share->used += cost;
	*ret_spare = cost == BUFFER_MAX && pool->n_spare ? pool->spare[--pool->n_spare] : NULL;
	return true;
}

/* The memory of a reservation; gives the reservation back if there is none. */
static void *buffer_materialise(struct buffer_pool *pool, size_t cost, void *spare)
{
	void *buffer = spare ? spare : aligned_alloc(PAGE, cost);

	if (!buffer) {
		SCOPED_LOCK(&pool->lock);
		share_of(pool, cost)->used -= cost;
	}
	return buffer;
}

bool buffer_get(struct buffer_pool *pool, struct buffer_wait *wait)
{
	size_t cost = buffer_cost(wait->size);
	struct share *share = share_of(pool, cost);
	void *spare;

	pthread_mutex_lock(&pool->lock);
	if (share->head || !buffer_reserve_locked(pool, cost, &spare)) {
		wait->next = NULL;
		*share->tail = wait;
		share->tail = &wait->next;
		pthread_mutex_unlock(&pool->lock);
		return false;
	}
	pthread_mutex_unlock(&pool->lock);
	wait->buffer = buffer_materialise(pool, cost, spare);
	return true;
}

void *buffer_try(struct buffer_pool *pool, size_t size)
{
	size_t cost = buffer_cost(size);
	void *spare;

	pthread_mutex_lock(&pool->lock);
	if (share_of(pool, cost)->head || !buffer_reserve_locked(pool, cost, &spare)) {
		pthread_mutex_unlock(&pool->lock);
		return NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	return buffer_materialise(pool, cost, spare);
}

bool buffer_wanted(struct buffer_pool *pool, size_t size)
{
	SCOPED_LOCK(&pool->lock);
	return share_of(pool, buffer_cost(size))->head != NULL;
}

/*
 * The first waiter of @share if its buffer is there now, with the memory in @ret_spare. NULL when there
 * is none, or another thread is granting; @granting says whether the caller already was.
 */
static struct buffer_wait *share_next_waiter(struct buffer_pool *pool, struct share *share,
					     bool granting, void **ret_spare)
{
	SCOPED_LOCK(&pool->lock);
	struct buffer_wait *wait = share->head;

	if (share->granting && !granting)
		return NULL;
	share->granting = wait && buffer_reserve_locked(pool, buffer_cost(wait->size), ret_spare);
	if (!share->granting)
		return NULL;
	share->head = wait->next;
	if (!share->head)
		share->tail = &share->head;
	return wait;
}

void buffer_put(struct buffer_pool *pool, void *buffer, size_t size)
{
	size_t cost = buffer_cost(size);
	struct share *share = share_of(pool, cost);
	struct buffer_wait *wait;
	void *spare;

	if (!buffer)
		return;
	pthread_mutex_lock(&pool->lock);
	share->used -= cost;
	if (cost == BUFFER_MAX && pool->n_spare < SPARE_MAX) {
		pool->spare[pool->n_spare++] = buffer;
		buffer = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	free(buffer);

	/* Granting to a waiter that is gone may give that buffer back at once: not deeper and deeper. */
	for (bool granting = false; (wait = share_next_waiter(pool, share, granting, &spare));
	     granting = true) {
		wait->buffer = buffer_materialise(pool, buffer_cost(wait->size), spare);
		wait->granted(wait);
	}
}

uint64_t buffer_pool_used(struct buffer_pool *pool)
{
	SCOPED_LOCK(&pool->lock);
	return pool->small.used + pool->large.used;
}
