/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of an operation. Each function below is one station and calls the next:
 *
 *   op_submit -> op_lock_range -> op_start -> gluster -> op_called_back -> op_complete -> op_finish
 *
 * Stations up to op_start run on the submitter's thread, or on a worker when the operation had to
 * wait: a gluster thread that completes one operation never submits the next, because submitting
 * may itself have to wait for gluster threads (a graph change). A completion may come before the
 * submitting call has returned, so an operation is not touched after it was given to gluster.
 */
#include "block/op.h"

#include <errno.h>
#include <stddef.h>

#include "block/clock.h"
#include "block/flush.h"
#include "block/image_internal.h"
#include "block/lock.h"
#include "block/op_internal.h"
#include "block/volume_internal.h"

#define WRITE_MAX   (1u << 20)
#define ZERO_MAX    (64u << 20) /* a brick without fallocate writes them: keep that short */
#define DISCARD_MAX (1u << 30)

#define OP_OF(member, pointer) ((struct op *)((char *)(pointer)-offsetof(struct op, member)))

/* A page of zeros for volumes without zerofill, sent over and over by one iovec array. */
static const char zero_block[WRITE_MAX / OP_ZERO_IOVECS];

uint64_t op_slice_max(struct volume *volume, enum op_kind kind)
{
	switch (kind) {
	case OP_DISCARD:
		return DISCARD_MAX;
	case OP_ZERO:
		return volume->features.zero ? ZERO_MAX : WRITE_MAX;
	default:
		return WRITE_MAX;
	}
}

static bool op_changes(const struct op *op)
{
	return op->kind != OP_READ && op->kind != OP_FLUSH;
}

/* Who waits for an operation in op_wait(), and runs its jobs. */
struct op_waiter {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct job *job; /* to be run by the waiting thread */
	bool done;
};

static void op_run_later(struct op *op, void (*run)(struct job *job))
{
	struct op_waiter *waiter = op->waiter;

	op->job.run = run;
	if (!waiter) {
		workers_submit(op->image->volume->workers, &op->job);
		return;
	}
	SCOPED_LOCK(&waiter->lock);
	waiter->job = &op->job;
	pthread_cond_signal(&waiter->changed);
}

void op_finish(struct op *op, int64_t result)
{
	struct image *image = op->image;

	op->result = result;
	if (op->has_stat)
		image_note_stat(image, op->started_ns, &op->stat);
	if (op->kind == OP_TRUNCATE && result == 0)
		image_note_size(image, op->offset);
	if (op->handle) {
		if (op_changes(op) && !op->durable)
			op->handle->dirty = true;
		handle_put(op->handle);
	}
	if (op->kind == OP_ZERO)
		range_lock_release(&image->zeroing, &op->zero_hold);
	if (op->kind != OP_FLUSH && op->kind != OP_TRUNCATE)
		range_lock_release(&image->ranges, &op->hold);
	op->done(op);
}

/* Move mtime where the volume left it alone, or ETags would not tell of the change. */
static void op_touch(struct job *job)
{
	struct op *op = OP_OF(job, job);
	struct timespec now[2];

	clock_gettime(CLOCK_REALTIME, &now[0]);
	now[1] = now[0];
	op->has_stat = false; /* it is from before the touch */
	if (glfs_futimens(op->handle->fd, now))
		op_finish(op, -(errno ? errno : EIO));
	else
		op_finish(op, 0);
}

static void op_start_on_worker(struct job *job)
{
	op_start(OP_OF(job, job));
}

void op_start_later(struct op *op)
{
	op_run_later(op, op_start_on_worker);
}

/* Once more with a new handle, which is the file that has the name now. */
static void op_retry(struct job *job)
{
	struct op *op = OP_OF(job, job);
	int error = image_recover(op->image, op->handle);

	op->has_stat = op->unlinked = false;
	if (error) {
		op_complete(op, error);
		return;
	}
	handle_put(op->handle);
	op->handle = NULL;
	op_start(op);
}

/*
 * Whether the handle is to blame: gluster does not know it any more, or its file lost its name to
 * another client. If it was we who deleted or replaced it, the operation came before that and counts.
 * Write-behind drops what an fsync through a broken handle was to save, so that one may not succeed
 * through a new handle.
 */
static bool op_handle_is_broken(const struct op *op, int64_t result)
{
	if (op->unlinked)
		return !op->image->forgotten;
	if (op->kind == OP_FLUSH && op->image->volume->cache == CACHE_WRITEBACK)
		return false;
	return result == -EBADF || result == -EBADFD || result == -ESTALE || result == -ENOENT;
}

/* A write that wrote less than all: the rest tells why, and may even work. */
static bool op_write_rest(struct op *op, int64_t result)
{
	if (op->kind != OP_WRITE || result <= 0)
		return false;
	op->transferred += (uint64_t)result;
	return op->transferred < op->length;
}

void op_complete(struct op *op, int64_t result)
{
	const struct volume_features *features = &op->image->volume->features;

	op->gluster_ns += clock_now() - op->started_ns;
	if (op_handle_is_broken(op, result) && !op->retried) {
		op->retried = true;
		op_run_later(op, op_retry);
	} else if (op_write_rest(op, result)) {
		handle_put(op->handle);
		op->handle = NULL;
		op_start_later(op);
	} else if (op->kind == OP_WRITE && result == 0 && op->transferred < op->length) {
		op_finish(op, -EIO);
	} else if (op->kind == OP_FLUSH) {
		flush_complete(op, result);
	} else if (result >= 0 && ((op->kind == OP_DISCARD && features->discard_keeps_mtime) ||
				   (op->kind == OP_ZERO && features->zero_keeps_mtime))) {
		op_run_later(op, op_touch);
	} else {
		op_finish(op, op->kind == OP_READ || result < 0 ? result : 0);
	}
}

/* gluster's callback. errno counts only in the first statement and only if @ret < 0. */
static void op_called_back(glfs_fd_t *fd, ssize_t ret, struct glfs_stat *prestat,
			   struct glfs_stat *poststat, void *data)
{
	int error = errno;
	struct op *op = data;

	(void)fd;
	(void)prestat;
	if (ret >= 0 && poststat &&
	    (poststat->glfs_st_mask & GLFS_STAT_BASIC_STATS) == GLFS_STAT_BASIC_STATS) {
		op->has_stat = true;
		op->unlinked = poststat->glfs_st_nlink == 0;
		op->stat = (struct image_stat){
			.size = (uint64_t)poststat->glfs_st_size,
			.allocated = (uint64_t)poststat->glfs_st_blocks * 512,
			.ino = poststat->glfs_st_ino,
			.mtime = poststat->glfs_st_mtime,
		};
	}
	op_complete(op, ret < 0 ? -(error ? error : EIO) : ret);
}

/* Zeros written as data, on volumes that have no zerofill (disperse). */
static int op_call_write_zeros(struct op *op)
{
	uint64_t left = op->length;
	int n = 0;

	for (; left; n++) {
		size_t piece = left < sizeof(zero_block) ? (size_t)left : sizeof(zero_block);

		op->zeros[n] = (struct iovec){ .iov_base = (void *)zero_block, .iov_len = piece };
		left -= piece;
	}
	return glfs_pwritev_async(op->handle->fd, op->zeros, n, (off_t)op->offset, 0,
				  op_called_back, op);
}

/* Give the operation to gluster; -1 with errno when it does not take it (then no callback comes). */
static int op_call(struct op *op)
{
	glfs_fd_t *fd = op->handle->fd;
	off_t offset = (off_t)(op->offset + op->transferred);
	char *buffer = op->buffer;

	errno = 0;
	switch (op->kind) {
	case OP_READ:
		return glfs_pread_async(fd, buffer, op->length, offset, 0, op_called_back, op);
	case OP_WRITE:
		return glfs_pwrite_async(fd, buffer + op->transferred,
					 (int)(op->length - op->transferred), offset,
					 op->durable ? O_DSYNC : 0, op_called_back, op);
	case OP_FLUSH:
		op->handle->dirty = false;
		return glfs_fsync_async(fd, op_called_back, op);
	case OP_DISCARD:
		return glfs_discard_async(fd, offset, op->length, op_called_back, op);
	case OP_ZERO:
		if (!op->image->volume->features.zero)
			return op_call_write_zeros(op);
		return glfs_zerofill_async(fd, offset, (off_t)op->length, op_called_back, op);
	case OP_TRUNCATE:
		return glfs_ftruncate_async(fd, offset, op_called_back, op);
	}
	errno = EINVAL;
	return -1;
}

/* What forbids the operation before gluster is asked: 0 or -errno. */
static int op_forbidden(const struct op *op)
{
	struct image *image = op->image;

	if (op->ino && op->ino != op->handle->ino)
		return -ESTALE;
	if (op->kind == OP_READ)
		return 0;
	SCOPED_LOCK(&image->lock);
	if (image->lost)
		return -ENOTRECOVERABLE;
	if (op->kind == OP_FLUSH)
		return 0;
	if (op->handle->mode != IMAGE_RW)
		return -EROFS;
	if (op->kind == OP_DISCARD && !image->volume->features.discard)
		return -EOPNOTSUPP;
	if (op->kind != OP_TRUNCATE && op->offset + op->length > image->stat.size)
		return -ERANGE; /* nothing but a truncate changes the size */
	return 0;
}

void op_start(struct op *op)
{
	int error;

	op->started_ns = clock_now();
	op->handle = image_handle(op->image);
	error = op_forbidden(op);
	if (!error && op_call(op) == 0)
		return; /* @op may be gone already */
	if (error)
		op->retried = true; /* a new handle would not change that */
	else
		error = -(errno ? errno : EIO);
	op_complete(op, error);
}

static void op_start_granted(struct range_hold *hold)
{
	op_start_later(OP_OF(zero_hold, hold));
}

/* The range is ours. Zeros also wait for each other, see image->zeroing. */
static void op_range_locked(struct op *op)
{
	if (op->kind == OP_ZERO) {
		op->zero_hold = (struct range_hold){ .end = UINT64_MAX,
						     .exclusive = true,
						     .granted = op_start_granted };
		if (!range_lock_acquire(&op->image->zeroing, &op->zero_hold))
			return;
	}
	op_start(op);
}

static void op_range_locked_on_worker(struct job *job)
{
	op_range_locked(OP_OF(job, job));
}

static void op_range_granted(struct range_hold *hold)
{
	op_run_later(OP_OF(hold, hold), op_range_locked_on_worker);
}

/* Wait for earlier operations that overlap. */
static void op_lock_range(struct op *op)
{
	op->hold = (struct range_hold){ .first = op->offset,
					.end = op->offset + op->length,
					.exclusive = op_changes(op),
					.granted = op_range_granted };
	if (op->kind == OP_TRUNCATE || range_lock_acquire(&op->image->ranges, &op->hold))
		op_range_locked(op);
}

void op_submit(struct op *op)
{
	op->handle = NULL;
	op->result = 0;
	op->transferred = 0;
	op->gluster_ns = 0;
	op->retried = op->unlinked = op->has_stat = false;
	if (op->kind == OP_FLUSH) {
		flush_submit(op);
		return;
	}
	op_lock_range(op);
}

static void op_wait_done(struct op *op)
{
	struct op_waiter *waiter = op->waiter;

	SCOPED_LOCK(&waiter->lock);
	waiter->done = true;
	pthread_cond_signal(&waiter->changed);
}

int64_t op_wait(struct op *op)
{
	struct op_waiter waiter = { .lock = PTHREAD_MUTEX_INITIALIZER,
				    .changed = PTHREAD_COND_INITIALIZER };

	op->waiter = &waiter;
	op->done = op_wait_done;
	op_submit(op);
	pthread_mutex_lock(&waiter.lock);
	while (!waiter.done) {
		struct job *job = waiter.job;

		if (!job) {
			pthread_cond_wait(&waiter.changed, &waiter.lock);
			continue;
		}
		waiter.job = NULL;
		pthread_mutex_unlock(&waiter.lock);
		job->run(job);
		pthread_mutex_lock(&waiter.lock);
	}
	pthread_mutex_unlock(&waiter.lock);
	return op->result;
}
