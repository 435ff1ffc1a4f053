/*
 * freelist.c - objects of one size that come and go at every call
 *
 * Runs in every process; a list belongs to one thread.  The last object given
 * is the first taken, since it is the likeliest to be in the cache.
 */
#include <config.h>

#include "base/freelist.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/poison.h"

/* The first idle object; there is one. */
static struct freelist_item *
freelist_pop(struct freelist *f)
{
	struct freelist_item *item = f->idle;

	unpoison(item, f->size);
	f->idle = item->next;
	f->n_idle--;
	return item;
}

void
freelist_init(struct freelist *f, size_t size, size_t keep)
{
	if (size < sizeof(struct freelist_item))
		size = sizeof(struct freelist_item);
	*f = (struct freelist){ .size = size, .keep = keep };
}

void
freelist_fini(struct freelist *f)
{
	ENSURE(f->n_live == 0);
	while (f->idle != NULL)
		free(freelist_pop(f));
}

void *
freelist_take(struct freelist *f)
{
	void *object;

	if (f->idle != NULL)
		object = memset(freelist_pop(f), 0, f->size);
	else
		object = calloc(1, f->size);
	if (object != NULL)
		f->n_live++;
	return object;
}

void
freelist_give(struct freelist *f, void *object)
{
	struct freelist_item *item = object;

	ENSURE(f->n_live > 0);
	f->n_live--;
	if (f->n_idle >= f->keep) {
		free(object);
		return;
	}
	item->next = f->idle;
	f->idle = item;
	f->n_idle++;
	poison(object, f->size);
}
