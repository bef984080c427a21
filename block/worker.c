/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers: one queue, threads born on demand. A thread is added when a job is queued and nobody is
 * idle; threads then stay, because a volume that was busy once will be busy again.
 */
#include "block/worker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "block/lock.h"

struct workers {
	unsigned max_threads; /* constant */
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t work;
	struct job *head, **tail;
	unsigned threads, idle, queued;
	bool stopping;
	pthread_t ids[];
};

struct workers *workers_new(unsigned max_threads)
{
	struct workers *pool = calloc(1, sizeof(*pool) + max_threads * sizeof(pool->ids[0]));

	if (!pool)
		return NULL;
	pool->max_threads = max_threads;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pool->tail = &pool->head;
	return pool;
}

/* The next job, waiting for one; NULL when the pool is stopping and the queue is empty. */
static struct job *workers_next(struct workers *pool)
{
	SCOPED_LOCK(&pool->lock);
	while (!pool->head) {
		if (pool->stopping)
			return NULL;
		pool->idle++;
		pthread_cond_wait(&pool->work, &pool->lock);
		pool->idle--;
	}
	struct job *job = pool->head;

	pool->head = job->next;
	if (!pool->head)
		pool->tail = &pool->head;
	pool->queued--;
	return job;
}

static void *workers_thread(void *arg)
{
	struct workers *pool = arg;
	struct job *job;

	while ((job = workers_next(pool)))
		job->run(job);
	return NULL;
}

void workers_submit(struct workers *pool, struct job *job)
{
	SCOPED_LOCK(&pool->lock);
	job->next = NULL;
	*pool->tail = job;
	pool->tail = &job->next;
	/* An idle thread stays counted until it wakes up, so every queued job has claimed one. */
	if (++pool->queued <= pool->idle)
		pthread_cond_signal(&pool->work);
	else if (pool->threads < pool->max_threads &&
		 !pthread_create(&pool->ids[pool->threads], NULL, workers_thread, pool))
		pool->threads++;
}

void workers_stop(struct workers *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->threads; i++)
		pthread_join(pool->ids[i], NULL);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
