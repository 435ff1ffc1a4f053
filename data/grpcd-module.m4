# grpcd-module.m4 - modules for grpcd built with autoconf and automake
#
# GRPCD_CHECK_MODULE([ACTION-IF-FOUND], [ACTION-IF-NOT-FOUND])
# Sets GRPCD_CFLAGS, GRPCD_LIBS, GRPCD_MODULEDIR, PROTOC and PROTOC_GEN_GRPCD.
# A Makefile.am goes on from there:
#
#	moduledir = $(GRPCD_MODULEDIR)
#	module_LTLIBRARIES = chat.la
#	chat_la_SOURCES = chat.c
#	nodist_chat_la_SOURCES = chat.grpcd.c chat.grpcd.h \
#		chat.pb-c.c chat.pb-c.h
#	chat_la_CPPFLAGS = $(GRPCD_CFLAGS) -I$(builddir)
#	chat_la_LDFLAGS = -module -avoid-version -shared
#	chat_la_LIBADD = $(GRPCD_LIBS)
#	BUILT_SOURCES = chat.grpcd.h
#	CLEANFILES = $(nodist_chat_la_SOURCES)
#	EXTRA_DIST = chat.proto
#	chat.grpcd.h: chat.proto
#		$(PROTOC) --plugin=protoc-gen-grpcd=$(PROTOC_GEN_GRPCD) \
#			-I$(srcdir) --grpcd_out=. chat.proto
#	chat.grpcd.c chat.pb-c.c chat.pb-c.h: chat.grpcd.h
AC_DEFUN([GRPCD_CHECK_MODULE], [
PKG_CHECK_MODULES([GRPCD], [grpcd], [
	PKG_CHECK_VAR([GRPCD_MODULEDIR], [grpcd], [moduledir])
	PKG_CHECK_VAR([grpcd_bindir], [grpcd], [bindir])
	AC_PATH_PROG([PROTOC], [protoc])
	AC_PATH_PROG([PROTOC_GEN_GRPCD], [protoc-gen-grpcd], [],
	    [$PATH$PATH_SEPARATOR$grpcd_bindir])
	$1
], [m4_default([$2], [AC_MSG_ERROR([grpcd is missing: $GRPCD_PKG_ERRORS])])])
])
