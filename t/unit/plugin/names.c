/*
 * names.c - names in C are made as protobuf-c makes them
 */
#include <config.h>

#include <stdlib.h>

#include "plugin/names.h"
#include "plugin/scratch.h"
#include "tap.h"

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
words_are_sorted(void)
{
	static const char *const words[] = {
#define WORD(word) #word,
#include "plugin/words.def"
#undef WORD
	};
	const size_t n = sizeof(words) / sizeof(*words);
	size_t i = 1;

	while (i < n && compare(&words[i - 1], &words[i]) < 0)
		i++;
	ok(i == n, "words.def is sorted%s%s", i == n ? "" : " but for ",
	    i == n ? "" : words[i]);
}

int
main(void)
{
	is_text("Helloworld__HelloRequest",
	    names_type("helloworld.HelloRequest"), "a type");
	is_text("MyPkg__V1__OuterType__Inner",
	    names_type("my_pkg.v1.outer_type.Inner"), "underscores in a type");
	is_text("Pkg__T", names_type("..pkg..T"), "empty parts are left out");
	is_text("my_pkg__v1__outer_type__inner",
	    names_variable("my_pkg.v1.OuterType.Inner"), "a variable");
	is_text("a__httpserver2__x__y", names_variable("a.HTTPServer2.X_Y"),
	    "runs of capitals, underscores before capitals");
	is_text("pkg_my_service", names_function("pkg.MyService"),
	    "a function");
	is_text("say_hello", names_member("SayHello"), "a member");
	is_text("default_", names_member("Default"), "a word of C");
	is_text("class_", names_member("Class"), "a word of C++");
	is_text("linux_", names_member("Linux"), "a macro of gcc");
	is_text("default_", names_member("default_"), "no word any more");
	is_text("PKG_GREETER", names_macro("pkg_greeter"), "a macro");
	is_text("NULL_", names_macro("null"), "a macro that is there already");
	is_text("dir/my-file.v1", names_stem("dir/my-file.v1.proto"), "a stem");
	is_text("a", names_stem("a.protodevel"), "a stem of the other kind");
	is_text("a.txt", names_stem("a.txt"), "a stem of a file named oddly");
	is_text(".proto", names_stem(".proto"), "a name that is all ending");
	is_text("DIR__MY_FILE_V1_GRPCD_H", names_guard("dir/my-file.v1"),
	    "a guard");
	is_text("_3D_GRPCD_H", names_guard("3d"), "a guard after a digit");
	ok(names_full("a.b_2.C"), "a full name");
	ok(!names_full("a..b") && !names_full("") && !names_full("a.") &&
		!names_full(".a") && !names_full("a.2b") && !names_full("a b"),
	    "no full names");
	ok(names_identifier("a2") && !names_identifier("a.b"), "identifiers");
	words_are_sorted();
	scratch_release();
	return done();
}
