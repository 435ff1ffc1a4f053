#!/bin/sh
# The rules of the house that a compiler does not know: who includes whom
# (src/FLOORS), what the program exports, what unit tests link, who may write to
# the log, how long a function and how wide a line may be.

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=.}"
floors=$top_srcdir/src/FLOORS
n=0
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT || exit 99
wrong=$tmp/wrong

# Passes if the check before it has written nothing to $wrong.
none()
{
	n=$((n + 1))
	[ -s "$wrong" ] && printf 'not '
	echo "ok $n - $1"
	sed 's/^/# /; 40q' "$wrong"
}

skip()
{
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

sources()
{
	(cd "$top_srcdir" && find "$@" -type f -name '*.[ch]' -o -type f \
	    -name '*.def' | LC_ALL=C sort)
}

# Includes

# FILE:LINE HEADER for each #include, with its quotes or angle brackets.
includes()
{
	(cd "$top_srcdir" && sources "$@" | xargs awk '
	    /^[ \t]*#[ \t]*include[ \t]*[<"]/ {
		sub(/^[^<"]*/, "")
		match($0, /^(<[^>]*>|"[^"]*")/)
		print FILENAME ":" FNR, substr($0, 1, RLENGTH)
	    }')
}

libc='aio assert byteswap complex ctype dirent dlfcn elf endian err errno
error execinfo fcntl features fenv float fnmatch ftw getopt glob grp iconv
ifaddrs inttypes iso646 langinfo libgen limits link locale malloc math mntent
netdb nl_types paths poll pthread pty pwd regex resolv sched search semaphore
setjmp shadow signal spawn stdalign stdarg stdatomic stdbool stddef stdint
stdio stdio_ext stdlib stdnoreturn string strings sysexits syslog termios
tgmath threads time uchar ucontext unistd utime utmp wchar wctype wordexp'

includes src plugin | awk -v floors="$floors" -v libc="$libc" '
function split_row(line, row,    n, i, word, foreign) {
	n = split(line, word, " ")
	row = word[1]
	known[row] = 1
	may[row, row] = 1
	for (i = 2; i <= n; i++)
		if (word[i] == "|")
			foreign = 1
		else if (foreign)
			home[row, word[i]] = abroad[word[i]] = 1
		else
			may[row, word[i]] = 1
}

# The row of a file: its folder under src, its name there, or "plugin".
function row_of(path) {
	sub(/:[0-9]*$/, "", path)
	sub(/^src\//, "", path)
	if (!(path in known))
		sub(/\/.*/, "", path)
	return path
}

function generated(name) {
	return name ~ /\.(pb-c|grpcd)\.h$/
}

# 1: it is of libc; 0: it is not.
function of_libc(name) {
	return name ~ /^(arpa|asm|linux|net|netinet|sys)\// || name in is_libc
}

# The word of src/FLOORS that a foreign header falls under.
function foreign_word(name,    word) {
	for (word in abroad)
		if (name == word ||
		    word ~ /\/$/ && substr(name, 1, length(word)) == word)
			return word
	return ""
}

function allowed(row, name,    folder) {
	if (generated(name))
		return (row, "protobuf-c/") in home
	folder = name
	sub(/\/.*/, "", folder)
	return (row, name) in may || name ~ /\// && (row, folder) in may
}

BEGIN {
	while ((getline line < floors) > 0)
		if (line !~ /^#/ && line !~ /^[ \t]*$/)
			split_row(line)
	n = split(libc, names, /[ \n]+/)
	for (i = 1; i <= n; i++)
		is_libc[names[i] ".h"] = 1
}

{
	row = row_of($1)
	name = substr($2, 2, length($2) - 2)
	word = foreign_word(name)
	if (!(row in known))
		print $1 ": " row " has no row in src/FLOORS"
	else if (word != "" && !((row, word) in home))
		print $1 ": " $2 " is not at home in " row
	else if (word == "" && $2 ~ /^</ && name != "config.h" && !of_libc(name))
		print $1 ": " $2 " is neither libc nor at home anywhere"
	else if (word == "" && $2 ~ /^"/ && !allowed(row, name))
		print $1 ": " row " may not include " $2
}' >"$wrong"
none 'each floor includes what src/FLOORS allows'

includes src plugin bench t/unit t/proto t/fuzz | awk -F '[: ]' '
$1 ~ /\.c$/ && !seen[$1]++ && $3 != "<config.h>" &&
    $1 != "src/services/greeter.c" {
	print $1 ":" $2 ": the first include is <config.h>"
}' >"$wrong"
none 'each .c includes <config.h> first, but what builds as a module too'

includes src/services | awk '
$1 ~ /greeter\.c:/ &&
    $2 !~ /^("grpcd\.h"|"helloworld\.grpcd\.h"|<config\.h>)$/ {
	print $1 ": " $2
}' >"$wrong"
none 'the greeter needs grpcd.h and its generated header alone'

# Lines and functions

sources src include plugin t bench examples 2>/dev/null |
    grep -v ^t/golden/ | while read -r file; do
	expand "$top_srcdir/$file" | awk -v file="$file" '
	    length > 80 { print file ":" NR ": " length " columns" }'
done >"$wrong"
none 'no line is wider than 80 columns'

if ctags --version 2>/dev/null | grep -q Universal; then
	(cd "$top_srcdir" && sources src include plugin t bench | grep '\.c$' |
	    xargs -r ctags -x --c-kinds=f --_xformat='%F %n %e %N') | awk '
	    $3 - $2 >= 100 {
		print $1 ":" $2 ": " $4 " has " $3 - $2 + 1 " lines"
	    }' >"$wrong"
	none 'no function is longer than 100 lines'
else
	skip 'no function is longer than 100 lines' 'no universal-ctags'
fi

# What was built

program=$top_builddir/src/grpcd
if [ ! -x "$program" ]; then
	skip 'the program exports grpcd_* alone' 'there is no program'
elif nm -D --defined-only "$program" | grep -q ' __asan_'; then
	skip 'the program exports grpcd_* alone' "the sanitizer's are there too"
else
	nm -D --defined-only "$program" | awk '
	    $3 !~ /^grpcd_/ && $3 !~ /@/ && $3 != "_IO_stdin_used" {
		print "exported: " $3
	    }' >"$wrong"
	none 'the program exports grpcd_* alone'
fi

# Symbols of a floor's library, or of a program: those that others see.
symbols()
{
	nm -g --defined-only "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' |
	    LC_ALL=C sort -u
}

# The floors that FLOOR stands on, itself among them.
below()
{
	awk -v floor="$1" '
	    !/^#/ && NF {
		for (i = 2; i <= NF && $i != "|"; i++)
			on[$1] = on[$1] " " $i
	    }
	    function walk(f,    n, i, w) {
		sub(/\/.*/, "", f)
		if (f ~ /\.h$/ || seen[f]++)
			return
		print f
		n = split(on[f], w, " ")
		for (i = 1; i <= n; i++)
			walk(w[i])
	    }
	    END { walk(floor) }' "$floors"
}

for folder in "$top_srcdir"/t/unit/*/; do
	floor=$(basename "$folder")
	below "$floor" >"$tmp/below"
	for library in "$top_builddir"/src/*/lib*.a; do
		other=$(basename "$(dirname "$library")")
		grep -qx "$other" "$tmp/below" || symbols "$library"
	done | LC_ALL=C sort -u >"$tmp/above"
	for test in "$top_builddir/t/unit/$floor"/*.t; do
		[ -x "$test" ] || continue
		symbols "$test" | LC_ALL=C comm -12 - "$tmp/above" |
		    sed "s|^|t/unit/$floor/$(basename "$test") links |"
	done
done >"$wrong"
none 'a unit test links its own floor and those below'

# All processes are one program, but the code of the master and of the floors
# below it calls no OpenSSL.
if [ ! -x "$program" ]; then
	skip 'nothing that runs in the master calls OpenSSL' 'there is no program'
else
	ldd "$program" | awk '/lib(ssl|crypto)/ { print $3 }' |
	    xargs nm -D --defined-only | awk 'NF == 3 {
		sub(/@.*/, "", $3)
		print $3
	    }' | LC_ALL=C sort -u >"$tmp/openssl"
	: >"$wrong"
	[ -s "$tmp/openssl" ] || echo 'src/grpcd: no OpenSSL' >"$wrong"
	below master | while read -r floor; do
		nm -u "$top_builddir/src/$floor/lib$floor.a" | awk 'NF == 2 {
			print $2
		    }' | LC_ALL=C sort -u | LC_ALL=C comm -12 - "$tmp/openssl" |
		    sed "s|^|src/$floor calls |"
	done >>"$wrong"
	none 'nothing that runs in the master calls OpenSSL'
fi

# Lines of the log

# What a client can cause goes through a gate, log_limited.  Of the files that
# are left out two read the config, and api.c has what a service says.
sources src/net src/http2 src/grpc src/services src/worker/client.c |
    (cd "$top_srcdir" && xargs grep -nE \
	'(^|[^a-z_])log_(debug|info|notice|warn|error|alert|write)[(]') |
    grep -vE '^src/(net/tls_check|grpc/allow|grpc/api)\.c:' >"$wrong"
none 'no client has a line of the log without a gate'

echo "1..$n"
