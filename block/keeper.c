/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keeper: one thread for each volume. It starts the local brick if the volume has one and
 * restarts it when it died, connects with back-off, then asks for the free space every few seconds,
 * which also tells whether the bricks answer. glfs_init may block for ever (a glusterd that hangs), so
 * nobody waits for a keeper except the end of the process, and that with a cap.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "block/clock.h"
#include "block/local.h"
#include "block/lock.h"
#include "block/volume_internal.h"

#define BACKOFF_FIRST_NS (500 * NS_PER_MS)
#define BACKOFF_LAST_NS	 (30 * NS_PER_S)
#define PROBE_EVERY_NS	 (3 * NS_PER_S)
#define BRICK_LOOK_NS	 (500 * NS_PER_MS)
#define LOG_ERROR	 3
#define LOG_WARNING	 4
#define LOG_INFO	 6

struct keeper {
	struct volume *volume;
	struct local_brick *brick; /* NULL until made, and for volumes of a cluster */
	uint64_t next_ns;	   /* when to connect or probe again */
	uint64_t backoff_ns;
};

/* Take down that gluster is being asked (@asked) or has answered. */
static void keeper_asking(struct volume *volume, bool asking)
{
	SCOPED_LOCK(&volume->lock);
	volume->asked_ns = asking ? clock_now() : 0;
}

/* Set the state and its error text ("" for none); tells the log of every change. */
static void keeper_set_state(struct volume *volume, enum volume_state state, const char *error)
{
	bool changed;

	pthread_mutex_lock(&volume->lock);
	changed = volume->state != state || strcmp(volume->error, error);
	volume->state = state;
	snprintf(volume->error, sizeof(volume->error), "%s", error);
	pthread_mutex_unlock(&volume->lock);
	if (!changed)
		return;
	if (state == VOLUME_UP)
		volume_reportf(volume, LOG_INFO, "up (%s)", volume->uri);
	else
		volume_reportf(volume, LOG_WARNING, "%s: %s",
			       state == VOLUME_CONNECTING ? "connecting" : "failed", error);
}

/* Sleep until @until_ns or until the volume is to stop; true when it is to stop. */
static bool keeper_sleep(struct volume *volume, uint64_t until_ns)
{
	struct timespec until = clock_deadline(until_ns);

	SCOPED_LOCK(&volume->lock);
	while (!volume->stopping)
		if (pthread_cond_clockwait(&volume->changed, &volume->lock, CLOCK_MONOTONIC,
					   &until))
			break;
	return volume->stopping;
}

/* Name the servers (or the volfile) that @fs will connect to. */
static int keeper_set_servers(struct keeper *keeper, glfs_t *fs, const struct gluster_uri *uri)
{
	const char *transport = uri->transport == GLUSTER_UNIX ? "unix" : "tcp";

	if (keeper->brick)
		return glfs_set_volfile(fs, local_brick_volfile(keeper->brick));
	for (size_t i = 0; i < uri->n_servers; i++)
		if (glfs_set_volfile_server(fs, transport, uri->servers[i].host,
					    uri->servers[i].port))
			return -1;
	return 0;
}

/*
 * Make the client's caches tell the truth, and spare each request the hop through the client's own
 * io-threads: we submit from several threads as it is (a quarter more small reads at eight
 * connections, measured). These options act only before glfs_init: afterwards
 * another server's writes would be read stale for up to a second. Options of translators that the
 * volume does not have are ignored by gluster.
 */
static void keeper_set_options(const struct volume *volume, glfs_t *fs)
{
	static const char *const always[][3] = {
		{ "*-md-cache", "pass-through", "on" },	   { "*-quick-read", "max-file-size", "0" },
		{ "*-io-cache", "pass-through", "on" },	   { "*-read-ahead", "pass-through", "on" },
		{ "*-open-behind", "pass-through", "on" }, { "*-io-threads", "pass-through", "on" },
	};
	char seconds[16];

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		glfs_set_xlator_option(fs, always[i][0], always[i][1], always[i][2]);
	if (volume->cache == CACHE_WRITEBACK)
		glfs_set_xlator_option(fs, "*-write-behind", "resync-failed-syncs-after-fsync",
				       "on");
	else
		glfs_set_xlator_option(fs, "*-write-behind", "pass-through", "on");
	snprintf(seconds, sizeof(seconds), "%u", volume->ping_timeout_s);
	glfs_set_xlator_option(fs, "*-client-*", "ping-timeout", seconds);
}

/* A configured but unconnected glfs_t, or NULL with errno. */
static glfs_t *keeper_new_fs(struct keeper *keeper)
{
	struct volume *volume = keeper->volume;
	struct gluster_uri uri = { .volume = NULL };
	struct gluster_uri_error where;
	glfs_t *fs;

	if (!keeper->brick && gluster_uri_parse(volume->uri, &uri, &where)) {
		errno = EINVAL;
		return NULL;
	}
	errno = 0; /* gfapi fails with errno 0 in places */
	fs = glfs_new(keeper->brick ? volume->name : uri.volume);
	if (fs && keeper_set_servers(keeper, fs, &uri)) {
		int error = errno ? errno : EINVAL;

		glfs_fini(fs);
		errno = error;
		fs = NULL;
	}
	if (!keeper->brick)
		gluster_uri_clear(&uri);
	if (!fs)
		return NULL;
	if (glfs_set_logging(fs, volume->log_file ? volume->log_file : "-", volume->log_level))
		volume_reportf(volume, LOG_WARNING, "gluster's log cannot be written: %m");
	keeper_set_options(volume, fs);
	return fs;
}

/* Words for the errors of glfs_init, whose codes say little by themselves. */
static void keeper_explain(int error, char *text, size_t size)
{
	switch (error) {
	case ENOENT:
		snprintf(text, size, "the cluster has no volume of that name (ENOENT)");
		break;
	case ENOTCONN:
		snprintf(text, size, "no server of the volume can be reached (ENOTCONN)");
		break;
	case EIO:
		snprintf(text, size, "the volume is stopped or its bricks are down (EIO)");
		break;
	default:
		snprintf(text, size, "glfs_init failed (%s)", strerrorname_np(error));
	}
}

/* Try once to connect; publishes volume->fs. */
static void keeper_connect(struct keeper *keeper)
{
	struct volume *volume = keeper->volume;
	char text[256];
	glfs_t *fs;
	int error;

	keeper_asking(volume, true);
	fs = keeper_new_fs(keeper);
	errno = fs ? 0 : errno;
	if (fs && !glfs_init(fs)) {
		volume_probe_features(fs, &volume->features);
		atomic_store_explicit(&volume->fs, fs, memory_order_release);
		keeper_asking(volume, false);
		keeper->next_ns = 0; /* probe now: it sets the state */
		return;
	}
	error = errno ? errno : EIO;
	if (fs)
		glfs_fini(fs);
	keeper_asking(volume, false);
	keeper_explain(error, text, sizeof(text));
	keeper_set_state(volume, VOLUME_CONNECTING, text);
	keeper->next_ns = clock_now() + keeper->backoff_ns;
	keeper->backoff_ns *= 2;
	if (keeper->backoff_ns > BACKOFF_LAST_NS)
		keeper->backoff_ns = BACKOFF_LAST_NS;
}

/* Ask for the free space: the answer, or its absence, is the volume's state. */
static void keeper_probe(struct keeper *keeper)
{
	struct volume *volume = keeper->volume;
	struct statvfs space;
	char text[64];
	int failed;

	keeper_asking(volume, true);
	failed = glfs_statvfs(volume_fs(volume), "/", &space) ? errno : 0;
	keeper_asking(volume, false);
	keeper->next_ns = clock_now() + PROBE_EVERY_NS;
	if (failed) {
		snprintf(text, sizeof(text), "the volume does not answer (%s)",
			 strerrorname_np(failed));
		keeper_set_state(volume, VOLUME_FAILED, text);
		return;
	}
	pthread_mutex_lock(&volume->lock);
	volume->capacity = (uint64_t)space.f_blocks * space.f_frsize;
	volume->free = (uint64_t)space.f_bavail * space.f_frsize;
	pthread_mutex_unlock(&volume->lock);
	keeper_set_state(volume, VOLUME_UP, "");
}

/* Have the local brick run; false when it cannot be started now. */
static bool keeper_tend_brick(struct keeper *keeper)
{
	struct volume *volume = keeper->volume;
	char why[256] = "out of memory";

	if (!volume->local_dir || (keeper->brick && local_brick_alive(keeper->brick)))
		return true;
	if (keeper->brick)
		volume_reportf(volume, LOG_WARNING, "the local brick ended; starting it again");
	else if (local_brick_new(volume->local_dir, &keeper->brick, why, sizeof(why)))
		goto failed;
	if (!local_brick_start(keeper->brick, why, sizeof(why)))
		return true;
failed:
	keeper_set_state(volume, volume_fs(volume) ? VOLUME_FAILED : VOLUME_CONNECTING, why);
	keeper->next_ns = clock_now() + keeper->backoff_ns;
	return false;
}

static void keeper_end(struct keeper *keeper)
{
	struct volume *volume = keeper->volume;
	glfs_t *fs = volume_fs(volume);

	/* The brick goes first: it is ours, and fini would keep it alive for ten more seconds. */
	if (keeper->brick) {
		local_brick_stop(keeper->brick);
		local_brick_free(keeper->brick);
	}
	if (fs)
		glfs_fini(fs);
	SCOPED_LOCK(&volume->lock);
	volume->keeper_ended = true;
	pthread_cond_broadcast(&volume->changed);
}

void *volume_keeper(void *arg)
{
	struct keeper keeper = { .volume = arg, .backoff_ns = BACKOFF_FIRST_NS };
	struct volume *volume = arg;
	uint64_t until_ns;

	do {
		if (keeper_tend_brick(&keeper) && clock_now() >= keeper.next_ns) {
			if (volume_fs(volume))
				keeper_probe(&keeper);
			else
				keeper_connect(&keeper);
		}
		until_ns = keeper.next_ns;
		if (volume->local_dir && until_ns > clock_now() + BRICK_LOOK_NS)
			until_ns = clock_now() + BRICK_LOOK_NS;
	} while (!keeper_sleep(volume, until_ns));
	keeper_end(&keeper);
	return NULL;
}
