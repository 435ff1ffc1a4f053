/*
 * names.h - from names of a .proto file to names in C
 *
 * Names are put together as protobuf-c does it, since generated code refers to
 * what protobuf-c has generated.  Full names come without a leading dot.
 */
#ifndef PLUGIN_NAMES_H
#define PLUGIN_NAMES_H

#include <stdbool.h>

/* True for what may stand between the dots of a full name. */
bool names_identifier(const char *name);

/* True for identifiers with dots between them. */
bool names_full(const char *name);

/* "pkg.sub.MyType" as "Pkg__Sub__MyType": the type of a message. */
char *names_type(const char *full);

/* "pkg.sub.MyType" as "pkg__sub__my_type": the prefix of its variables. */
char *names_variable(const char *full);

/* "pkg.sub.MyService" as "pkg_sub_my_service": the prefix of functions. */
char *names_function(const char *full);

/* "MyMethod" as "my_method", or "default_" where C or C++ has such a word. */
char *names_member(const char *name);

/* "pkg_my_service" as "PKG_MY_SERVICE". */
char *names_upper(const char *name);

/* The same, or "NULL_" where C has such a macro. */
char *names_macro(const char *name);

/* "dir/my-file.proto" as "dir/my-file". */
char *names_stem(const char *file);

/* "dir/my-file" as "DIR__MY_FILE_GRPCD_H". */
char *names_guard(const char *stem);

#endif
