/* handle.c - handles that are looked up, not followed */
#include <config.h>

#include "grpc/handle.h"

#include <tap.h>

#define MANY 1000

/* Never followed, so any address will do. */
static char calls[MANY], methods[2];

static struct call *
call(size_t i)
{
	return (struct call *)(void *)&calls[i];
}

static struct registry_method *
method(size_t i)
{
	return (struct registry_method *)(void *)&methods[i];
}

static void
check_reuse(void)
{
	struct grpcd_call *a = handle_open(call(0)), *b;

	ok(a != NULL, "a handle");
	ok(handle_find(a) == call(0), "finds its call");
	ok(handle_method(a) == NULL, "is not closed");
	handle_close(a, method(0));
	ok(handle_find(a) == NULL, "closed, it finds none");
	ok(handle_method(a) == method(0), "but its method");
	b = handle_open(call(1));
	ok(b != a, "the slot's next handle is another");
	ok(handle_find(a) == NULL, "the old one does not find the new call");
	ok(handle_find(b) == call(1), "the new one does");
	ok(handle_method(a) == method(0), "the old one's method is known");
	handle_close(b, method(1));
	ok(handle_method(b) == method(1), "closed, too");
	ok(handle_method(a) == NULL, "of the older one it is forgotten");
	handle_forget();
	ok(handle_method(b) == NULL, "as all methods may be");
}

static void
check_rubbish(void)
{
	ok(handle_find(NULL) == NULL, "NULL is no handle");
	ok(handle_find((struct grpcd_call *)(uintptr_t)1) == NULL, "nor is 1");
	ok(handle_find((struct grpcd_call *)UINTPTR_MAX) == NULL, "nor -1");
	ok(handle_method((struct grpcd_call *)UINTPTR_MAX) == NULL,
	    "which has no method");
}

static void
check_many(void)
{
	static struct grpcd_call *handles[MANY];
	bool good = true;
	size_t at = 0, n = 0;

	for (size_t i = 0; i < MANY; i++)
		handles[i] = handle_open(call(i));
	for (size_t i = 0; i < MANY; i++)
		good = good && handle_find(handles[i]) == call(i);
	ok(good, "many at once");
	for (size_t i = 0; i < MANY; i += 2)
		handle_close(handles[i], NULL);
	while (handle_next(&at))
		n++;
	is_int(MANY / 2, n, "a walk meets those that are open");
	for (size_t i = 1; i < MANY; i += 2)
		handle_close(handles[i], NULL);
	at = 0;
	ok(handle_next(&at) == NULL, "and then none");
}

int
main(void)
{
	check_rubbish();
	check_reuse();
	check_rubbish();
	check_many();
	return done();
}
