/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_FLUSH_H
#define BLOCK_FLUSH_H

#include "block/op.h"

/*
 * Flushes of one image share fsyncs: those that come while one runs wait for it to end and then
 * share the next, since the running one may have begun before the writes they are to cover.
 */

/* flush_submit() - op_submit() for OP_FLUSH. Any thread that holds no lock. */
void flush_submit(struct op *op);

/* flush_complete() - the fsync of @op's group ended with @result. Any thread; no lock held. */
void flush_complete(struct op *op, int64_t result);

#endif
