#!/bin/sh
# protoc-gen-grpcd: what it generates is in t/golden and compiles without a word
# as C and as C++; what it cannot do it says.  UPDATE=1 writes t/golden anew.

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=.}"
golden=$top_srcdir/t/golden
plugin=$top_builddir/plugin/protoc-gen-grpcd
n=0
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT || exit 99

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

fails()
{
	! "$@"
}

# generate PARAMETER FILES...
generate()
{
	parameter=$1
	shift
	protoc --plugin=protoc-gen-grpcd="$plugin" -I "$golden" \
	    --grpcd_out="$parameter:$tmp/out" "$@"
}

# says TEXT COMMAND...: passes if the command fails with that in what it says.
says()
{
	text=$1
	shift
	if "$@" 2>"$tmp/error"; then
		echo "it did not fail"
		return 1
	fi
	cat "$tmp/error"
	grep -qF -e "$text" "$tmp/error"
}

# What is generated

same()
{
	[ -z "$UPDATE" ] || cp "$tmp/out/$1" "$golden/$1"
	diff -u "$golden/$1" "$tmp/out/$1"
}

mkdir "$tmp/out"
stems='kinds words long sub/types sub/odd-name.v1'
# shellcheck disable=SC2086 # the names are words
check 'one call of protoc makes all of it' \
    generate messages=all $(printf '%s.proto ' $stems) renamed.proto \
    odd.proto
for stem in $stems; do
	check "$stem.grpcd.h as before" same $stem.grpcd.h
	check "$stem.grpcd.c as before" same $stem.grpcd.c
done

check 'optional of proto3 is a oneof of protobuf-c' \
    grep -q '_class_case;' "$tmp/out/words.pb-c.h"
check 'services are left to us' \
    fails grep -qi '_service' "$tmp/out/words.pb-c.h"

# Compiling

strict='-Wall -Wextra -Wshadow -Wundef -Werror -pedantic'
includes="-I$top_srcdir/include -I$tmp/out $(pkg-config --cflags libprotobuf-c)"

# compile COMPILER FILE FLAGS...
compile()
{
	compiler=$1 file=$2
	shift 2
	# shellcheck disable=SC2086 # they are lists of flags
	$compiler $strict $includes -c "$file" -o "$tmp/object.o" "$@"
}

# The header first and alone, twice; what it declares need not be used.
header()
{
	printf '#include "%s"\n' "$2" "$2" >"$tmp/header.c"
	compile "$1" "$tmp/header.c"
}

for compiler in 'gcc -std=c11' 'clang -std=c11' 'g++ -std=c++17 -x c++' \
    'clang++ -std=c++17 -x c++'; do
	command -v "${compiler%% *}" >/dev/null || {
		skip "${compiler%% *}" 'it is not there'
		continue
	}
	for stem in $stems renamed odd; do
		check "$compiler: $stem.grpcd.h" \
		    header "$compiler" "$stem.grpcd.h"
		check "$compiler: $stem.grpcd.c" \
		    compile "$compiler" "$tmp/out/$stem.grpcd.c"
	done
done

cc='gcc -std=c11'
check 'services written with it compile' compile "$cc" "$golden/use.c"
for wrong in 1 2 3 4; do
	check "a mistake is refused: $(sed -n \
	    "s/.*WRONG == $wrong .. \(.*\) \*.*/\1/p" "$golden/use.c")" \
	    fails compile "$cc" "$golden/use.c" -DWRONG=$wrong
done
for compiler in g++ clang++; do
	command -v $compiler >/dev/null || {
		skip "$compiler: a service in C++20" 'it is not there'
		continue
	}
	check "$compiler: a service in C++20" \
	    compile "$compiler -std=c++20" "$golden/use.cc"
done
if command -v clang >/dev/null; then
	check 'to serve a deprecated method is warned of' \
	    says "'old' is deprecated" compile 'clang -std=c11' \
	    "$golden/use.c" -DDEPRECATED
else
	skip 'to serve a deprecated method is warned of' 'clang is not there'
fi

# The embedded descriptors

descriptors()
{
	cat >"$tmp/print.c" <<-'END'
		#include <stdio.h>
		#include "sub/odd-name.v1.grpcd.c"
		int main(void) { return !fwrite(files, sizeof(files) - 1, 1,
		    stdout); }
		bool grpcd_reply(struct grpcd_call *c, const ProtobufCMessage *m)
		{ return c || m; }
		enum grpcd_flow grpcd_write(struct grpcd_call *c,
		    const ProtobufCMessage *m)
		{ return c || m ? GRPCD_GO : GRPCD_GONE; }
	END
	# shellcheck disable=SC2046,SC2086 # they are lists of flags
	$cc $includes "$tmp/print.c" "$tmp/out/sub/odd-name.v1.pb-c.c" \
	    "$tmp/out/sub/types.pb-c.c" $(pkg-config --libs libprotobuf-c) \
	    -o "$tmp/print" &&
	    "$tmp/print" >"$tmp/embedded" &&
	    protoc -I "$golden" --include_imports \
		--descriptor_set_out="$tmp/expected" sub/odd-name.v1.proto &&
	    cmp "$tmp/expected" "$tmp/embedded"
}
check 'the descriptors are those that protoc writes' descriptors

# Errors about a .proto, which protoc tells

refused()
{
	printf 'syntax = "%s"; message M {}\n%s\n' "${3-proto3}" "$2" \
	    >"$tmp/bad.proto"
	says "$1" protoc --plugin=protoc-gen-grpcd="$plugin" -I "$tmp" \
	    --grpcd_out="$tmp/out" bad.proto
}
check 'methods of one name in C' refused \
    'S.GetIt and S.Get_it are both s_get_it_reply in C' \
    'service S { rpc GetIt(M) returns (M); rpc Get_it(M) returns (M); }'
check 'methods of two services of one name in C' refused \
    'A.B_c and A_b.C are both a_b_c_reply in C' \
    'service A { rpc B_c(M) returns (M); } service A_b { rpc C(M) returns (M); }'
check 'a group' refused 'bad.proto: g is a group, which protobuf-c does not' \
    'service S { rpc G(M) returns (M); }
    message N { extensions 5 to 9; } message O { extend N {
    repeated group G = 5 { optional int32 i = 1; } } }' proto2
check 'an unknown parameter' \
    says 'messages=yes, messages=all' generate mesages=yes kinds.proto

without_protoc_gen_c()
{
	mkdir -p "$tmp/bin"
	ln -sf "$(command -v protoc)" "$tmp/bin/protoc"
	PATH=$tmp/bin generate "$@"
}
check 'protoc-gen-c is missing' says 'protoc-gen-c: No such file' \
    without_protoc_gen_c '' kinds.proto
check 'protoc-gen-c is not needed for messages=no' \
    without_protoc_gen_c messages=no kinds.proto

# Rubbish on standard input: status 1 and a message, whatever it is

rubbish()
{
	"$plugin" <"$tmp/rubbish" >"$tmp/answer" 2>"$tmp/error"
	status=$?
	cat "$tmp/error"
	[ $status = 1 ] && [ -s "$tmp/error" ] && [ ! -s "$tmp/answer" ]
}

: >"$tmp/rubbish"
check 'nothing' rubbish
cat "$golden/kinds.proto" >"$tmp/rubbish"
check 'text' rubbish
head -c 33554432 /dev/zero >"$tmp/rubbish"
check '32 MiB of zeros' rubbish
protoc -I "$golden" --descriptor_set_out="$tmp/rubbish" kinds.proto
check 'another message' rubbish

# A request that protoc wrote, cut off at many places.
printf '#!/bin/sh\nexec cat >"%s"\n' "$tmp/request" >"$tmp/protoc-gen-keep"
chmod +x "$tmp/protoc-gen-keep"
protoc --plugin="$tmp/protoc-gen-keep" --keep_out="$tmp" -I "$golden" \
    kinds.proto
truncated()
{
	size=$(wc -c <"$tmp/request")
	at=1
	while [ $at -lt "$size" ]; do
		head -c $at "$tmp/request" >"$tmp/rubbish"
		rubbish || {
			echo "at $at of $size: status $status"
			return 1
		}
		at=$((at + size / 50 + 1))
	done
}
check 'a request cut off' truncated
cp "$tmp/request" "$tmp/rubbish"
check 'what was cut off was a request' fails rubbish

# Options

check '-V' sh -c '"$1" -V | grep -q "^protoc-gen-grpcd [0-9]"' sh "$plugin"
check '-h' sh -c '"$1" -h | grep -q "^usage: "' sh "$plugin"
check 'another argument' says 'usage: ' "$plugin" --grpcd_out=.

echo "1..$n"
