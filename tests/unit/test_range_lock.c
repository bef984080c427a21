/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Range locks: who waits for whom, and in which order they go on. */
#include <stdlib.h>
#include <string.h>

#include "block/range_lock.h"
#include "tests/lib/tap.h"

static struct range_hold *order[256];
static unsigned n_granted;

static void note(struct range_hold *hold)
{
	order[n_granted++] = hold;
}

static struct range_hold hold(uint64_t first, uint64_t end, bool exclusive)
{
	return (struct range_hold){
		.first = first, .end = end, .exclusive = exclusive, .granted = note
	};
}

static void test_overlap(struct range_lock *ranges)
{
	struct range_hold a = hold(0, 100, true), b = hold(100, 200, true), c = hold(50, 150, true),
			  d = hold(0, 10, false), e = hold(0, 10, false);

	OK(range_lock_acquire(ranges, &a), "a write");
	OK(range_lock_acquire(ranges, &b), "a write beside it");
	OK(!range_lock_acquire(ranges, &c), "a write over both waits");
	OK(!range_lock_acquire(ranges, &d), "a read of the first waits");
	OK(!range_lock_acquire(ranges, &e), "and another");
	n_granted = 0;
	range_lock_release(ranges, &b);
	IS_INT(n_granted, 0, "the one over both still waits for the other");
	range_lock_release(ranges, &a);
	IS_INT(n_granted, 3, "then all go on");
	range_lock_release(ranges, &c);
	range_lock_release(ranges, &d);
	range_lock_release(ranges, &e);
	OK(!ranges->head && !ranges->tail, "nothing is left");
}

static void test_arrival(struct range_lock *ranges)
{
	struct range_hold read = hold(0, 10, false), write = hold(0, 10, true),
			  late = hold(0, 10, false);

	OK(range_lock_acquire(ranges, &read), "a read");
	OK(!range_lock_acquire(ranges, &write), "a write waits for it");
	OK(!range_lock_acquire(ranges, &late), "a later read does not overtake the write");
	n_granted = 0;
	range_lock_release(ranges, &read);
	OK(n_granted == 1 && order[0] == &write, "the write is next");
	range_lock_release(ranges, &write);
	OK(n_granted == 2 && order[1] == &late, "then the read");
	range_lock_release(ranges, &late);
}

/* Against a model: a hold is granted exactly when no earlier conflicting one is left. */
static void test_random(struct range_lock *ranges)
{
	enum { N = 200 };
	struct range_hold holds[N];
	bool here[N] = { false }, ready[N] = { false };
	unsigned wrong = 0;

	srandom(1);
	for (unsigned step = 0; step < 20000; step++) {
		unsigned i = (unsigned)random() % N;

		n_granted = 0;
		if (!here[i]) {
			uint64_t first = (uint64_t)random() % 1000;

			holds[i] = hold(first, first + 1 + (uint64_t)random() % 30, random() % 2);
			here[i] = true;
			ready[i] = range_lock_acquire(ranges, &holds[i]);
		} else if (ready[i]) {
			range_lock_release(ranges, &holds[i]);
			here[i] = ready[i] = false;
			for (unsigned k = 0; k < n_granted; k++)
				ready[order[k] - holds] = true;
		}
		for (struct range_hold *h = ranges->head; h; h = h->next) {
			bool blocked = false;

			for (struct range_hold *e = ranges->head; e != h; e = e->next)
				blocked |= (e->exclusive || h->exclusive) && e->first < h->end &&
					   h->first < e->end;
			wrong += ready[h - holds] == blocked;
		}
	}
	IS_INT(wrong, 0, "20000 random steps agree with the model");
}

int main(void)
{
	struct range_lock ranges;

	range_lock_init(&ranges);
	test_overlap(&ranges);
	test_arrival(&ranges);
	test_random(&ranges);
	range_lock_destroy(&ranges);
	return tap_end();
}
