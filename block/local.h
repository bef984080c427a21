/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_LOCAL_H
#define BLOCK_LOCAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The embedded volume (--local DIR): one brick process of our own that serves DIR/brick on a unix
 * socket in DIR, for trying the daemon out and for tests, without a cluster.
 *
 *   DIR/lock        held by the daemon and its brick: one daemon for each DIR
 *   DIR/brick.vol   what the brick runs                DIR/client.vol  what a client loads
 *   DIR/brick/      the images                         DIR/brick.sock  while the brick runs
 *   DIR/brick.log   of this run of the brick           DIR/brick.log.old  of the one before
 *
 * One thread at a time uses a brick. The brick is killed when the thread that started it ends, so
 * that thread must live as long as the brick is wanted.
 */

struct local_brick;

/*
 * local_brick_check() - can a brick run in @dir? Creates @dir (mode 0700) but nothing in it.
 * @why: one line that says what is missing; written only on failure
 *
 * Asks for root, glusterfsd, a usable path, trusted.* extended attributes (all that storage/posix
 * needs), and that no other daemon uses @dir. Blocks for up to a second on the last one.
 * Return: 0 or -errno; -EBUSY when @dir is in use.
 */
int local_brick_check(const char *dir, char *why, size_t why_size);

/*
 * local_brick_new() - take @dir, which local_brick_check() found good, and write the two volfiles.
 * @dir: borrowed; @ret_brick: gives, local_brick_free()
 *
 * Return: 0 or -errno with @why as above.
 */
int local_brick_new(const char *dir, struct local_brick **ret_brick, char *why, size_t why_size);

/*
 * local_brick_start() - start the brick, or start it again after it died. Blocks until it accepts
 * connections, 30 seconds at most.
 *
 * Return: 0; -EIO when it ended at once (@why has the first error of its log), -ETIMEDOUT, -errno.
 */
int local_brick_start(struct local_brick *brick, char *why, size_t why_size);

/* local_brick_alive() - does the brick run? False before start and after stop as well. */
bool local_brick_alive(struct local_brick *brick);

/*
 * local_brick_stop() - end the brick: SIGTERM, and SIGKILL if it is still there a second later. It
 * is reaped and its socket removed when this returns. Harmless when it does not run.
 */
void local_brick_stop(struct local_brick *brick);

/* local_brick_free() - stop the brick and let go of its folder (takes; NULL is allowed). */
void local_brick_free(struct local_brick *brick);

/*
 * local_brick_volfile() - the path for glfs_set_volfile() (borrows from @brick). Its one xlator is
 * called local-client-0, so that options for "*-client-*" reach it as they do on other volumes.
 */
const char *local_brick_volfile(const struct local_brick *brick);

#endif
