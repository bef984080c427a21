/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The buffer budget: never exceeded, granted in order of asking. */
#include <string.h>

#include "block/buffer.h"
#include "tests/lib/tap.h"

static struct buffer_wait *order[8];
static unsigned n_granted;

static void note(struct buffer_wait *wait)
{
	order[n_granted++] = wait;
}

int main(void)
{
	struct buffer_pool *pool = buffer_pool_new(2u << 20);
	struct buffer_wait a = { .size = BUFFER_MAX, .granted = note };
	struct buffer_wait b = { .size = 4096, .granted = note };
	struct buffer_wait c = { .size = BUFFER_MAX, .granted = note };
	struct buffer_wait d = { .size = 1, .granted = note };

	OK(buffer_get(pool, &a) && a.buffer, "a large one");
	OK(((uintptr_t)a.buffer & 4095) == 0, "is aligned");
	memset(a.buffer, 1, a.size);
	OK(buffer_get(pool, &b) && b.buffer, "a small one");
	IS_INT(buffer_pool_used(pool), BUFFER_MAX + 4096, "are counted");
	OK(!buffer_get(pool, &c), "a second large one has to wait");
	OK(!buffer_get(pool, &d), "and a small one behind it, too: nobody is overtaken");
	OK(!buffer_try(pool, 1), "who does not want to wait gets none");
	buffer_put(pool, b.buffer, b.size);
	OK(n_granted == 1 && order[0] == &c,
	   "the large one is granted when there is room, and the small one still waits");
	buffer_put(pool, a.buffer, a.size);
	OK(n_granted == 2 && order[1] == &d && d.buffer, "then the small one");
	a.buffer = buffer_try(pool, 4096);
	OK(a.buffer != NULL, "who does not want to wait gets one now");
	buffer_put(pool, a.buffer, 4096);
	buffer_put(pool, c.buffer, c.size);
	buffer_put(pool, d.buffer, d.size);
	buffer_put(pool, NULL, 1);
	IS_INT(buffer_pool_used(pool), 0, "all is back");
	buffer_pool_free(pool);
	return tap_end();
}
