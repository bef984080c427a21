/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of open images of a volume, by name. It holds one reference of each image, every user
 * another. An image leaves the table when its name is gone or means another file, and when nobody used
 * it for a while; whoever holds it then goes on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block/clock.h"
#include "block/image_internal.h"
#include "block/lock.h"
#include "block/volume_internal.h"

#define IMAGES_MANY   1024u /* with more than this open, idle ones go much sooner */
#define IDLE_MANY_NS  (2 * NS_PER_S)
#define CLOSE_WAIT_NS (10 * NS_PER_S)

/* FNV-1a */
unsigned image_hash(const char *name)
{
	unsigned hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash;
}

/* Where the table's pointer to @name is or would be. */
static struct image **table_slot_locked(struct volume *volume, const char *name, unsigned hash)
{
	struct image **slot = &volume->images[hash % IMAGE_BUCKETS];

	while (*slot && ((*slot)->hash != hash || strcmp((*slot)->name, name)))
		slot = &(*slot)->next;
	return slot;
}

struct image *image_table_find(struct volume *volume, const char *name)
{
	SCOPED_LOCK(&volume->lock);
	struct image *image = *table_slot_locked(volume, name, image_hash(name));

	if (image)
		atomic_fetch_add(&image->refs, 1);
	return image;
}

struct image *image_table_find_or_add(struct volume *volume, const char *name)
{
	struct image *fresh, *image = image_table_find(volume, name);
	struct image **slot;

	if (image || !(fresh = image_new(volume, name)))
		return image;
	pthread_mutex_lock(&volume->lock);
	slot = table_slot_locked(volume, name, fresh->hash);
	if (*slot) {
		image = *slot; /* somebody was faster */
	} else {
		*slot = image = fresh;
		volume->n_images++;
		fresh = NULL;
	}
	atomic_fetch_add(&image->refs, 1);
	pthread_mutex_unlock(&volume->lock);
	image_put(fresh);
	return image;
}

void image_table_remove(struct image *image)
{
	struct volume *volume = image->volume;
	struct image **slot;
	bool found;

	pthread_mutex_lock(&volume->lock);
	slot = table_slot_locked(volume, image->name, image->hash);
	found = *slot == image;
	if (found) {
		*slot = image->next;
		volume->n_images--;
		image->forgotten = true;
	}
	pthread_mutex_unlock(&volume->lock);
	if (found)
		image_put(image);
}

void image_forget(struct volume *volume, const char *name)
{
	struct image *image = image_table_find(volume, name);

	if (!image)
		return;
	image_table_remove(image);
	image_put(image);
}

/* Whether the table alone holds @image, nobody used it since @before_ns, and nothing is marked on it. */
static bool image_is_idle_locked(struct image *image, uint64_t before_ns)
{
	return image->refs == 1 && !image->lost && image->handle && image->used_ns <= before_ns;
}

/* Whether @image may be closed: a dirty one is flushed first, and stays if that fails. */
static bool image_may_close(struct image *image, uint64_t before_ns)
{
	SCOPED_LOCK(&image->lock);
	return image_is_idle_locked(image, before_ns) && !image->handle->dirty;
}

/* Unlink the images idle since @before_ns, or @all; a list of them with the table's references. */
static struct image *table_take(struct volume *volume, uint64_t before_ns, bool all)
{
	struct image *taken = NULL;

	SCOPED_LOCK(&volume->lock);
	for (unsigned i = 0; i < IMAGE_BUCKETS; i++)
		for (struct image **slot = &volume->images[i]; *slot;) {
			struct image *image = *slot;

			if (!all && !image_may_close(image, before_ns)) {
				slot = &image->next;
				continue;
			}
			*slot = image->next;
			volume->n_images--;
			image->forgotten = true;
			image->next = taken;
			taken = image;
		}
	return taken;
}

static void images_put(struct image *list)
{
	while (list) {
		struct image *next = list->next;

		image_put(list);
		list = next;
	}
}

/* Mark and take an image that is idle since @before_ns but dirty (gives a reference), or NULL. */
static struct image *table_next_dirty(struct volume *volume, uint64_t before_ns)
{
	SCOPED_LOCK(&volume->lock);
	for (unsigned i = 0; i < IMAGE_BUCKETS; i++)
		for (struct image *image = volume->images[i]; image; image = image->next) {
			bool flush;

			pthread_mutex_lock(&image->lock);
			flush = !image->flushing && image_is_idle_locked(image, before_ns) &&
				image->handle->dirty;
			image->flushing |= flush;
			pthread_mutex_unlock(&image->lock);
			if (flush) {
				atomic_fetch_add(&image->refs, 1);
				return image;
			}
		}
	return NULL;
}

static void idle_flush_done(struct op *op)
{
	struct image *image = op->image;

	pthread_mutex_lock(&image->lock);
	image->flushing = false;
	pthread_mutex_unlock(&image->lock);
	image_put(image);
}

/* Flush dirty images before they may be closed, so that a failure leaves its mark. */
static void images_flush_idle(struct volume *volume, uint64_t before_ns)
{
	struct image *image;

	while ((image = table_next_dirty(volume, before_ns))) {
		image->idle_flush =
			(struct op){ .kind = OP_FLUSH, .image = image, .done = idle_flush_done };
		op_submit(&image->idle_flush);
	}
}

void images_close_idle(struct volume *volume, uint64_t idle_ns)
{
	uint64_t now = clock_now();
	bool many;

	pthread_mutex_lock(&volume->lock);
	many = volume->n_images > IMAGES_MANY;
	pthread_mutex_unlock(&volume->lock);
	if (many && idle_ns > IDLE_MANY_NS)
		idle_ns = IDLE_MANY_NS;
	if (now <= idle_ns)
		return;
	images_put(table_take(volume, now - idle_ns, false));
	images_flush_idle(volume, now - idle_ns);
}

bool images_close_all(struct volume *volume)
{
	struct timespec deadline = clock_deadline(clock_now() + CLOSE_WAIT_NS);

	images_put(table_take(volume, 0, true));
	SCOPED_LOCK(&volume->lock);
	while (volume->handles)
		if (pthread_cond_clockwait(&volume->changed, &volume->lock, CLOCK_MONOTONIC,
					   &deadline))
			break;
	return volume->handles == 0 && !volume->unflushed;
}
