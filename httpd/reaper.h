/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HTTPD_REAPER_H
#define HTTPD_REAPER_H

/*
 * The reaper: a thread that looks at the clock for everybody, because MHD does not watch suspended
 * connections. It ends waits on gluster that took too long, closes images that nobody uses, and
 * writes out the access log.
 */
struct reaper;
struct server;

/* reaper_start() - begin (gives; reaper_stop()). NULL with errno. */
struct reaper *reaper_start(struct server *server);

/* reaper_stop() - end the thread and free @reaper (takes; NULL is fine). */
void reaper_stop(struct reaper *reaper);

#endif
