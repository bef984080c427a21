/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "httpd/reaper.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "block/clock.h"
#include "block/lock.h"
#include "httpd/log.h"
#include "httpd/server.h"

#define TICK_NS	     (250 * NS_PER_MS)
#define IMAGE_IDLE_S 60

struct reaper {
	struct server *server;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping; /* under lock */
};

/* Sleep for a tick; true when it is time to end. */
static bool reaper_sleep(struct reaper *reaper)
{
	struct timespec until = clock_deadline(clock_now() + TICK_NS);

	SCOPED_LOCK(&reaper->lock);
	while (!reaper->stopping)
		if (pthread_cond_clockwait(&reaper->changed, &reaper->lock, CLOCK_MONOTONIC,
					   &until))
			break;
	return reaper->stopping;
}

static void *reaper_thread(void *arg)
{
	struct reaper *reaper = arg;
	struct server *server = reaper->server;

	while (!reaper_sleep(reaper)) {
		flights_expire(&server->flights, server->config->request_deadline_s * NS_PER_S);
		volumes_close_idle(server->volumes, IMAGE_IDLE_S);
		log_flush();
	}
	return NULL;
}

struct reaper *reaper_start(struct server *server)
{
	struct reaper *reaper = calloc(1, sizeof(*reaper));
	int error;

	if (!reaper)
		return NULL;
	reaper->server = server;
	pthread_mutex_init(&reaper->lock, NULL);
	pthread_cond_init(&reaper->changed, NULL);
	error = pthread_create(&reaper->thread, NULL, reaper_thread, reaper);
	if (!error)
		return reaper;
	pthread_cond_destroy(&reaper->changed);
	pthread_mutex_destroy(&reaper->lock);
	free(reaper);
	errno = error;
	return NULL;
}

void reaper_stop(struct reaper *reaper)
{
	if (!reaper)
		return;
	pthread_mutex_lock(&reaper->lock);
	reaper->stopping = true;
	pthread_cond_signal(&reaper->changed);
	pthread_mutex_unlock(&reaper->lock);
	pthread_join(reaper->thread, NULL);
	pthread_cond_destroy(&reaper->changed);
	pthread_mutex_destroy(&reaper->lock);
	free(reaper);
}
