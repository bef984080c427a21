/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_FLIGHT_H
#define HTTPD_FLIGHT_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block/buffer.h"
#include "block/image.h"
#include "block/op.h"
#include "block/worker.h"

/*
 * A flight is the part of a request that gluster may still touch after the client is gone: buffers,
 * the image, results. The request holds one reference, everything under way another; the last one
 * to land frees it. When the request ends first, it detaches, and nothing special happens.
 *
 * Waiting: what is under way ends by setting its event. A step that needs the event parks the
 * connection (MHD_suspend_connection); setting an event unparks it. Both happen under
 * flight->lock, so that suspend and resume strictly alternate:
 *
 *     running  --park, nothing pending-->  parked       (MHD suspended)
 *     running  --wake------------------->  running, pending: the next park returns at once
 *     parked   --wake, expire----------->  running      (MHD resumed)
 *
 * flight.c is the only file that suspends or resumes connections.
 */
struct event {
	bool set; /* under flight->lock */
};

struct belonging;
struct flights;

struct flight {
	const char *operation; /* of the request, once it is known; constant text */
	struct flights *all;   /* constant */
	struct image *image;   /* MHD thread sets it once; a reference */
	struct volume *volume; /* likewise */
	_Atomic uint64_t
		progress;      /* moves whenever something got done: no deadline while it does */
	atomic_bool cancel;    /* nobody wants the result of a long call any more */
	atomic_bool receiving; /* the body is awaited from the client */
	int fd;		       /* constant; open as long as connection is not NULL */

	pthread_mutex_t lock; /* guards all below */
	unsigned refs;
	struct MHD_Connection *connection; /* NULL once detached */
	bool parked, pending, expired;
	uint64_t parked_ns, waited_ns; /* since when; altogether */
	struct belonging *belongings;  /* MHD thread only, then the last reference */

	struct flight *previous, *next; /* under flights->lock, as are these: */
	uint64_t seen_progress, seen_ns;
};

/* All flights of the server, for the deadline and for the end. */
struct flights {
	pthread_mutex_t lock;
	pthread_cond_t landed;
	struct flight *head;
	size_t count;
};

/* flights_init() - an empty set. */
void flights_init(struct flights *all);

/*
 * flights_expire() - wake every parked flight without progress for @deadline_ns, and cut off those that
 * wait for the rest of a body whose client is gone: MHD 0.9.75 misses the end of a connection that came
 * with the data before it. The reaper calls it again and again.
 */
void flights_expire(struct flights *all, uint64_t deadline_ns);

/* flights_count() - how many there are, detached ones included. Any thread. */
size_t flights_count(struct flights *all);

/* flights_wait() - wait until none is left, at most until @until_ns. Return: how many are left. */
size_t flights_wait(struct flights *all, uint64_t until_ns);

/* flights_log() - tell the log which operations are still in flight. Any thread. */
void flights_log(struct flights *all);

/* flight_new() - a flight for @connection (gives a reference; NULL without memory). MHD threads. */
struct flight *flight_new(struct flights *all, struct MHD_Connection *connection);

/* flight_detach() - the request ends: no more MHD calls for this flight; drops its reference (takes). */
void flight_detach(struct flight *flight);

/* flight_ref(), flight_unref() - take and drop a reference. Any thread. */
void flight_ref(struct flight *flight);
void flight_unref(struct flight *flight);

/*
 * flight_alloc() - zeroed memory that lives as long as the flight. MHD thread of the request only.
 * @clear: called on it before it is freed, on whatever thread drops the last reference; or NULL
 *
 * Return: the memory (borrows), or NULL without memory.
 */
void *flight_alloc(struct flight *flight, size_t size, void (*clear)(void *memory));

/* flight_set() - set @event, wake the flight, and drop a reference (takes). Any thread, no lock held. */
void flight_set(struct flight *flight, struct event *event);

/* flight_is_set() - has @event happened? What was written before it may be read then. Any thread. */
bool flight_is_set(struct flight *flight, const struct event *event);

/*
 * flight_park() - put the connection to sleep unless a wake-up is pending. MHD thread only; must be
 * the last act before returning to MHD.
 *
 * Return: true when asleep; false when there is something new to look at.
 */
bool flight_park(struct flight *flight);

/* flight_is_parked() - MHD calls while a connection is suspended: then there is nothing to do. */
bool flight_is_parked(struct flight *flight);

/* flight_expired() - did the deadline pass while it was parked? */
bool flight_expired(struct flight *flight);

/* An operation of a flight. */
struct flight_op {
	struct op op;
	struct event event;
	struct flight *flight;
};

/* flight_submit() - submit @fop->op on flight->image. Sets the event when done. MHD threads. */
void flight_submit(struct flight *flight, struct flight_op *fop);

/* A blocking call of a flight; embedded first in a struct with its arguments and results. */
struct flight_call {
	int (*run)(struct flight_call *call); /* on a worker: 0 or -errno */
	bool slow;  /* may take long: must not keep others from opening images */
	int result; /* -ECANCELED when the request ended before its turn came */
	struct event event;
	struct flight *flight;
	struct job job;
	uint64_t started_ns, took_ns;
};

/* flight_start() - have a worker of flight->volume run @call. Sets the event when done. MHD threads. */
void flight_start(struct flight *flight, struct flight_call *call);

/* A data buffer of a flight, given back to the pool when the flight ends. */
struct flight_buffer {
	struct buffer_wait wait;
	struct event event;
	struct flight *flight;
	struct buffer_pool *pool;
};

/*
 * flight_buffer() - ask @pool for @size bytes. MHD threads.
 *
 * Return: the buffer (borrows; owned by the flight). Its event is set when it is there; then
 * ->wait.buffer is the memory, or NULL for ENOMEM. NULL without memory for itself.
 */
struct flight_buffer *flight_buffer(struct flight *flight, struct buffer_pool *pool, size_t size);

/* flight_buffer_release() - give the memory back to the pool before the flight ends. MHD threads. */
void flight_buffer_release(struct flight_buffer *buffer);

/*
 * flight_buffer_take() - the memory, no longer the flight's (gives; buffer_put() it with its size).
 */
void *flight_buffer_take(struct flight_buffer *buffer);

#endif
