/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_LIST_H
#define BLOCK_LIST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "block/image.h"

struct image_list_entry {
	char *name;
	struct image_stat stat;
};

/* A page of images. */
struct image_list {
	size_t count;
	bool more; /* there are images after the last one */
	struct image_list_entry *entries;
};

/* Which images to list. */
struct image_list_query {
	const char *prefix;  /* only names that begin with it; "" for all */
	const char *after;   /* only names after it; "" for all */
	size_t limit;	     /* images on the page, at least 1 */
	atomic_bool *cancel; /* stop with -ECANCELED once it is set; or NULL */
};

/*
 * image_list() - the first images that @query wants, in byte order of their whole names, in all
 * directories.
 *
 * Workers only: blocks. Memory is bounded by the limit and the depth of the tree, not by the size of a
 * directory. Return: 0 and a page (gives; image_list_clear()), -errno.
 */
int image_list(struct volume *volume, const struct image_list_query *query,
	       struct image_list *ret_list);

/* image_list_clear() - free what image_list() gave. */
void image_list_clear(struct image_list *list);

#endif
