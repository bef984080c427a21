/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open images: opening, validating and re-opening run on workers under image->open_lock; the lookup
 * that requests do is memory only. The table they stand in is in image_table.c.
 */
#include "block/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block/clock.h"
#include "block/image_internal.h"
#include "block/lock.h"
#include "block/volume_internal.h"

char *image_path(const char *name)
{
	char *path = malloc(strlen(name) + 2);

	if (path) {
		path[0] = '/';
		memcpy(path + 1, name, strlen(name) + 1);
	}
	return path;
}

struct image *image_new(struct volume *volume, const char *name)
{
	struct image *image = calloc(1, sizeof(*image));

	if (!image)
		return NULL;
	image->name = strdup(name);
	image->path = image_path(name);
	if (!image->name || !image->path) {
		free(image->name);
		free(image->path);
		free(image);
		return NULL;
	}
	atomic_fetch_add(&volume->refs, 1);
	image->volume = volume;
	image->hash = image_hash(name);
	image->used_ns = clock_now();
	image->refs = 1;
	pthread_mutex_init(&image->open_lock, NULL);
	pthread_mutex_init(&image->resize_lock, NULL);
	pthread_mutex_init(&image->lock, NULL);
	range_lock_init(&image->ranges);
	range_lock_init(&image->zeroing);
	return image;
}

void image_put(struct image *image)
{
	if (!image || atomic_fetch_sub(&image->refs, 1) != 1)
		return;
	if (image->handle)
		handle_put(image->handle);
	range_lock_destroy(&image->zeroing);
	range_lock_destroy(&image->ranges);
	pthread_mutex_destroy(&image->lock);
	pthread_mutex_destroy(&image->resize_lock);
	pthread_mutex_destroy(&image->open_lock);
	volume_put(image->volume);
	free(image->path);
	free(image->name);
	free(image);
}

/*
 * Put @handle, whose file was @stat at @asked_ns, in the place of the old one if there is one. Under
 * open_lock.
 */
static void image_swap_handle(struct image *image, struct handle *handle,
			      const struct image_stat *stat, uint64_t asked_ns)
{
	struct handle *old;

	pthread_mutex_lock(&image->lock);
	old = image->handle;
	image->handle = handle;
	image->stat = *stat;
	image->validated_ns = image->stat_ns = asked_ns;
	pthread_mutex_unlock(&image->lock);
	if (old)
		handle_put(old);
}

/* Open the file that has the name now. Under open_lock. */
static int image_open_new(struct image *image)
{
	uint64_t asked_ns = clock_now();
	struct image_stat stat;
	struct handle *handle;
	int error = handle_open(image->volume, image->path, IMAGE_AUTO, image->volume->cache,
				&handle, &stat);

	if (error)
		return error;
	image_swap_handle(image, handle, &stat, asked_ns);
	return 0;
}

/* See that the open handle still is the file of that name, else open that. Under open_lock. */
static int image_validate(struct image *image)
{
	uint64_t asked_ns = clock_now();
	struct image_stat now;
	struct stat st;
	bool same;

	if (glfs_stat(volume_fs(image->volume), image->path, &st))
		return -(errno ? errno : EIO);
	now = stat_from_posix(&st);
	image_note_stat(image, asked_ns, &now);
	pthread_mutex_lock(&image->lock);
	same = image->handle->ino == now.ino;
	if (same)
		image->validated_ns = asked_ns;
	pthread_mutex_unlock(&image->lock);
	return same ? 0 : image_open_new(image);
}

/*
 * Bring the image up to date with its name; takes it out of the table when there is no such file.
 * Return: 0; -EAGAIN when it has left the table meanwhile: look the name up again; -errno.
 */
static int image_bring_current(struct image *image)
{
	int error = 0;

	SCOPED_LOCK(&image->open_lock);
	if (image->forgotten)
		return -EAGAIN;
	if (!image->handle)
		error = image_open_new(image);
	else if (clock_now() - image->validated_ns > IMAGE_FRESH_NS / 4)
		error = image_validate(image); /* else somebody did it while we waited */
	if (error == -ENOENT || error == -EISDIR || !image->handle)
		image_table_remove(image);
	return error;
}

int image_open(struct volume *volume, const char *name, struct image **ret_image)
{
	struct image *image;
	int error;

	if (!volume_fs(volume))
		return -ENOTCONN;
	do {
		image = image_table_find_or_add(volume, name);
		if (!image)
			return -ENOMEM;
		error = image_bring_current(image);
		if (error)
			image_put(image);
	} while (error == -EAGAIN);
	if (!error)
		*ret_image = image;
	return error;
}

static void image_validation_run(struct job *job)
{
	struct image *image = (struct image *)((char *)job - offsetof(struct image, validation));

	image_bring_current(image);
	pthread_mutex_lock(&image->lock);
	image->validating = false;
	pthread_mutex_unlock(&image->lock);
	image_put(image);
}

struct image *image_lookup(struct volume *volume, const char *name)
{
	struct image *image = image_table_find(volume, name);
	uint64_t now = clock_now(), age;
	bool usable, validate;

	if (!image)
		return NULL;
	pthread_mutex_lock(&image->lock);
	age = now - image->validated_ns;
	usable = image->handle && (age < IMAGE_FRESH_NS || now < image->validated_ns);
	validate = usable && age > IMAGE_FRESH_NS / 2 && !image->validating;
	image->validating |= validate;
	image->used_ns = now;
	pthread_mutex_unlock(&image->lock);
	if (validate) {
		atomic_fetch_add(&image->refs, 1);
		image->validation.run = image_validation_run;
		workers_submit(volume->workers, &image->validation);
	}
	if (usable)
		return image;
	image_put(image);
	return NULL;
}

struct handle *image_handle(struct image *image)
{
	SCOPED_LOCK(&image->lock);
	atomic_fetch_add(&image->handle->refs, 1);
	return image->handle;
}

int image_recover(struct image *image, const struct handle *broken)
{
	int error = 0;

	SCOPED_LOCK(&image->open_lock);
	if (image->forgotten)
		return -ENOENT;
	if (image->handle == broken)
		error = image_open_new(image);
	if (error == -ENOENT || error == -EISDIR)
		image_table_remove(image);
	return error;
}

void image_note_stat(struct image *image, uint64_t asked_ns, const struct image_stat *stat)
{
	SCOPED_LOCK(&image->lock);
	if (asked_ns < image->stat_ns)
		return;
	image->stat = *stat;
	image->stat_ns = asked_ns;
}

void image_note_size(struct image *image, uint64_t size)
{
	SCOPED_LOCK(&image->lock);
	image->stat.size = size;
	image->stat_ns = clock_now();
}

static void image_info_locked(struct image *image, struct image_info *ret_info)
{
	*ret_info = (struct image_info){ .stat = image->stat,
					 .mode = image->handle->mode,
					 .cache = image->handle->cache,
					 .lost_writes = image->lost != 0 };
}

void image_known(struct image *image, struct image_info *ret_info)
{
	SCOPED_LOCK(&image->lock);
	image_info_locked(image, ret_info);
}

int image_refresh(struct image *image, struct image_info *ret_info)
{
	struct handle *handle = image_handle(image);
	uint64_t asked_ns = clock_now();
	struct stat st;
	int error = glfs_fstat(handle->fd, &st) ? -(errno ? errno : EIO) : 0;

	if (!error) {
		struct image_stat now = stat_from_posix(&st);

		image_note_stat(image, asked_ns, &now);
		image_known(image, ret_info);
	}
	handle_put(handle);
	return error;
}

/* Flush what was written and not flushed; says so when an earlier flush failed. */
static int image_flush(struct image *image)
{
	struct op flush = { .kind = OP_FLUSH, .image = image };
	struct handle *handle = image_handle(image);
	bool dirty = handle->dirty;

	handle_put(handle);
	return dirty ? (int)op_wait(&flush) : 0;
}

int image_settle(struct volume *volume, const char *name)
{
	struct image *image = image_table_find(volume, name);
	struct image_info now;
	int error = 0;

	if (!image)
		return 0;
	pthread_mutex_lock(&image->open_lock); /* it may just be being opened */
	pthread_mutex_unlock(&image->open_lock);
	if (!image->forgotten) {
		image_known(image, &now);
		error = now.lost_writes ? -ENOTRECOVERABLE : image_flush(image);
	}
	image_put(image);
	return error;
}

int image_reopen(struct image *image, enum image_mode mode, enum image_cache cache)
{
	uint64_t asked_ns = clock_now();
	struct image_stat stat;
	struct handle *handle;
	int error;

	/* Write-behind is in the volume's graph or bypassed there; only O_DIRECT is the image's own. */
	if (cache != CACHE_NONE &&
	    (cache == CACHE_WRITEBACK) != (image->volume->cache == CACHE_WRITEBACK))
		return -EOPNOTSUPP;
	error = image_flush(image);
	if (error && error != -ENOTRECOVERABLE)
		return error;
	SCOPED_LOCK(&image->open_lock);
	error = handle_open(image->volume, image->path, mode, cache, &handle, &stat);
	if (error)
		return error;
	image_swap_handle(image, handle, &stat, asked_ns);
	pthread_mutex_lock(&image->lock);
	image->lost = 0;
	pthread_mutex_unlock(&image->lock);
	return 0;
}

const char *image_name(const struct image *image)
{
	return image->name;
}

struct volume *image_volume(const struct image *image)
{
	return image->volume;
}
