/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/flight.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "block/clock.h"
#include "block/lock.h"
#include "httpd/log.h"

#define CONTAINER(type, member, pointer) ((type *)((char *)(pointer)-offsetof(type, member)))

/* Memory of a flight; what the owner asked for follows. */
struct belonging {
	struct belonging *next;
	void (*clear)(void *memory);
	max_align_t memory[];
};

void flights_init(struct flights *all)
{
	*all = (struct flights){ .head = NULL };
	pthread_mutex_init(&all->lock, NULL);
	pthread_cond_init(&all->landed, NULL);
}

static void flights_add(struct flights *all, struct flight *flight)
{
	SCOPED_LOCK(&all->lock);
	flight->next = all->head;
	if (all->head)
		all->head->previous = flight;
	all->head = flight;
	all->count++;
}

static void flights_remove(struct flights *all, struct flight *flight)
{
	SCOPED_LOCK(&all->lock);
	if (flight->previous)
		flight->previous->next = flight->next;
	else
		all->head = flight->next;
	if (flight->next)
		flight->next->previous = flight->previous;
	if (--all->count == 0)
		pthread_cond_broadcast(&all->landed);
}

size_t flights_count(struct flights *all)
{
	SCOPED_LOCK(&all->lock);
	return all->count;
}

size_t flights_wait(struct flights *all, uint64_t until_ns)
{
	struct timespec until = clock_deadline(until_ns);

	SCOPED_LOCK(&all->lock);
	while (all->count)
		if (pthread_cond_clockwait(&all->landed, &all->lock, CLOCK_MONOTONIC, &until))
			break;
	return all->count;
}

void flights_log(struct flights *all)
{
	SCOPED_LOCK(&all->lock);
	for (struct flight *flight = all->head; flight; flight = flight->next)
		log_error("not done: %s%s%s", flight->operation ? flight->operation : "a request",
			  flight->image ? " of " : "",
			  flight->image ? image_name(flight->image) : "");
}

struct flight *flight_new(struct flights *all, struct MHD_Connection *connection)
{
	struct flight *flight = calloc(1, sizeof(*flight));

	if (!flight)
		return NULL;
	pthread_mutex_init(&flight->lock, NULL);
	flight->all = all;
	flight->refs = 1;
	flight->connection = connection;
	flight->fd =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	flights_add(all, flight);
	return flight;
}

static void flight_free(struct flight *flight)
{
	struct flights *all = flight->all;

	while (flight->belongings) {
		struct belonging *belonging = flight->belongings;

		flight->belongings = belonging->next;
		if (belonging->clear)
			belonging->clear(belonging->memory);
		free(belonging);
	}
	image_put(flight->image);
	if (flight->volume)
		volume_put(flight->volume);
	flights_remove(all, flight);
	pthread_mutex_destroy(&flight->lock);
	free(flight);
}

void flight_ref(struct flight *flight)
{
	SCOPED_LOCK(&flight->lock);
	flight->refs++;
}

void flight_unref(struct flight *flight)
{
	bool last;

	pthread_mutex_lock(&flight->lock);
	last = --flight->refs == 0;
	pthread_mutex_unlock(&flight->lock);
	if (last)
		flight_free(flight);
}

void flight_detach(struct flight *flight)
{
	flight->cancel = true;
	pthread_mutex_lock(&flight->lock);
	flight->connection = NULL;
	pthread_mutex_unlock(&flight->lock);
	flight_unref(flight);
}

void *flight_alloc(struct flight *flight, size_t size, void (*clear)(void *memory))
{
	struct belonging *belonging = calloc(1, sizeof(*belonging) + size);

	if (!belonging)
		return NULL;
	belonging->clear = clear;
	belonging->next = flight->belongings;
	flight->belongings = belonging;
	return belonging->memory;
}

static void flight_wake_locked(struct flight *flight)
{
	if (!flight->parked) {
		flight->pending = true;
		return;
	}
	flight->parked = false;
	flight->waited_ns += clock_now() - flight->parked_ns;
	MHD_resume_connection(flight->connection);
}

void flight_set(struct flight *flight, struct event *event)
{
	bool last;

	pthread_mutex_lock(&flight->lock);
	event->set = true;
	flight->progress++;
	if (flight->connection)
		flight_wake_locked(flight);
	last = --flight->refs == 0;
	pthread_mutex_unlock(&flight->lock);
	if (last)
		flight_free(flight);
}

bool flight_is_set(struct flight *flight, const struct event *event)
{
	SCOPED_LOCK(&flight->lock);
	return event->set;
}

bool flight_park(struct flight *flight)
{
	SCOPED_LOCK(&flight->lock);
	if (flight->pending) {
		flight->pending = false;
		return false;
	}
	flight->parked = true;
	flight->parked_ns = clock_now();
	MHD_suspend_connection(flight->connection);
	return true;
}

bool flight_is_parked(struct flight *flight)
{
	SCOPED_LOCK(&flight->lock);
	return flight->parked;
}

bool flight_expired(struct flight *flight)
{
	SCOPED_LOCK(&flight->lock);
	return flight->expired;
}

/* Make MHD notice that the client of an upload will send no more. Under flight->lock: fd is open. */
static void flight_cut_if_gone(struct flight *flight)
{
	struct pollfd client = { .fd = flight->fd, .events = POLLRDHUP };
	char next;

	if (poll(&client, 1, 0) == 1 && recv(flight->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
		shutdown(flight->fd, SHUT_RDWR);
}

/* Wake @flight if it has been parked without progress for @deadline_ns. */
static void flight_expire(struct flight *flight, uint64_t now, uint64_t deadline_ns)
{
	SCOPED_LOCK(&flight->lock);
	if (flight->seen_progress != flight->progress || flight->seen_ns < flight->parked_ns) {
		flight->seen_progress = flight->progress;
		flight->seen_ns = now;
	} else if (flight->parked && now - flight->seen_ns > deadline_ns) {
		flight->expired = true;
		flight->cancel = true;
		flight_wake_locked(flight);
	} else if (flight->receiving && !flight->parked && flight->connection) {
		flight_cut_if_gone(flight);
	}
}

void flights_expire(struct flights *all, uint64_t deadline_ns)
{
	uint64_t now = clock_now();

	SCOPED_LOCK(&all->lock);
	for (struct flight *flight = all->head; flight; flight = flight->next)
		flight_expire(flight, now, deadline_ns);
}

static void flight_op_done(struct op *op)
{
	struct flight_op *fop = CONTAINER(struct flight_op, op, op);

	flight_set(fop->flight, &fop->event);
}

void flight_submit(struct flight *flight, struct flight_op *fop)
{
	fop->flight = flight;
	fop->event.set = false;
	fop->op.image = flight->image;
	fop->op.done = flight_op_done;
	flight_ref(flight);
	op_submit(&fop->op);
}

static void flight_call_run(struct job *job)
{
	struct flight_call *call = CONTAINER(struct flight_call, job, job);

	call->started_ns = clock_now();
	/* Nobody is told what a call does that begins after its request was answered 504. */
	call->result = call->flight->cancel ? -ECANCELED : call->run(call);
	call->took_ns = clock_now() - call->started_ns;
	flight_set(call->flight, &call->event);
}

void flight_start(struct flight *flight, struct flight_call *call)
{
	call->flight = flight;
	call->event.set = false;
	call->job.run = flight_call_run;
	flight_ref(flight);
	workers_submit(call->slow ? volume_slow_workers(flight->volume) :
				    volume_workers(flight->volume),
		       &call->job);
}

static void flight_buffer_granted(struct buffer_wait *wait)
{
	struct flight_buffer *buffer = CONTAINER(struct flight_buffer, wait, wait);

	flight_set(buffer->flight, &buffer->event);
}

void flight_buffer_release(struct flight_buffer *buffer)
{
	buffer_put(buffer->pool, buffer->wait.buffer, buffer->wait.size);
	buffer->wait.buffer = NULL;
}

static void flight_buffer_clear(void *memory)
{
	flight_buffer_release(memory);
}

struct flight_buffer *flight_buffer(struct flight *flight, struct buffer_pool *pool, size_t size)
{
	struct flight_buffer *buffer = flight_alloc(flight, sizeof(*buffer), flight_buffer_clear);

	if (!buffer)
		return NULL;
	buffer->flight = flight;
	buffer->pool = pool;
	buffer->wait.size = size;
	buffer->wait.granted = flight_buffer_granted;
	flight_ref(flight);
	if (buffer_get(pool, &buffer->wait))
		flight_set(flight, &buffer->event);
	return buffer;
}

void *flight_buffer_take(struct flight_buffer *buffer)
{
	void *memory = buffer->wait.buffer;

	buffer->wait.buffer = NULL;
	return memory;
}
