/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_BUFFER_H
#define BLOCK_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Data buffers under one budget (--max-inflight-bytes), which bounds the memory of everything in
 * flight, of requests whose client is gone included. An eighth of it is for buffers of up to 64 KiB.
 * Buffers are aligned to 4096 bytes.
 */
#define BUFFER_MAX                                                                                 \
	(1u << 20) /* no buffer and no gluster operation is larger: it only adds latency */

struct buffer_pool;

/* Somebody who may have to wait for a buffer. */
struct buffer_wait {
	size_t size;  /* wanted, 1..BUFFER_MAX */
	void *buffer; /* the answer; NULL means that memory itself ran out (ENOMEM) */
	/* Called once if the buffer was not there at once: any thread, under no lock. */
	void (*granted)(struct buffer_wait *wait);
	struct buffer_wait *next; /* private */
};

/* buffer_pool_new() - a pool that hands out at most @limit bytes (gives; NULL with errno). */
struct buffer_pool *buffer_pool_new(uint64_t limit);

/* buffer_pool_free() - end of the pool (takes); every buffer must be back. */
void buffer_pool_free(struct buffer_pool *pool);

/*
 * buffer_get() - a buffer of wait->size bytes, in order of asking. Any thread, never blocks.
 *
 * Return: true when wait->buffer is set now (gives; buffer_put() takes it back); false when
 * wait->granted() will be called.
 */
bool buffer_get(struct buffer_pool *pool, struct buffer_wait *wait);

/* buffer_try() - a buffer of @size bytes if nobody waits and the budget has it, else NULL. */
void *buffer_try(struct buffer_pool *pool, size_t size);

/* buffer_wanted() - does anybody wait for a buffer like one of @size? Then give back what can be spared. */
bool buffer_wanted(struct buffer_pool *pool, size_t size);

/* buffer_put() - give back a buffer got with the same @size (takes; NULL does nothing). Any thread. */
void buffer_put(struct buffer_pool *pool, void *buffer, size_t size);

/* buffer_pool_used() - bytes handed out now. Any thread. */
uint64_t buffer_pool_used(struct buffer_pool *pool);

#endif
