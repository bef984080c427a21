/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_VOLUME_INTERNAL_H
#define BLOCK_VOLUME_INTERNAL_H

/* What the files of block/ know of a volume and nobody else does. */

#include <glusterfs/api/glfs.h>
#include <pthread.h>
#include <stdatomic.h>

#include "block/volume.h"
#include "block/worker.h"

#define IMAGE_BUCKETS 256u

struct image;

struct volume {
	/* Constant once volumes_add() returned. */
	char *name;
	char *uri;	 /* as volume_uri() gives it */
	char *local_dir; /* NULL for a volume of a cluster */
	char *log_file;	 /* NULL: stderr */
	enum image_cache cache;
	unsigned ping_timeout_s;
	int log_level;
	bool read_only;
	volume_report_fn *report;
	struct workers *workers, *slow_workers;
	pthread_t keeper;
	struct volume *next;

	/* Written by the keeper before it publishes fs, constant afterwards. */
	struct volume_features features;
	_Atomic(glfs_t *) fs; /* NULL until connected, then the same until the end */

	atomic_uint refs;

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	bool stopping;
	bool keeper_ended;
	enum volume_state state;
	char error[256];
	uint64_t
		asked_ns; /* when gluster was last asked something that is not answered; 0: nothing */
	uint64_t capacity, free;
	unsigned handles, n_images;
	bool unflushed;			     /* a flush failed when its image was closed */
	struct image *images[IMAGE_BUCKETS]; /* open images by hash of their name */
};

/* volume_fs() - the connection, or NULL when it was never made (then answer -ENOTCONN). Any thread. */
static inline glfs_t *volume_fs(struct volume *volume)
{
	return atomic_load_explicit(&volume->fs, memory_order_acquire);
}

/*
 * volume_keeper() - the thread that keeps one volume connected (@arg: the volume). Starts and restarts
 * the local brick, connects with back-off, probes. Ends when volume->stopping.
 */
void *volume_keeper(void *arg);

/* volume_hidden_name() - a name (with "/") for a temporary file, invisible to clients: random, so that
 * two servers never meet. */
void volume_hidden_name(char name[static 64], const char *purpose);

/* volume_probe_features() - find out by trying, on a hidden file, what @fs can do. Blocks. */
void volume_probe_features(glfs_t *fs, struct volume_features *ret_features);

/* volume_reportf() - one line to the report hook, with the volume's name in front. Any thread. */
void volume_reportf(struct volume *volume, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
