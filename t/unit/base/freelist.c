/*
 * freelist.c - objects kept, zeroed and poisoned
 */
#include <config.h>

#include "base/freelist.h"

#include "base/poison.h"
#include "tap.h"

static void
test_keep(void)
{
	static const char zeros[100];
	struct freelist f;
	char *object[3];

	freelist_init(&f, sizeof(zeros), 2);
	for (int i = 0; i < 3; i++) {
		object[i] = freelist_take(&f);
		memset(object[i], 0xff, sizeof(zeros));
	}
	is_int(3, f.n_live, "live objects are counted");
	for (int i = 0; i < 3; i++)
		freelist_give(&f, object[i]);
	is_int(0, f.n_live, "given back");
	is_int(2, f.n_idle, "as many are kept as wished");
#ifdef POISON_ASAN
	ok(__asan_address_is_poisoned(object[0]), "they rest poisoned");
#endif
	ok(freelist_take(&f) == (void *)object[1], "the last is the next");
	ok(memcmp(object[1], zeros, sizeof(zeros)) == 0, "zeroed");
	is_int(1, f.n_idle, "from those kept");
	freelist_give(&f, object[1]);
	freelist_fini(&f);
	is_int(0, f.n_idle, "fini frees them");
}

static void
test_small(void)
{
	struct freelist f;
	char *a, *b;

	freelist_init(&f, 1, 8);
	a = freelist_take(&f);
	b = freelist_take(&f);
	*a = *b = 'x';
	freelist_give(&f, a);
	freelist_give(&f, b);
	is_int(2, f.n_idle, "objects smaller than a pointer");
	freelist_fini(&f);
}

int
main(void)
{
	test_keep();
	test_small();
	return done();
}
