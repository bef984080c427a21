/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a volume can do is found out by trying, on a small hidden file: documentation and volume
 * options do not tell (disperse has no zerofill, sharding no seek, features.ctime hides a discard
 * from mtime).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block/volume_internal.h"

#define PROBE_BYTES 65536
#define PROBE_PIECE 4096
#define OLD_TIME    1000000000 /* some time that a change would not set */

/* Whether the client graph of @fs has a translator of @type. */
static bool graph_has(glfs_t *fs, const char *type)
{
	ssize_t missing = glfs_get_volfile(fs, NULL, 0); /* minus its length */
	char line[64];
	char *text;
	bool found = false;

	if (missing >= 0 || !(text = calloc(1, (size_t)-missing + 1)))
		return false;
	snprintf(line, sizeof(line), "type %s", type);
	if (glfs_get_volfile(fs, text, (size_t)-missing) > 0)
		found = strstr(text, line) != NULL;
	free(text);
	return found;
}

static int probe_discard(glfs_fd_t *fd)
{
	return glfs_discard(fd, 0, PROBE_PIECE);
}

static int probe_zero(glfs_fd_t *fd)
{
	return glfs_zerofill(fd, PROBE_PIECE, PROBE_PIECE);
}

/* Whether the volume has no such operation, going by how a try failed. All else proves nothing. */
static bool is_missing(int failed)
{
	return failed && (errno == EOPNOTSUPP || errno == ENOSYS);
}

/* Whether the volume has @change, and whether that leaves mtime as it was. */
static bool probe_change(glfs_fd_t *fd, int (*change)(glfs_fd_t *fd), bool *ret_keeps_mtime)
{
	struct timespec old[2] = { { .tv_sec = OLD_TIME }, { .tv_sec = OLD_TIME } };
	struct stat after;

	*ret_keeps_mtime = true;
	if (glfs_futimens(fd, old))
		return true;
	if (change(fd))
		return !is_missing(-1);
	*ret_keeps_mtime = glfs_fstat(fd, &after) || after.st_mtim.tv_sec == OLD_TIME;
	return true;
}

void volume_hidden_name(char name[static 64], const char *purpose)
{
	snprintf(name, 64, "/.gluster-imaged-%s-%08x%08x", purpose, arc4random(), arc4random());
}

void volume_probe_features(glfs_t *fs, struct volume_features *ret_features)
{
	/* What cannot be tried, on a full or read-only volume, is believed to work until it fails. */
	struct volume_features features = { .discard = true,
					    .zero = true,
					    .falloc = true,
					    .discard_keeps_mtime = true,
					    .zero_keeps_mtime = true,
					    .sharded = graph_has(fs, "features/shard") };
	static const char block[PROBE_PIECE];
	char name[64];
	glfs_fd_t *fd;

	features.extents = !features.sharded;
	volume_hidden_name(name, "probe");
	fd = glfs_creat(fs, name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd) {
		glfs_ftruncate(fd, PROBE_BYTES, NULL, NULL);
		glfs_pwrite(fd, block, sizeof(block), 0, 0, NULL, NULL);
		features.discard = probe_change(fd, probe_discard, &features.discard_keeps_mtime);
		features.zero = probe_change(fd, probe_zero, &features.zero_keeps_mtime);
		features.falloc = !is_missing(glfs_fallocate(fd, 0, 0, PROBE_PIECE));
		features.extents &= glfs_lseek(fd, PROBE_BYTES, SEEK_DATA) < 0 && errno == ENXIO;
		glfs_close(fd);
		glfs_unlink(fs, name);
	}
	*ret_features = features;
}
