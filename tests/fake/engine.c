/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completion threads of the fake gluster.
 *
 * A job waits in one of three places, all under one lock: `queue` until its time has come,
 * `held` until the rule that holds it is gone, `batch` while jobs that are to be reordered
 * gather. A batch is run newest first by one thread, so that its order is exact. The effect of
 * a job on the file happens when it runs, not when it is submitted: overlapping operations in
 * flight really overtake each other.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "tests/fake/fake.h"

#define THREADS	  3
#define POLL_MS	  2 /* how often a held job looks at the rules */
#define GATHER_MS 5 /* a batch is complete when nothing joined it for so long */

struct fake_engine {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct fake_job *queue;
	struct fake_job *held;
	struct fake_job *batch; /* newest first */
	int64_t batch_due_ms;
	bool stopping;
	pthread_t threads[THREADS];
	int started;
};

static _Thread_local int callback_depth;

bool fake_in_callback(void)
{
	return callback_depth > 0;
}

void fake_job_free(struct fake_job *job)
{
	free(job->copy);
	free(job->iov);
	free(job);
}

void fake_stat(struct glfs_fd *fd, struct glfs_stat *out)
{
	struct stat st;

	if (!out)
		return;
	*out = (struct glfs_stat){ 0 };
	if (fstat(fd->fd, &st))
		return;
	out->glfs_st_mask = GLFS_STAT_BASIC_STATS;
	out->glfs_st_atime = st.st_atim;
	out->glfs_st_mtime = st.st_mtim;
	out->glfs_st_ctime = st.st_ctim;
	out->glfs_st_ino = st.st_ino;
	out->glfs_st_size = st.st_size;
	out->glfs_st_blocks = st.st_blocks;
	out->glfs_st_blksize = st.st_blksize;
	out->glfs_st_nlink = st.st_nlink;
	out->glfs_st_uid = st.st_uid;
	out->glfs_st_gid = st.st_gid;
	out->glfs_st_mode = st.st_mode;
}

static void job_run(struct fake_job *job)
{
	struct glfs_stat pre, post;
	bool is_read = job->iov && !job->copy;
	ssize_t ret;
	int error;

	fake_stat(job->fd, &pre);
	errno = job->verdict.error;
	ret = errno ? -1 : job->run(job);
	error = errno;
	fake_stat(job->fd, &post);
	/* From here on the caller may close the handle. */
	atomic_fetch_sub(&job->fd->in_flight, 1);
	callback_depth++;
	errno = ret < 0 ? error : ENOENT;
	job->fn(job->fd, ret, ret < 0 || is_read ? NULL : &pre, ret < 0 ? NULL : &post, job->data);
	callback_depth--;
	fake_job_free(job);
}

static void release_held_locked(struct fake_engine *engine)
{
	struct fake_job **at = &engine->held;

	while (*at) {
		struct fake_job *job = *at;

		if (fake_held(&job->call)) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		job->next = engine->queue;
		engine->queue = job;
	}
}

/* Takes what may run now, a chain of one job or a whole batch; else says when to look again. */
static struct fake_job *pick_locked(struct fake_engine *engine, int64_t *ret_wake_ms)
{
	int64_t now = fake_now_ms();
	int64_t wake = now + 1000;

	release_held_locked(engine);
	for (struct fake_job **at = &engine->queue; *at; at = &(*at)->next) {
		struct fake_job *job = *at;

		if (job->due_ms <= now) {
			*at = job->next;
			job->next = NULL;
			return job;
		}
		if (job->due_ms < wake)
			wake = job->due_ms;
	}
	if (engine->batch && engine->batch_due_ms <= now) {
		struct fake_job *chain = engine->batch;

		engine->batch = NULL;
		return chain;
	}
	if (engine->batch && engine->batch_due_ms < wake)
		wake = engine->batch_due_ms;
	if (engine->held)
		wake = now + POLL_MS;
	*ret_wake_ms = wake;
	return NULL;
}

static void *engine_thread(void *arg)
{
	struct fake_engine *engine = arg;

	pthread_mutex_lock(&engine->lock);
	for (;;) {
		int64_t wake_ms;
		struct timespec until;
		struct fake_job *chain = pick_locked(engine, &wake_ms);

		if (chain) {
			pthread_mutex_unlock(&engine->lock);
			while (chain) {
				struct fake_job *job = chain;

				chain = job->next;
				job_run(job);
			}
			pthread_mutex_lock(&engine->lock);
			continue;
		}
		if (engine->stopping && !engine->queue && !engine->batch && !engine->held)
			break;
		until = (struct timespec){ wake_ms / 1000, wake_ms % 1000 * 1000000 };
		pthread_cond_timedwait(&engine->wake, &engine->lock, &until);
	}
	pthread_mutex_unlock(&engine->lock);
	return NULL;
}

struct fake_engine *fake_engine_start(void)
{
	struct fake_engine *engine = calloc(1, sizeof(*engine));
	pthread_condattr_t attr;

	if (!engine)
		return NULL;
	pthread_mutex_init(&engine->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&engine->wake, &attr);
	pthread_condattr_destroy(&attr);
	while (engine->started < THREADS) {
		if (pthread_create(&engine->threads[engine->started], NULL, engine_thread,
				   engine)) {
			fake_engine_stop(engine);
			errno = ENOMEM;
			return NULL;
		}
		engine->started++;
	}
	return engine;
}

void fake_engine_stop(struct fake_engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	engine->stopping = true;
	pthread_cond_broadcast(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
	for (int i = 0; i < engine->started; i++)
		pthread_join(engine->threads[i], NULL);
	pthread_cond_destroy(&engine->wake);
	pthread_mutex_destroy(&engine->lock);
	free(engine);
}

void fake_engine_submit(struct fake_engine *engine, struct fake_job *job)
{
	struct fake_job **at = &engine->queue;

	if (job->verdict.inlined) {
		job_run(job);
		return;
	}
	job->next = NULL;
	job->due_ms = fake_now_ms() + job->verdict.delay_ms;
	pthread_mutex_lock(&engine->lock);
	if (job->verdict.hold) {
		job->next = engine->held;
		engine->held = job;
	} else if (job->verdict.reorder) {
		job->next = engine->batch;
		engine->batch = job;
		engine->batch_due_ms = job->due_ms + GATHER_MS;
	} else {
		while (*at)
			at = &(*at)->next;
		*at = job;
	}
	pthread_cond_signal(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
}
