/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_OP_H
#define BLOCK_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "block/image.h"
#include "block/range_lock.h"
#include "block/worker.h"

/*
 * Asynchronous operations on an open image.
 *
 *   op_submit -> [waits for earlier overlapping operations] -> gluster -> callback
 *        -> [EBADF, ESTALE, file replaced: new handle, once more] -> done
 */
enum op_kind {
	OP_READ,
	OP_WRITE,
	OP_FLUSH, /* covers every write that was answered before; offset and length unused */
	OP_DISCARD,
	OP_ZERO,
	OP_TRUNCATE, /* to @offset bytes; @length unused; the caller holds the range lock */
};

#define OP_ZERO_IOVECS 16

struct op {
	/* The caller sets these before op_submit() and leaves them alone until done(). */
	enum op_kind kind;
	bool durable;	     /* OP_WRITE: on disk before done() (O_DSYNC) */
	struct image *image; /* borrowed: must live until done() */
	uint64_t ino; /* only this file may be meant, else -ESTALE; 0: whatever has the name */
	void *buffer; /* OP_READ, OP_WRITE: borrowed until done() */
	uint64_t offset, length;
	/* Called exactly once. Any thread, also inside op_submit(); no lock is held. It must only
	 * hand the result over: a gluster thread that blocks stops every answer. */
	void (*done)(struct op *op);

	/*
	 * The result, valid from done() on: bytes (less than length for a read means end of file),
	 * 0, or -errno; -ERANGE for a write past the end, -ENOTRECOVERABLE after a failed flush.
	 */
	int64_t result;
	uint64_t transferred; /* OP_WRITE: bytes that are written, failure or not */
	bool has_stat;
	struct image_stat stat; /* the file after the operation, if gluster told */
	uint64_t gluster_ns;	/* time spent in gluster */

	/* private */
	struct handle *handle;
	struct range_hold hold, zero_hold;
	struct job job;
	struct op *next; /* in a flush group */
	struct op_waiter *waiter;
	uint64_t started_ns;
	bool retried, unlinked;
	struct iovec zeros[OP_ZERO_IOVECS];
};

/*
 * op_submit() - start @op. Any thread that holds no lock; does not wait for gluster (a graph change,
 * which the first caller carries out, excepted). Every error is reported through done().
 */
void op_submit(struct op *op);

/*
 * op_wait() - op_submit() and wait for it; op->done is overwritten. Workers only. Returns op->result.
 * What the operation needs a worker for runs on the waiting thread, so that a pool full of waiters
 * goes on.
 */
int64_t op_wait(struct op *op);

/*
 * op_slice_max() - the most bytes one operation of @kind may have on this volume: larger ones are
 * cut by the caller, so that no operation runs into gluster's frame timeout or hogs a brick.
 */
uint64_t op_slice_max(struct volume *volume, enum op_kind kind);

#endif
