/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of volumes. A volume is published with its keeper thread (keep.c) already running; what
 * it does with gluster happens there and on the volume's workers, never here.
 */
#include "block/volume.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block/clock.h"
#include "block/image.h"
#include "block/local.h"
#include "block/lock.h"
#include "block/volume_internal.h"

#define WORKERS_PER_VOLUME 8u
#define SLOW_WORKERS	   4u
#define ANSWER_LATE_NS	   (5 * NS_PER_S) /* a question to gluster is late after this */

struct volumes {
	volume_report_fn *report; /* constant */
	pthread_mutex_t lock;
	struct volume *head, **tail; /* under lock */
};

struct volumes *volumes_new(volume_report_fn *report)
{
	struct volumes *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->report = report;
	table->tail = &table->head;
	pthread_mutex_init(&table->lock, NULL);
	return table;
}

void volume_reportf(struct volume *volume, int level, const char *fmt, ...)
{
	char text[512];
	int length = snprintf(text, sizeof(text), "volume %s: ", volume->name);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + length, sizeof(text) - (size_t)length, fmt, args);
	va_end(args);
	volume->report(level, text);
}

static void volume_free(struct volume *volume)
{
	if (volume->slow_workers)
		workers_stop(volume->slow_workers);
	if (volume->workers)
		workers_stop(volume->workers);
	free(volume->name);
	free(volume->uri);
	free(volume->local_dir);
	free(volume->log_file);
	pthread_cond_destroy(&volume->changed);
	pthread_mutex_destroy(&volume->lock);
	free(volume);
}

void volume_put(struct volume *volume)
{
	if (atomic_fetch_sub(&volume->refs, 1) == 1)
		volume_free(volume);
}

/*
 * The volume's URI as text. That of the embedded volume has the right form, but names the socket of a
 * brick, not of a glusterd: only this server can use it.
 */
static char *volume_uri_text(const struct volume_options *options)
{
	struct gluster_server brick = { .host = NULL };
	struct gluster_uri uri = { .transport = GLUSTER_UNIX,
				   .servers = &brick,
				   .n_servers = 1,
				   .volume = (char *)options->name };
	char *dir, *text = NULL;

	if (!options->local_dir)
		return gluster_uri_format(&options->uri);
	dir = realpath(options->local_dir, NULL);
	if (dir && asprintf(&brick.host, "%s/brick.sock", dir) >= 0)
		text = gluster_uri_format(&uri);
	free(brick.host);
	free(dir);
	return text;
}

static struct volume *volume_new(const struct volume_options *options, volume_report_fn *report)
{
	struct volume *volume = calloc(1, sizeof(*volume));

	if (!volume)
		return NULL;
	pthread_mutex_init(&volume->lock, NULL);
	pthread_cond_init(&volume->changed, NULL);
	volume->refs = 1;
	volume->state = VOLUME_CONNECTING;
	volume->cache = options->cache;
	volume->ping_timeout_s = options->ping_timeout_s;
	volume->log_level = options->log_level;
	volume->read_only = options->read_only;
	volume->report = report;
	volume->name = strdup(options->name);
	volume->uri = volume_uri_text(options);
	volume->local_dir = options->local_dir ? strdup(options->local_dir) : NULL;
	volume->log_file = options->log_file ? strdup(options->log_file) : NULL;
	volume->workers = workers_new(WORKERS_PER_VOLUME);
	volume->slow_workers = workers_new(SLOW_WORKERS);
	if (!volume->name || !volume->uri || !volume->workers || !volume->slow_workers ||
	    (options->local_dir && !volume->local_dir) ||
	    (options->log_file && !volume->log_file)) {
		volume_put(volume);
		return NULL;
	}
	return volume;
}

static bool table_has_locked(struct volumes *table, const char *name)
{
	for (struct volume *volume = table->head; volume; volume = volume->next)
		if (!strcmp(volume->name, name))
			return true;
	return false;
}

int volumes_add(struct volumes *table, const struct volume_options *options, char *why,
		size_t why_size)
{
	struct volume *volume;
	int error;

	if (options->local_dir && (error = local_brick_check(options->local_dir, why, why_size)))
		return error;
	volume = volume_new(options, table->report);
	if (!volume) {
		snprintf(why, why_size, "volume %s: out of memory", options->name);
		return -ENOMEM;
	}
	SCOPED_LOCK(&table->lock);
	if (table_has_locked(table, options->name)) {
		snprintf(why, why_size, "volume %s: the name is used twice", options->name);
		volume_put(volume);
		return -EEXIST;
	}
	error = pthread_create(&volume->keeper, NULL, volume_keeper, volume);
	if (error) {
		snprintf(why, why_size, "volume %s: no thread", options->name);
		volume_put(volume);
		return -error;
	}
	*table->tail = volume;
	table->tail = &volume->next;
	return 0;
}

struct volume *volumes_find(struct volumes *table, const char *name)
{
	SCOPED_LOCK(&table->lock);
	for (struct volume *volume = table->head; volume; volume = volume->next)
		if (!strcmp(volume->name, name)) {
			atomic_fetch_add(&volume->refs, 1);
			return volume;
		}
	return NULL;
}

struct volume *volumes_next(struct volumes *table, struct volume *previous)
{
	struct volume *volume;

	pthread_mutex_lock(&table->lock);
	volume = previous ? previous->next : table->head;
	if (volume)
		atomic_fetch_add(&volume->refs, 1);
	pthread_mutex_unlock(&table->lock);
	if (previous)
		volume_put(previous);
	return volume;
}

void volumes_close_idle(struct volumes *table, unsigned idle_s)
{
	for (struct volume *volume = volumes_next(table, NULL); volume;
	     volume = volumes_next(table, volume))
		images_close_idle(volume, idle_s * NS_PER_S);
}

/* Close the volume's images and tell its keeper to end the connection. */
static void volume_begin_stop(struct volume *volume, bool *ret_unflushed)
{
	if (!images_close_all(volume)) {
		volume_reportf(volume, 3, "not all images could be flushed and closed");
		*ret_unflushed = true;
	}
	SCOPED_LOCK(&volume->lock);
	volume->stopping = true;
	pthread_cond_broadcast(&volume->changed);
}

/* Wait for the keeper until @deadline_ns. */
static bool volume_end_stop(struct volume *volume, uint64_t deadline_ns)
{
	struct timespec deadline = clock_deadline(deadline_ns);
	bool ended;

	pthread_mutex_lock(&volume->lock);
	while (!volume->keeper_ended)
		if (pthread_cond_clockwait(&volume->changed, &volume->lock, CLOCK_MONOTONIC,
					   &deadline))
			break;
	ended = volume->keeper_ended;
	pthread_mutex_unlock(&volume->lock);
	if (ended)
		pthread_join(volume->keeper, NULL);
	return ended;
}

int volumes_stop(struct volumes *table, unsigned fini_cap_s, bool *ret_unflushed)
{
	uint64_t deadline_ns;
	int left = 0;

	for (struct volume *volume = table->head; volume; volume = volume->next)
		volume_begin_stop(volume, ret_unflushed);
	deadline_ns = clock_now() + fini_cap_s * NS_PER_S;
	while (table->head) {
		struct volume *volume = table->head;

		table->head = volume->next;
		if (volume_end_stop(volume, deadline_ns))
			volume_put(volume);
		else
			left++;
	}
	if (left)
		return left;
	pthread_mutex_destroy(&table->lock);
	free(table);
	return 0;
}

const char *volume_name(const struct volume *volume)
{
	return volume->name;
}

const char *volume_uri(const struct volume *volume)
{
	return volume->uri;
}

char *volume_image_uri(const struct volume *volume, const char *image)
{
	char *text = NULL;
	struct gluster_uri uri;
	struct gluster_uri_error error;

	if (gluster_uri_parse(volume->uri, &uri, &error))
		return NULL;
	uri.image = strdup(image);
	if (uri.image)
		text = gluster_uri_format(&uri);
	gluster_uri_clear(&uri);
	return text;
}

void volume_info(struct volume *volume, struct volume_info *ret_info)
{
	SCOPED_LOCK(&volume->lock);
	*ret_info = (struct volume_info){ .state = volume->state,
					  .capacity = volume->capacity,
					  .free = volume->free };
	if (volume_fs(volume))
		ret_info->features = volume->features;
	if (volume->asked_ns && clock_now() - volume->asked_ns > ANSWER_LATE_NS) {
		if (volume->state == VOLUME_UP)
			ret_info->state = VOLUME_FAILED;
		snprintf(ret_info->error, sizeof(ret_info->error), "no answer for %llu s",
			 (unsigned long long)((clock_now() - volume->asked_ns) / NS_PER_S));
		return;
	}
	snprintf(ret_info->error, sizeof(ret_info->error), "%s", volume->error);
}

enum image_cache volume_cache(const struct volume *volume)
{
	return volume->cache;
}

struct workers *volume_workers(struct volume *volume)
{
	return volume->workers;
}

struct workers *volume_slow_workers(struct volume *volume)
{
	return volume->slow_workers;
}
