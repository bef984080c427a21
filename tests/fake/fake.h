/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the fake gluster, a stand-in for libgfapi on a local directory that tests link
 * instead of the library. Volume NAME is the directory $GLFS_FAKE_ROOT/NAME.
 *
 *   rules.c          which calls fail, wait, come short; the trace of calls
 *   engine.c         completion threads
 *   glfs_fake.c      volumes and open files
 *   glfs_fake_io.c   the data of open files
 *   glfs_fake_dir.c  names and directories
 *
 * It copies what is hard about the library: completions on foreign threads in any order, garbage
 * in errno after a success, short reads. What the library punishes by a hang or a crash days
 * later (glfs_close with operations in flight, a blocking call from a completion, two seeks at
 * a time on one handle, glfs_fini with open files) ends the process here, with a message.
 */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

#include <dirent.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <glusterfs/api/glfs.h>

struct fake_engine;

/* One call as rules and trace see it. Variants share a name: preadv_async is "pread". */
struct fake_call {
	const char *op;
	const char *path; /* without leading slashes */
	off_t offset;
	off_t length;
	bool async;
	bool dsync;
};

/* What the rules say about one call. */
struct fake_verdict {
	int error;     /* errno to fail with, or 0 */
	long delay_ms; /* wait before it runs */
	ssize_t limit; /* transfer at most this many bytes, or -1 */
	bool submit;   /* the error is the submission's, no callback comes */
	bool inlined;  /* complete inside the submitting call */
	bool reorder;  /* collect and release newest first */
	bool hold;     /* wait until the rule is gone */
};

struct glfs {
	char *name;
	int root; /* O_PATH descriptor of the directory, or -1 before glfs_init */
	struct fake_engine *engine;
	atomic_int open_files;
};

struct glfs_fd {
	struct glfs *fs;
	char *path;
	int fd;
	DIR *dir; /* directories only; owns fd */
	atomic_int in_flight;
	atomic_int seeking;
	struct dirent entry;
};

/* An operation on the data of an open file. */
struct fake_job {
	struct fake_call call;
	struct fake_verdict verdict;
	ssize_t (*run)(struct fake_job *job);
	struct glfs_fd *fd;
	struct iovec *iov; /* reads: the caller's memory; writes: a copy; both freed with the job */
	int iovcnt;
	void *copy;
	glfs_io_cbk fn; /* NULL: a blocking call */
	void *data;
	struct fake_job *next;
	int64_t due_ms;
};

/**
 * fake_judge() - trace a call and apply the rules to it
 *
 * Reads the rules file again when it has changed. Any thread.
 *
 * Return: what is to happen to the call
 */
struct fake_verdict fake_judge(const struct fake_call *call);

/**
 * fake_held() - is there a rule now that holds this call?
 *
 * Unlike fake_judge() it neither traces nor counts. Any thread.
 */
bool fake_held(const struct fake_call *call);

/**
 * fake_judge_blocking() - judge a blocking call, and wait as the verdict says
 *
 * Ends the process when the calling thread is in a completion callback.
 *
 * Return: what is left to happen: the error and the limit
 */
struct fake_verdict fake_judge_blocking(const struct fake_call *call);

/**
 * fake_refused() - the same for a call that only works or fails
 *
 * Return: true with errno set when the call must fail
 */
bool fake_refused(const struct fake_call *call);

/**
 * fake_call_on() - describe a blocking call on a path
 * @path: borrowed, leading slashes are skipped
 */
struct fake_call fake_call_on(const char *op, const char *path);

/** fake_die() - print why (printf style) and abort */
void fake_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/** fake_now_ms() - CLOCK_MONOTONIC in milliseconds */
int64_t fake_now_ms(void);

/** fake_sleep_ms() - sleep, whatever signals come */
void fake_sleep_ms(long ms);

/**
 * fake_engine_start() - start the completion threads of one volume
 *
 * Return: the engine (gives), or NULL with errno
 */
struct fake_engine *fake_engine_start(void);

/** fake_engine_stop() - let every job finish, join the threads and free (takes @engine) */
void fake_engine_stop(struct fake_engine *engine);

/**
 * fake_engine_submit() - run a job later, or now if its verdict says inline (takes @job)
 *
 * The callback may have run when this returns. Any thread.
 */
void fake_engine_submit(struct fake_engine *engine, struct fake_job *job);

/** fake_in_callback() - is this thread inside a completion callback? */
bool fake_in_callback(void);

/** fake_stat() - fill @out, or nothing if @out is NULL; the mask is 0 on failure */
void fake_stat(struct glfs_fd *fd, struct glfs_stat *out);

/** fake_job_free() - free a job that was never submitted, or is done (takes @job) */
void fake_job_free(struct fake_job *job);

/**
 * fake_fd_new() - wrap a descriptor (takes @fd, on failure too)
 *
 * Return: the open file (gives), or NULL with errno
 */
struct glfs_fd *fake_fd_new(struct glfs *fs, const char *path, int fd);

/** fake_fd_free() - close and free; ends the process if operations are in flight (takes @fd) */
int fake_fd_free(struct glfs_fd *fd);

/**
 * fake_resolve() - open a path inside the volume, as gluster resolves it
 * @flags: as for open(2)
 *
 * ".." and absolute symbolic links stay inside the directory.
 *
 * Return: a descriptor, or -1 with errno
 */
int fake_resolve(struct glfs *fs, const char *path, int flags, mode_t mode);

#endif
