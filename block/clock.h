/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BLOCK_CLOCK_H
#define BLOCK_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

/* clock_now() - monotonic time in nanoseconds; any thread. */
static inline uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* clock_deadline() - @deadline_ns of clock_now() as the timespec that pthread_cond_clockwait takes. */
static inline struct timespec clock_deadline(uint64_t deadline_ns)
{
	return (struct timespec){ .tv_sec = (time_t)(deadline_ns / NS_PER_S),
				  .tv_nsec = (long)(deadline_ns % NS_PER_S) };
}

#endif
