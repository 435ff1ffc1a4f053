#!/bin/sh
# The files for service managers: what made them left nothing out, and the
# programs that will read them understand them.

: "${top_builddir:=.}"

init=$top_builddir/init
grpcd=$(cd "$top_builddir" && pwd)/src/grpcd
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
n=0

# tell STATUS WHAT
tell()
{
	n=$((n + 1))
	[ "$1" = 0 ] || printf 'not '
	echo "ok $n - $2"
	[ "$1" = 0 ] || sed 's/^/# /' "$scratch/said"
}

# understood PROGRAM WHAT COMMAND...: the command says nothing against it
understood()
{
	program=$1 what=$2
	shift 2
	if ! command -v "$program" >/dev/null; then
		n=$((n + 1))
		echo "ok $n - $what # SKIP $program is missing"
		return
	fi
	"$@" >"$scratch/said" 2>&1
	tell $? "$what"
}

! grep -nE '@[a-z]+@' "$init"/*/grpcd "$init"/*/grpcd.* >"$scratch/said"
tell $? 'every path is known'

for script in init.d openrc; do
	understood sh "the shell reads $script" sh -n "$init/$script/grpcd"
done

# As installed, but with a program that is there.
sed "s|=/[^ ]*/sbin/grpcd |=$grpcd |" "$init/systemd/grpcd.service" \
    >"$scratch/grpcd.service"
unit_is_clean()
{
	systemd-analyze verify --man=no "$scratch/grpcd.service" 2>&1 |
	    grep grpcd.service
	[ $? = 1 ]
}
understood systemd-analyze 'systemd reads the unit' unit_is_clean
# The figure grows with what the unit may do; root without limits is at 96.
understood systemd-analyze 'the unit may do little' \
    systemd-analyze security --no-pager --offline=true --threshold=32 \
    "$scratch/grpcd.service"
understood systemd-sysusers 'systemd makes the user' \
    systemd-sysusers --root="$scratch" --dry-run \
    "$(cd "$init" && pwd)/sysusers.d/grpcd.conf"
# Those who are not root may not give them to root.
if [ "$(id -u)" = 0 ]; then
	understood systemd-tmpfiles 'systemd makes the folders' \
	    systemd-tmpfiles --root="$scratch" --create \
	    "$(cd "$init" && pwd)/tmpfiles.d/grpcd.conf"
fi
understood logrotate 'logrotate reads its rule' \
    logrotate --debug --state="$scratch/state" "$init/logrotate.d/grpcd"

echo "1..$n"
