/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listing walks the directories in byte order of whole names, so that a page can begin anywhere. A
 * directory sorts as its name with a "/" behind. Of each directory only the next CHUNK names are
 * kept; if those were not enough it is read again from there.
 */
#include "block/list.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "block/image_internal.h"
#include "block/volume_internal.h"
#include "uri/image_name.h"

#define CHUNK 256u

struct listing {
	glfs_t *fs;
	const struct image_list_query *query;
	struct image_list *list;
};

/* A name in a directory: the whole name from the volume's root, with a "/" behind for a directory. */
struct entry {
	char *name;
	bool is_directory;
	struct image_stat stat;
};

/* The next names of one directory in order. */
struct chunk {
	struct entry *entries; /* room for 2 * CHUNK */
	size_t count;
	bool truncated; /* there are more behind the last one */
};

static int entry_compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void chunk_drop(struct chunk *chunk, size_t keep)
{
	while (chunk->count > keep)
		free(chunk->entries[--chunk->count].name);
}

/* Sort; keep only the first CHUNK. */
static void chunk_shrink(struct chunk *chunk)
{
	qsort(chunk->entries, chunk->count, sizeof(chunk->entries[0]), entry_compare);
	if (chunk->count > CHUNK) {
		chunk_drop(chunk, CHUNK);
		chunk->truncated = true;
	}
}

static bool begins_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* Whether @entry, or for a directory anything in it, can be on the page. */
static bool listing_wants(const struct listing *listing, const struct entry *entry)
{
	const char *name = entry->name;

	if (entry->is_directory)
		return (begins_with(name, listing->query->prefix) ||
			begins_with(listing->query->prefix, name)) &&
		       (strcmp(name, listing->query->after) > 0 ||
			begins_with(listing->query->after, name));
	return begins_with(name, listing->query->prefix) && strcmp(name, listing->query->after) > 0;
}

/* The entry for @dirent in @directory ("" or ending in "/"); false when it is not one of ours. */
static bool entry_make(const char *directory, const struct dirent *dirent, const struct stat *st,
		       struct entry *ret_entry)
{
	size_t length = strlen(directory) + strlen(dirent->d_name);
	const char *why;
	char *name;

	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return false;
	name = malloc(length + 2);
	if (!name)
		return false;
	memcpy(stpcpy(name, directory), dirent->d_name, strlen(dirent->d_name) + 1);
	if (image_name_check(name, length, &why)) { /* ".", "..", hidden, or not addressable */
		free(name);
		return false;
	}
	if (S_ISDIR(st->st_mode))
		memcpy(name + length, "/", 2);
	*ret_entry = (struct entry){ .name = name,
				     .is_directory = S_ISDIR(st->st_mode),
				     .stat = stat_from_posix(st) };
	return true;
}

/* Read what is wanted of @directory behind the name @behind into @chunk. */
static int chunk_read(const struct listing *listing, const char *directory, const char *behind,
		      struct chunk *chunk)
{
	char *path = image_path(directory);
	union {
		struct dirent dirent;
		char room[offsetof(struct dirent, d_name) + NAME_MAX + 1];
	} buffer;
	glfs_fd_t *fd = path ? glfs_opendir(listing->fs, path) : NULL;
	struct dirent *dirent;
	struct stat st;
	int error = path ? -(errno ? errno : EIO) : -ENOMEM;

	free(path);
	if (!fd) /* gluster says ENOTDIR of the root when no brick answers */
		return error == -ENOTDIR && !directory[0] ? -ENOTCONN : error;
	errno = 0;
	while (!(error = glfs_readdirplus_r(fd, &st, &buffer.dirent, &dirent)) && dirent) {
		struct entry entry;

		if (!entry_make(directory, dirent, &st, &entry))
			continue;
		if (strcmp(entry.name, behind) <= 0 || !listing_wants(listing, &entry)) {
			free(entry.name);
			continue;
		}
		chunk->entries[chunk->count++] = entry;
		if (chunk->count == 2 * CHUNK)
			chunk_shrink(chunk);
	}
	error = error ? -(errno ? errno : EIO) : 0;
	glfs_closedir(fd);
	chunk_shrink(chunk);
	return error;
}

static int listing_add_directory(struct listing *listing, const char *directory);

/* Put the entries of @chunk on the page, directories by walking them; stops when it is full. */
static int listing_add_chunk(struct listing *listing, struct chunk *chunk)
{
	struct image_list *list = listing->list;
	int error = 0;

	for (size_t i = 0; i < chunk->count && !error && !list->more; i++) {
		struct entry *entry = &chunk->entries[i];

		if (entry->is_directory) {
			error = listing_add_directory(listing, entry->name);
		} else if (list->count == listing->query->limit) {
			list->more = true;
		} else {
			list->entries[list->count++] = (struct image_list_entry){
				.name = entry->name, .stat = entry->stat
			};
			entry->name = NULL;
		}
	}
	return error;
}

static int listing_add_directory(struct listing *listing, const char *directory)
{
	struct chunk chunk = { .entries = calloc(2 * CHUNK, sizeof(struct entry)) };
	char *behind = strdup("");
	int error = chunk.entries && behind ? 0 : -ENOMEM;
	bool again = true;

	while (!error && again && !listing->list->more) {
		if (listing->query->cancel && *listing->query->cancel) {
			error = -ECANCELED;
			break;
		}
		chunk.truncated = false;
		error = chunk_read(listing, directory, behind, &chunk);
		if (error == -ENOENT)
			error = 0; /* removed while we walk */
		again = chunk.truncated;
		if (again) {
			free(behind);
			behind = strdup(chunk.entries[chunk.count - 1].name);
			error = behind ? error : -ENOMEM;
		}
		if (!error)
			error = listing_add_chunk(listing, &chunk);
		chunk_drop(&chunk, 0);
	}
	free(behind);
	free(chunk.entries);
	return error;
}

int image_list(struct volume *volume, const struct image_list_query *query,
	       struct image_list *ret_list)
{
	struct image_list list = { .entries = calloc(query->limit, sizeof(list.entries[0])) };
	struct listing listing = { .fs = volume_fs(volume), .query = query, .list = &list };
	int error = !list.entries ? -ENOMEM : !listing.fs ? -ENOTCONN : 0;

	if (!error)
		error = listing_add_directory(&listing, "");
	if (error)
		image_list_clear(&list);
	else
		*ret_list = list;
	return error;
}

void image_list_clear(struct image_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->entries[i].name);
	free(list->entries);
	*list = (struct image_list){ .count = 0 };
}
