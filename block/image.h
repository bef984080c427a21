/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_IMAGE_H
#define BLOCK_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "block/volume.h"

/*
 * Open images: one struct image for each name in use, shared by all requests, kept open while
 * idle so that the next request costs one round trip.
 *
 * An image's descriptor (handle) may be replaced while the image lives: after a re-open, after
 * EBADF, or because another client deleted and recreated the file. Operations in flight keep the
 * handle they began with; it is closed when the last of them is done, never earlier, because
 * glfs_close swallows the callbacks of what is still in flight.
 *
 * Another client may delete or replace the file at any time, and an asynchronous read through a
 * descriptor that cannot follow a graph change crashes libgfapi. So a handle is used only if its
 * file was seen under its name within the last second (IMAGE_FRESH_NS).
 */
#define IMAGE_FRESH_NS 1000000000ull

enum image_mode { IMAGE_AUTO, IMAGE_RO, IMAGE_RW }; /* AUTO: rw where the volume lets us, else ro */

/* What gluster says of an image's file. */
struct image_stat {
	uint64_t size;	    /* bytes */
	uint64_t allocated; /* bytes, st_blocks * 512 */
	uint64_t ino;	    /* from the gfid: another file, another number */
	struct timespec mtime;
};

/* What can be told of an image at once. */
struct image_info {
	struct image_stat stat;
	enum image_mode mode; /* RO or RW */
	enum image_cache cache;
	bool lost_writes; /* a flush failed: nothing is written until image_reopen() */
};

struct image;

/*
 * image_lookup() - the open image @name if it can be used without asking gluster.
 *
 * MHD threads; does not block. Starts a validation in the background when the last one is older
 * than half of IMAGE_FRESH_NS, so that an image in steady use never waits for one.
 *
 * Return: the image (gives a reference; image_put() takes it), or NULL: call image_open().
 */
struct image *image_lookup(struct volume *volume, const char *name);

/*
 * image_open() - open @name, or make sure that what is open is still the file of that name.
 *
 * Workers only: blocks. Return: 0 and an image (gives a reference); -ENOENT, -EISDIR (not a regular
 * file), -ENOTCONN (volume not connected), other -errno of gluster.
 */
int image_open(struct volume *volume, const char *name, struct image **ret_image);

/* image_put() - drop a reference (takes; NULL does nothing). Any thread. */
void image_put(struct image *image);

/*
 * image_refresh() - ask gluster for size and times now. Workers only: blocks.
 *
 * Return: 0 and the answer in @ret_info; -errno.
 */
int image_refresh(struct image *image, struct image_info *ret_info);

/* image_known() - what is known without asking; size may be a second old. Any thread. */
void image_known(struct image *image, struct image_info *ret_info);

/*
 * image_reopen() - a new descriptor with another mode or cache in place of the old one, which serves
 * until then; also ends the mark of lost writes. Workers only: blocks.
 *
 * Return: 0; -errno, and nothing has changed.
 */
int image_reopen(struct image *image, enum image_mode mode, enum image_cache cache);

/*
 * image_forget() - the name is gone or means another file now: the next lookup opens anew, whoever
 * holds the image goes on with the old file. Any thread.
 */
void image_forget(struct volume *volume, const char *name);

/* image_name(), image_volume() - constant parts (borrow from @image). Any thread. */
const char *image_name(const struct image *image);
struct volume *image_volume(const struct image *image);

/* images_close_idle() - let go of images that nobody used for @idle_ns. Any thread; closing is done by
 * workers. Images with a mark of lost writes stay. */
void images_close_idle(struct volume *volume, uint64_t idle_ns);

/*
 * images_close_all() - flush what is dirty and close everything, at stop; nobody uses an image any
 * more. Blocks, ten seconds at most. Return: whether all could be closed.
 */
bool images_close_all(struct volume *volume);

#endif
