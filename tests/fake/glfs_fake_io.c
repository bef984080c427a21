/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake gluster: reading and changing the data of open files.
 *
 * Blocking and asynchronous calls run the same job functions. A job's effect, its result and its
 * errno come from plain system calls on the file in the volume's directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fake/fake.h"

/* Gluster's discard moves no times: readers of the lock change data, the writer restores them. */
static pthread_rwlock_t times_lock = PTHREAD_RWLOCK_INITIALIZER;

static ssize_t run_read(struct fake_job *job)
{
	if (!job->call.length) {
		errno = EINVAL;
		return -1;
	}
	return preadv(job->fd->fd, job->iov, job->iovcnt, job->call.offset);
}

static ssize_t run_write(struct fake_job *job)
{
	ssize_t ret;

	pthread_rwlock_rdlock(&times_lock);
	ret = pwritev(job->fd->fd, job->iov, job->iovcnt, job->call.offset);
	pthread_rwlock_unlock(&times_lock);
	if (ret >= 0 && job->call.dsync && fdatasync(job->fd->fd))
		return -1;
	return ret;
}

static ssize_t run_fsync(struct fake_job *job)
{
	return fsync(job->fd->fd);
}

static ssize_t run_truncate(struct fake_job *job)
{
	ssize_t ret;

	pthread_rwlock_rdlock(&times_lock);
	ret = ftruncate(job->fd->fd, job->call.offset);
	pthread_rwlock_unlock(&times_lock);
	return ret;
}

static ssize_t run_discard(struct fake_job *job)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	struct stat st;
	ssize_t ret;

	pthread_rwlock_wrlock(&times_lock);
	ret = fstat(job->fd->fd, &st);
	if (!ret)
		ret = fallocate(job->fd->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				job->call.offset, job->call.length);
	if (!ret) {
		times[1] = st.st_mtim;
		futimens(job->fd->fd, times);
	}
	pthread_rwlock_unlock(&times_lock);
	return ret;
}

/* Like a brick on a file system without FALLOC_FL_ZERO_RANGE: write the zeros. */
static ssize_t write_zeros(int fd, off_t offset, off_t length)
{
	static const char zeros[65536];

	while (length > 0) {
		size_t piece = length < (off_t)sizeof(zeros) ? (size_t)length : sizeof(zeros);
		ssize_t n = pwrite(fd, zeros, piece, offset);

		if (n < 0)
			return -1;
		offset += n;
		length -= n;
	}
	return 0;
}

static ssize_t run_zerofill(struct fake_job *job)
{
	off_t offset = job->call.offset;
	off_t length = job->call.length;
	ssize_t ret;

	pthread_rwlock_rdlock(&times_lock);
	if (offset < 0 || length <= 0) {
		errno = EINVAL;
		ret = -1;
	} else {
		ret = fallocate(job->fd->fd, FALLOC_FL_ZERO_RANGE, offset, length);
		if (ret && errno == EOPNOTSUPP)
			ret = write_zeros(job->fd->fd, offset, length);
	}
	pthread_rwlock_unlock(&times_lock);
	return ret;
}

/* Shorten a transfer to what the rules allow. */
static void job_limit(struct fake_job *job)
{
	size_t left;

	if (job->verdict.limit < 0)
		return;
	left = (size_t)job->verdict.limit;
	for (int i = 0; i < job->iovcnt; i++) {
		if (job->iov[i].iov_len > left)
			job->iov[i].iov_len = left;
		left -= job->iov[i].iov_len;
	}
}

static size_t iov_size(const struct iovec *iov, int count)
{
	size_t size = 0;

	for (int i = 0; i < count; i++)
		size += iov[i].iov_len;
	return size;
}

/* The iovec array is copied; written data, too, as the library does: buffers may be reused. */
static void job_copy_iov(struct fake_job *job, const struct iovec *iov, bool with_data)
{
	size_t at = 0;

	job->iov = calloc((size_t)job->iovcnt, sizeof(*iov));
	job->copy = with_data ? malloc(iov_size(iov, job->iovcnt) + 1) : NULL;
	if (!job->iov || (with_data && !job->copy))
		fake_die("out of memory");
	for (int i = 0; i < job->iovcnt; i++) {
		job->iov[i] = iov[i];
		if (!with_data)
			continue;
		job->iov[i].iov_base = (char *)job->copy + at;
		memcpy(job->iov[i].iov_base, iov[i].iov_base, iov[i].iov_len);
		at += iov[i].iov_len;
	}
}

static ssize_t run_blocking(struct fake_job *job, struct glfs_stat *pre, struct glfs_stat *post)
{
	int error;
	ssize_t ret;

	job->verdict = fake_judge_blocking(&job->call);
	job_limit(job);
	fake_stat(job->fd, pre);
	errno = job->verdict.error;
	ret = errno ? -1 : job->run(job);
	error = errno;
	fake_stat(job->fd, post);
	fake_job_free(job);
	errno = error;
	return ret;
}

static int run_async(struct fake_job *job)
{
	job->call.async = true;
	job->verdict = fake_judge(&job->call);
	if (job->verdict.submit && job->verdict.error) {
		int error = job->verdict.error;

		fake_job_free(job);
		errno = error;
		return -1;
	}
	job_limit(job);
	atomic_fetch_add(&job->fd->in_flight, 1);
	fake_engine_submit(job->fd->fs->engine, job);
	return 0;
}

static struct fake_job *plain_new(glfs_fd_t *fd, ssize_t (*run)(struct fake_job *job),
				  struct fake_call call)
{
	struct fake_job *job = calloc(1, sizeof(*job));

	if (!job)
		fake_die("out of memory");
	job->call = call;
	job->call.path = fd->path;
	job->run = run;
	job->fd = fd;
	return job;
}

static struct fake_job *transfer_new(glfs_fd_t *fd, const struct iovec *iov, int count,
				     off_t offset, bool is_write)
{
	struct fake_call call = {
		.op = is_write ? "pwrite" : "pread",
		.offset = offset,
		.length = (off_t)iov_size(iov, count),
	};
	struct fake_job *job = plain_new(fd, is_write ? run_write : run_read, call);

	job->iovcnt = count;
	job_copy_iov(job, iov, is_write);
	return job;
}

static struct fake_job *with_callback(struct fake_job *job, glfs_io_cbk fn, void *data)
{
	job->fn = fn;
	job->data = data;
	return job;
}

static struct fake_job *with_flags(struct fake_job *job, int flags)
{
	job->call.dsync = flags & (O_SYNC | O_DSYNC);
	return job;
}

ssize_t glfs_preadv(glfs_fd_t *fd, const struct iovec *iov, int iovcnt, off_t offset, int flags)
{
	(void)flags;
	return run_blocking(transfer_new(fd, iov, iovcnt, offset, false), NULL, NULL);
}

ssize_t glfs_pwritev(glfs_fd_t *fd, const struct iovec *iov, int iovcnt, off_t offset, int flags)
{
	return run_blocking(with_flags(transfer_new(fd, iov, iovcnt, offset, true), flags), NULL,
			    NULL);
}

ssize_t glfs_pread(glfs_fd_t *fd, void *buf, size_t count, off_t offset, int flags,
		   struct glfs_stat *poststat)
{
	struct iovec iov = { buf, count };

	(void)flags;
	return run_blocking(transfer_new(fd, &iov, 1, offset, false), NULL, poststat);
}

ssize_t glfs_pwrite(glfs_fd_t *fd, const void *buf, size_t count, off_t offset, int flags,
		    struct glfs_stat *prestat, struct glfs_stat *poststat)
{
	struct iovec iov = { (void *)buf, count };

	return run_blocking(with_flags(transfer_new(fd, &iov, 1, offset, true), flags), prestat,
			    poststat);
}

int glfs_preadv_async(glfs_fd_t *fd, const struct iovec *iov, int count, off_t offset, int flags,
		      glfs_io_cbk fn, void *data)
{
	(void)flags;
	return run_async(with_callback(transfer_new(fd, iov, count, offset, false), fn, data));
}

int glfs_pwritev_async(glfs_fd_t *fd, const struct iovec *iov, int count, off_t offset, int flags,
		       glfs_io_cbk fn, void *data)
{
	struct fake_job *job = transfer_new(fd, iov, count, offset, true);

	return run_async(with_callback(with_flags(job, flags), fn, data));
}

int glfs_pread_async(glfs_fd_t *fd, void *buf, size_t count, off_t offset, int flags,
		     glfs_io_cbk fn, void *data)
{
	struct iovec iov = { buf, count };

	return glfs_preadv_async(fd, &iov, 1, offset, flags, fn, data);
}

int glfs_pwrite_async(glfs_fd_t *fd, const void *buf, int count, off_t offset, int flags,
		      glfs_io_cbk fn, void *data)
{
	struct iovec iov = { (void *)buf, (size_t)count };

	return glfs_pwritev_async(fd, &iov, 1, offset, flags, fn, data);
}

int glfs_fsync(glfs_fd_t *fd, struct glfs_stat *prestat, struct glfs_stat *poststat)
{
	return (int)run_blocking(plain_new(fd, run_fsync, (struct fake_call){ .op = "fsync" }),
				 prestat, poststat);
}

int glfs_fsync_async(glfs_fd_t *fd, glfs_io_cbk fn, void *data)
{
	return run_async(with_callback(
		plain_new(fd, run_fsync, (struct fake_call){ .op = "fsync" }), fn, data));
}

int glfs_fdatasync(glfs_fd_t *fd, struct glfs_stat *prestat, struct glfs_stat *poststat)
{
	return glfs_fsync(fd, prestat, poststat);
}

int glfs_fdatasync_async(glfs_fd_t *fd, glfs_io_cbk fn, void *data)
{
	return glfs_fsync_async(fd, fn, data);
}

int glfs_ftruncate(glfs_fd_t *fd, off_t length, struct glfs_stat *prestat,
		   struct glfs_stat *poststat)
{
	struct fake_call call = { .op = "ftruncate", .offset = length };

	return (int)run_blocking(plain_new(fd, run_truncate, call), prestat, poststat);
}

int glfs_ftruncate_async(glfs_fd_t *fd, off_t length, glfs_io_cbk fn, void *data)
{
	struct fake_call call = { .op = "ftruncate", .offset = length };

	return run_async(with_callback(plain_new(fd, run_truncate, call), fn, data));
}

int glfs_discard(glfs_fd_t *fd, off_t offset, size_t len)
{
	struct fake_call call = { .op = "discard", .offset = offset, .length = (off_t)len };

	return (int)run_blocking(plain_new(fd, run_discard, call), NULL, NULL);
}

int glfs_discard_async(glfs_fd_t *fd, off_t offset, size_t len, glfs_io_cbk fn, void *data)
{
	struct fake_call call = { .op = "discard", .offset = offset, .length = (off_t)len };

	return run_async(with_callback(plain_new(fd, run_discard, call), fn, data));
}

int glfs_zerofill(glfs_fd_t *fd, off_t offset, off_t len)
{
	struct fake_call call = { .op = "zerofill", .offset = offset, .length = len };

	return (int)run_blocking(plain_new(fd, run_zerofill, call), NULL, NULL);
}

int glfs_zerofill_async(glfs_fd_t *fd, off_t offset, off_t len, glfs_io_cbk fn, void *data)
{
	struct fake_call call = { .op = "zerofill", .offset = offset, .length = len };

	return run_async(with_callback(plain_new(fd, run_zerofill, call), fn, data));
}
