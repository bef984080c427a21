/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_OP_INTERNAL_H
#define BLOCK_OP_INTERNAL_H

/* Stations of an operation that flush.c shares with op.c; see the head of op.c. */

#include "block/op.h"

/* op_start() - give @op to gluster now. Not on gluster threads; no lock held. */
void op_start(struct op *op);

/* op_start_later() - op_start() on a worker, or on the thread in op_wait(). Any thread; no lock held. */
void op_start_later(struct op *op);

/* op_complete() - gluster answered @result, or never took it. Any thread; no lock held. */
void op_complete(struct op *op, int64_t result);

/* op_finish() - the end: lets go of handle and locks and calls op->done(). Any thread; no lock held. */
void op_finish(struct op *op, int64_t result);

#endif
