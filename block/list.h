/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_LIST_H
#define BLOCK_LIST_H

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

/*
 * image_list() - the first @limit images, in byte order of their whole names, in all directories.
 * @prefix: only names that begin with it ("" for all); @after: only names after it ("" for all)
 *
 * Workers only: blocks. Memory is bounded by @limit and the depth of the tree, not by the size of
 * a directory. Return: 0 and a page (gives; image_list_clear()), -errno.
 */
int image_list(struct volume *volume, const char *prefix, const char *after, size_t limit,
	       struct image_list *ret_list);

/* image_list_clear() - free what image_list() gave. */
void image_list_clear(struct image_list *list);

#endif
