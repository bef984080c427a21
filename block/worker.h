/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_WORKER_H
#define BLOCK_WORKER_H

/*
 * A bounded pool of threads for gluster calls that block (open, stat, create, unlink ...). Every
 * volume has its own, so that one volume that hangs never takes the threads of another.
 */

/* One thing to do; embedded in whatever it works on, so that submitting cannot fail for memory. */
struct job {
	void (*run)(struct job *job);
	struct job *next; /* private */
};

struct workers;

/*
 * workers_new() - a pool of at most @max_threads threads, started when first needed.
 *
 * Return: the pool (gives; workers_stop() takes it back), or NULL with errno.
 */
struct workers *workers_new(unsigned max_threads);

/*
 * workers_submit() - run @job on a worker, first come first served.
 *
 * Any thread, gluster's completion threads included; never blocks. @job must stay valid until its
 * run() is called and is not touched afterwards, so run() may free it. The queue has no limit of
 * its own: every job belongs to a request or an image, and those are bounded.
 */
void workers_submit(struct workers *pool, struct job *job);

/*
 * workers_stop() - run what is queued, end the threads and free the pool (takes). Blocks until the
 * last job returned; nothing may be submitted any more.
 */
void workers_stop(struct workers *pool);

#endif
