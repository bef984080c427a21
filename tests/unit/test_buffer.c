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

static void test_order(struct buffer_pool *pool)
{
	struct buffer_wait a = { .size = BUFFER_MAX, .granted = note };
	struct buffer_wait b = { .size = BUFFER_MAX, .granted = note };
	struct buffer_wait c = { .size = 100000, .granted = note };
	struct buffer_wait small = { .size = 4096, .granted = note };

	n_granted = 0;
	OK(buffer_get(pool, &a) && a.buffer, "a large one");
	OK(((uintptr_t)a.buffer & 4095) == 0, "is aligned");
	memset(a.buffer, 1, a.size);
	IS_INT(buffer_pool_used(pool), BUFFER_MAX, "is counted");
	OK(!buffer_wanted(pool, BUFFER_MAX), "nobody waits");
	OK(!buffer_get(pool, &b), "a second one has to wait");
	OK(buffer_wanted(pool, BUFFER_MAX), "which can be seen");
	OK(!buffer_get(pool, &c), "one that would fit does not overtake it");
	OK(!buffer_try(pool, BUFFER_MAX), "who does not want to wait gets none");
	OK(buffer_get(pool, &small) && small.buffer, "small ones have a share of their own");
	buffer_put(pool, a.buffer, a.size);
	OK(n_granted == 2 && order[0] == &b && order[1] == &c, "granted in order");
	buffer_put(pool, b.buffer, b.size);
	buffer_put(pool, c.buffer, c.size);
	buffer_put(pool, small.buffer, small.size);
	buffer_put(pool, NULL, 1);
	IS_INT(buffer_pool_used(pool), 0, "all is back");
}

/* A waiter that is gone gives its buffer back as soon as it gets it. */
static struct buffer_pool *give_back_to;
static unsigned depth, deepest, given_back;

static void give_back(struct buffer_wait *wait)
{
	if (++depth > deepest)
		deepest = depth;
	given_back++;
	buffer_put(give_back_to, wait->buffer, wait->size);
	depth--;
}

static void test_give_back(struct buffer_pool *pool)
{
	enum { N = 10000 };
	static struct buffer_wait gone[N];
	struct buffer_wait a = { .size = BUFFER_MAX, .granted = note };

	give_back_to = pool;
	OK(buffer_get(pool, &a), "the only large one");
	for (unsigned i = 0; i < N; i++) {
		gone[i] = (struct buffer_wait){ .size = BUFFER_MAX, .granted = give_back };
		buffer_get(pool, &gone[i]);
	}
	buffer_put(pool, a.buffer, a.size);
	IS_INT(given_back, N, "every waiter gets it");
	IS_INT(deepest, 1, "one after the other, not one inside the other");
	IS_INT(buffer_pool_used(pool), 0, "all is back");
}

int main(void)
{
	struct buffer_pool *pool = buffer_pool_new(2u << 20);

	test_order(pool);
	test_give_back(pool);
	buffer_pool_free(pool);
	return tap_end();
}
