#!/bin/sh
# The manuals: mandoc finds nothing to say against them.

: "${top_srcdir:=$(dirname "$0")/..}"

if ! command -v mandoc >/dev/null; then
	echo '1..0 # SKIP mandoc is missing (Debian: apt-get install mandoc)'
	exit 0
fi

n=0
for page in "$top_srcdir"/man/*.[1-8] "${top_builddir:-.}"/man/*.3; do
	[ -f "$page" ] || continue
	n=$((n + 1))
	# STYLE asks for what only a system's own manuals have.
	said=$(mandoc -T lint -W warning "$page" 2>&1)
	[ -z "$said" ] || printf 'not '
	echo "ok $n - ${page##*/}"
	[ -z "$said" ] || echo "$said" | sed 's/^/# /'
done
echo "1..$n"
