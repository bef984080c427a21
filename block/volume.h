/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_VOLUME_H
#define BLOCK_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uri/gluster_uri.h"

/*
 * Volumes: one connection (glfs_t) for each, made in the background, kept for the life of the
 * process and shared by all of the volume's images, because one costs about seven threads, 2 MiB
 * and ten seconds to end.
 *
 *   CONNECTING --glfs_init ok--> UP <--probe ok / probe fails--> FAILED
 *       ^  |
 *       +--+ failed: the error is kept for getVolume, tried again with back-off
 *
 * FAILED means that the last probe of a connected volume failed: gluster reconnects by itself, and
 * operations are still tried.
 */

enum image_cache {
	CACHE_STRICT, /* writes reach the bricks before they are answered (write-behind bypassed) */
	CACHE_WRITEBACK, /* gluster's write-behind: errors come at flush */
	CACHE_NONE,	 /* strict, and O_DIRECT on the bricks */
};

/* What the operator says of a volume. Borrowed by volume_start(), copied where it is kept. */
struct volume_options {
	const char *name;
	struct gluster_uri uri; /* ignored when local_dir is set */
	const char *local_dir;	/* the embedded volume of this folder, or NULL */
	enum image_cache cache;
	unsigned ping_timeout_s; /* a silent brick is given up after this */
	int log_level;		 /* gluster's: 0 none, 4 error, 9 trace */
	const char *log_file;	 /* gluster's log; NULL is stderr */
	bool read_only;
};

enum volume_state { VOLUME_CONNECTING, VOLUME_UP, VOLUME_FAILED };

/* What the volume can do, found out by trying when it connects. */
struct volume_features {
	bool discard;
	bool zero;    /* zerofill; without it zeros are written */
	bool extents; /* SEEK_DATA and SEEK_HOLE */
	bool falloc;
	bool sharded;
	bool discard_keeps_mtime; /* true on volumes with features.ctime: we move it ourselves */
	bool zero_keeps_mtime;
};

/* A snapshot of a volume, see volume_info(). */
struct volume_info {
	enum volume_state state;
	char error[256];	 /* "" when there is none */
	uint64_t capacity, free; /* bytes; 0 while unknown */
	struct volume_features features;
};

struct volume;
struct volumes;

/* How block/ reports what nobody waits for: @level is a syslog priority (3 error ... 6 info). */
typedef void volume_report_fn(int level, const char *text);

/* volumes_new() - an empty table (gives, or NULL with errno). @report may be called on any thread. */
struct volumes *volumes_new(volume_report_fn *report);

/*
 * volumes_add() - put a volume into the table and begin to connect it in the background.
 * @why: on failure one line that says what is wrong
 *
 * Does not wait for gluster. Return: 0, -EEXIST for a name twice, -errno.
 */
int volumes_add(struct volumes *table, const struct volume_options *options, char *why,
		size_t why_size);

/*
 * volumes_find() - the volume called @name. Any thread.
 *
 * Return: the volume (gives a reference; volume_put() takes it), or NULL.
 */
struct volume *volumes_find(struct volumes *table, const char *name);

/*
 * volumes_next() - walk the table in the order of volumes_add(). Any thread.
 * @previous: NULL to begin, else the last answer (takes its reference)
 *
 * Return: the next volume (gives a reference), or NULL after the last.
 */
struct volume *volumes_next(struct volumes *table, struct volume *previous);

/*
 * volumes_stop() - flush and close every image, end every connection and local brick; frees the
 * table (takes). Blocks; no request may be running. glfs_fini needs ten seconds for a timer of its
 * own, so it gets @fini_cap_s and is then left behind: nothing is unwritten after flush and close.
 * @ret_unflushed: set when an image could not be flushed and closed
 *
 * Return: 0, or the number of volumes that could not be ended cleanly (the process must _exit).
 */
int volumes_stop(struct volumes *table, unsigned fini_cap_s, bool *ret_unflushed);

/* volumes_close_idle() - close images that nobody used for @idle_s seconds. Any thread, blocks not. */
void volumes_close_idle(struct volumes *table, unsigned idle_s);

/* volume_put() - drop a reference (takes). Any thread. */
void volume_put(struct volume *volume);

/* volume_name() - the operator's name of it (borrows from @volume). Any thread. */
const char *volume_name(const struct volume *volume);

/* volume_uri() - its gluster URI without an image (borrows from @volume). Any thread. */
const char *volume_uri(const struct volume *volume);

/* volume_image_uri() - the gluster URI of @image on it (gives, free(); NULL without memory). */
char *volume_image_uri(const struct volume *volume, const char *image);

/* volume_info() - what is known of the volume now; never asks gluster. Any thread. */
void volume_info(struct volume *volume, struct volume_info *ret_info);

/* volume_cache() - how its images are opened unless re-opened otherwise. Any thread. */
enum image_cache volume_cache(const struct volume *volume);

/*
 * volume_workers(), volume_slow_workers() - the threads for calls on this volume that block (borrows);
 * the slow ones are for what may take long: preallocation, listing. Any thread.
 */
struct workers *volume_workers(struct volume *volume);
struct workers *volume_slow_workers(struct volume *volume);

#endif
