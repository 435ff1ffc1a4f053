#!/bin/sh
# What is installed suffices to build modules: the examples, a new service, and
# projects that use automake or CMake.

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=.}"
n=0
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT || exit 99
top_srcdir=$(cd "$top_srcdir" && pwd) top_builddir=$(cd "$top_builddir" && pwd)

# check NAME COMMAND...: passes if the command does, which says why if not.
check()
{
	n=$((n + 1)) name=$1
	shift
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /; 40q' "$tmp/said"
	fi
}

skip()
{
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# This make is none of the one that runs the test.
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
make="make -s -j2"

root=$tmp/root
check 'make install' \
    $make -C "$top_builddir" install DESTDIR="$root"
PATH=$(dirname "$(find "$root" -name protoc-gen-grpcd)"):$PATH
mkdir "$tmp/pc" # with the paths of what is not where it shall be one day
sed "s,=/,=$root/," "$(find "$root" -name grpcd.pc)" >"$tmp/pc/grpcd.pc"
PKG_CONFIG_PATH=$tmp/pc
export PATH PKG_CONFIG_PATH
docs=$(dirname "$(find "$root" -type d -name examples)")
strict='-O2 -Wall -Wextra -Werror -pedantic -std=gnu11'

# The examples, as they are installed

for example in chat greeter route_guide ticker; do
	directory=$docs/examples/$example
	check "$example: make" $make -C "$directory" CFLAGS="$strict"
	check "$example: make install" \
	    $make -C "$directory" install DESTDIR="$tmp/modules"
	check "$example: make clean" $make -C "$directory" clean
done
installed()
{
	(cd "$tmp/modules" && find . -name '*.so' | sed 's,.*/,,' | sort |
	    tr '\n' ' ')
}
check 'modules are where grpcd looks for them' \
    test "$(installed)" = 'chat.so greeter.so route_guide.so ticker.so '
moduledir()
{
	find "$tmp/modules" -name '*.so' -exec dirname {} + | sort -u
}
check 'that is the moduledir of pkg-config' \
    test "$(moduledir)" = "$tmp/modules$(pkg-config --variable=moduledir grpcd)"

# A new service

new()
{
	grpcd-new "$@" "$tmp/new" && $make -C "$tmp/new" CFLAGS="$strict" &&
	    ls "$tmp/new/"*.so && rm -r "$tmp/new"
}
check 'grpcd-new' new "$docs/proto/helloworld.proto"
for stem in words long renamed sub/odd-name.v1; do
	check "grpcd-new, $stem.proto" new -I "$top_srcdir/t/golden" \
	    "$top_srcdir/t/golden/$stem.proto"
done
fails()
{
	grpcd-new "$@" "$tmp/new" 2>&1 && return 1
	! test -e "$tmp/new"
}
check 'grpcd-new without a service' fails -I "$top_srcdir/t/golden" \
    "$top_srcdir/t/golden/sub/types.proto"
check 'grpcd-new without a file' fails nothing.proto
mkdir "$tmp/there"
check 'grpcd-new writes into no directory that is there' \
    sh -c '! grpcd-new "$1" "$2" 2>&1 && ! ls "$2" | grep .' \
    sh "$docs/proto/helloworld.proto" "$tmp/there"

# Projects that use CMake or automake, with the lines that the snippets show

project=$tmp/project
cp -r "$docs/examples/chat" "$project"

with_cmake()
{
	cat >"$project/CMakeLists.txt" <<-'END'
		cmake_minimum_required(VERSION 3.13)
		project(chat C)
		find_package(grpcd REQUIRED)
		grpcd_add_module(chat PROTOS chat.proto SOURCES chat.c)
	END
	config=$(dirname "$(find "$root" -name grpcd-config.cmake)")
	cmake -S "$project" -B "$tmp/cmake" -Dgrpcd_DIR="$config" &&
	    $make -C "$tmp/cmake" &&
	    $make -C "$tmp/cmake" install DESTDIR="$tmp/by-cmake" &&
	    find "$tmp/by-cmake" -name chat.so | grep .
}
if command -v cmake >/dev/null; then
	check 'CMake' with_cmake
else
	skip 'CMake' 'it is not there'
fi

with_automake()
{
	macros=$(find "$root" -name grpcd-module.m4)
	cat >"$project/configure.ac" <<-'END'
		AC_INIT([chat], [1])
		AM_INIT_AUTOMAKE([foreign])
		AC_PROG_CC
		AM_PROG_AR
		LT_INIT([disable-static])
		GRPCD_CHECK_MODULE
		AC_CONFIG_FILES([Makefile])
		AC_OUTPUT
	END
	sed -n '/^#	/s/^#	//p' "$macros" >"$project/Makefile.am"
	mkdir "$tmp/automake"
	(cd "$project" && autoreconf -fi -I "$(dirname "$macros")") &&
	    (cd "$tmp/automake" && "$project/configure" -q) &&
	    $make -C "$tmp/automake" &&
	    $make -C "$tmp/automake" install DESTDIR="$tmp/by-automake" &&
	    find "$tmp/by-automake" -name chat.so | grep .
}
if command -v autoreconf >/dev/null && command -v libtoolize >/dev/null; then
	check 'automake' with_automake
else
	skip 'automake' 'it is not there'
fi

echo "1..$n"
