/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large buffers are kept on a free list, because fresh megabytes cost a page fault per 4 KiB; the
 * small ones are malloc's, which is as fast. The budget counts what is handed out, in pages.
 */
#include "block/buffer.h"

#include <errno.h>
#include <stdlib.h>

#include "block/lock.h"

#define PAGE	  4096u
#define SPARE_MAX 64u /* large buffers kept for the next user */

struct buffer_pool {
	uint64_t limit;	      /* constant */
	pthread_mutex_t lock; /* guards all below */
	uint64_t used;
	struct buffer_wait *head, **tail;
	unsigned n_spare;
	void *spare[SPARE_MAX];
};

struct buffer_pool *buffer_pool_new(uint64_t limit)
{
	struct buffer_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->limit = limit;
	pool->tail = &pool->head;
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

/* Count @cost as used if the budget allows; take a spare large buffer for it if there is one. */
static bool buffer_reserve_locked(struct buffer_pool *pool, size_t cost, void **ret_spare)
{
	if (pool->used + cost > pool->limit)
		return false;
	pool->used += cost;
	*ret_spare = cost == BUFFER_MAX && pool->n_spare ? pool->spare[--pool->n_spare] : NULL;
	return true;
}

/* The memory of a reservation; gives the reservation back if there is none. */
static void *buffer_materialise(struct buffer_pool *pool, size_t cost, void *spare)
{
	void *buffer = spare ? spare : aligned_alloc(PAGE, cost);

	if (!buffer) {
		SCOPED_LOCK(&pool->lock);
		pool->used -= cost;
	}
	return buffer;
}

bool buffer_get(struct buffer_pool *pool, struct buffer_wait *wait)
{
	size_t cost = buffer_cost(wait->size);
	void *spare;

	pthread_mutex_lock(&pool->lock);
	if (pool->head || !buffer_reserve_locked(pool, cost, &spare)) {
		wait->next = NULL;
		*pool->tail = wait;
		pool->tail = &wait->next;
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
	if (pool->head || !buffer_reserve_locked(pool, cost, &spare)) {
		pthread_mutex_unlock(&pool->lock);
		return NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	return buffer_materialise(pool, cost, spare);
}

/* The first waiter if its buffer is there now, with the memory in @ret_spare; else NULL. */
static struct buffer_wait *buffer_next_waiter(struct buffer_pool *pool, void **ret_spare)
{
	SCOPED_LOCK(&pool->lock);
	struct buffer_wait *wait = pool->head;

	if (!wait || !buffer_reserve_locked(pool, buffer_cost(wait->size), ret_spare))
		return NULL;
	pool->head = wait->next;
	if (!pool->head)
		pool->tail = &pool->head;
	return wait;
}

void buffer_put(struct buffer_pool *pool, void *buffer, size_t size)
{
	struct buffer_wait *wait;
	size_t cost = buffer_cost(size);
	void *spare;

	if (!buffer)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->used -= cost;
	if (cost == BUFFER_MAX && pool->n_spare < SPARE_MAX) {
		pool->spare[pool->n_spare++] = buffer;
		buffer = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	free(buffer);

	while ((wait = buffer_next_waiter(pool, &spare))) {
		wait->buffer = buffer_materialise(pool, buffer_cost(wait->size), spare);
		wait->granted(wait);
	}
}

uint64_t buffer_pool_used(struct buffer_pool *pool)
{
	SCOPED_LOCK(&pool->lock);
	return pool->used;
}
