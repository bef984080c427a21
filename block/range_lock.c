/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block/range_lock.h"

#include <stddef.h>

#include "block/lock.h"

void range_lock_init(struct range_lock *ranges)
{
	*ranges = (struct range_lock){ .head = NULL };
	pthread_mutex_init(&ranges->lock, NULL);
}

void range_lock_destroy(struct range_lock *ranges)
{
	pthread_mutex_destroy(&ranges->lock);
}

static bool hold_conflicts(const struct range_hold *a, const struct range_hold *b)
{
	return (a->exclusive || b->exclusive) && a->first < b->end && b->first < a->end;
}

bool range_lock_acquire(struct range_lock *ranges, struct range_hold *hold)
{
	SCOPED_LOCK(&ranges->lock);
	hold->blockers = 0;
	for (struct range_hold *other = ranges->head; other; other = other->next)
		hold->blockers += hold_conflicts(other, hold);
	hold->next = NULL;
	hold->previous = ranges->tail;
	if (ranges->tail)
		ranges->tail->next = hold;
	else
		ranges->head = hold;
	ranges->tail = hold;
	return hold->blockers == 0;
}

/* Take @hold out of the list; the holds that waited for it alone, linked by ready_next. */
static struct range_hold *hold_remove_locked(struct range_lock *ranges, struct range_hold *hold)
{
	struct range_hold *granted = NULL;

	if (hold->previous)
		hold->previous->next = hold->next;
	else
		ranges->head = hold->next;
	if (hold->next)
		hold->next->previous = hold->previous;
	else
		ranges->tail = hold->previous;

	for (struct range_hold *later = hold->next; later; later = later->next)
		if (hold_conflicts(hold, later) && --later->blockers == 0) {
			later->ready_next = granted;
			granted = later;
		}
	return granted;
}

void range_lock_release(struct range_lock *ranges, struct range_hold *hold)
{
	struct range_hold *granted;

	pthread_mutex_lock(&ranges->lock);
	granted = hold_remove_locked(ranges, hold);
	pthread_mutex_unlock(&ranges->lock);
	while (granted) {
		struct range_hold *next = granted->ready_next;

		granted->granted(granted);
		granted = next;
	}
}
