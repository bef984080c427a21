#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cluster.sh DIR COMMAND...: a private GlusterFS cluster, all of it in DIR. Root only.
#
#   start                        glusterd in a network and a mount namespace of its own
#   vol KIND NAME [KEY=VALUE]... create and start a volume; group=NAME sets a group of options
#   exec COMMAND...              run COMMAND inside, where the cluster is 127.1.1.1
#   cli ARGUMENT...              the gluster command line
#   bricks NAME                  one line for each brick: index, process, data folder
#   sig NAME INDEX SIGNAL        signal a brick; TERM and KILL wait for its end
#   revive NAME                  start the bricks that died
#   mgmt stop|start              glusterd only, the bricks stay
#   stop                         end every process inside; start brings all back
#   clean                        stop, and remove DIR
#
# KIND: single replica3 arbiter disperse3 shard dist2. BRICKDIR=FOLDER puts the data elsewhere.
#
# Inside, /run, /var/lib/glusterd and /var/log/glusterfs are folders of DIR: every gluster tool
# works with its default paths and ports, which a brick insists on (it asks port 24007 for its
# volfile), and none meets a glusterd of the machine.
set -eu

usage() {
	sed -n '3,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
	exit "$1"
}
die() {
	echo "cluster.sh: $*" >&2
	exit 1
}

case ${1-} in --help | -h) usage 0 ;; esac
[ $# -ge 2 ] || usage 2 >&2
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
command=$2
shift 2
host=127.1.1.1
data=${BRICKDIR:-$dir/bricks}

# wait_for TENTHS WHAT COMMAND...: until COMMAND succeeds.
wait_for() {
	tenths=$1 what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		tenths=$((tenths - 1))
		[ "$tenths" -gt 0 ] || die "$what"
		sleep 0.1
	done
}

# A process that is there and no zombie (its parent may be slow to reap it).
running() { grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null; }
ended() { ! running "$1"; }

# The namespaces live as long as the process in ns.pid.
holder() { cat "$dir/ns.pid" 2>/dev/null; }
become='' # or exec: the command takes the place of this shell
started() { running "$(holder)"; }
# shellcheck disable=SC2016 # expanded by the inner shell
inside() { $become nsenter -t "$(holder)" -n -m -- sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"; }
gluster_cli() { inside gluster --mode=script "$@"; }

members() {
	ours=$(readlink "/proc/$(holder)/ns/net")
	for process in /proc/[0-9]*; do
		[ "$(readlink "$process/ns/net" 2>/dev/null)" != "$ours" ] || echo "${process#/proc/}"
	done
}

start_namespaces() {
	mkdir -p "$dir/run/gluster" "$dir/lib/groups" "$dir/log" "$data"
	cp -n /var/lib/glusterd/groups/* "$dir/lib/groups/" 2>/dev/null || :
	rm -f "$dir/ns.pid" "$dir/run/ready"
	# shellcheck disable=SC2016 # expanded by the inner shell
	setsid unshare --net --mount --propagation private sh -ec '
		ip link set lo up
		mount --bind "$1/lib" /var/lib/glusterd
		mount --bind "$1/log" /var/log/glusterfs
		echo $$ > "$1/ns.pid"
		: > "$1/run/ready"
		mount --bind "$1/run" /run
		exec sleep infinity' sh "$dir" >"$dir/log/namespaces" 2>&1 </dev/null &
	wait_for 50 "no namespaces, see $dir/log/namespaces" inside test -e /run/ready
}

start_glusterd() {
	inside glusterd -p /run/glusterd.pid -L WARNING
	wait_for 200 'glusterd does not answer' gluster_cli pool list
}

create_volume() {
	kind=$1 name=$2
	shift 2
	layout='' count=1
	case $kind in
	single) ;;
	shard) set -- features.shard=on features.shard-block-size=4MB "$@" ;;
	dist2) count=2 ;;
	replica3) count=3 layout='replica 3' ;;
	arbiter) count=3 layout='replica 2 arbiter 1' ;;
	disperse3) count=3 layout='disperse 3 redundancy 1' ;;
	*) die "unknown kind of volume: $kind" ;;
	esac
	bricks='' index=0
	while [ $index -lt $count ]; do
		mkdir -p "$data/$name/b$index"
		bricks="$bricks $host:$data/$name/b$index"
		index=$((index + 1))
	done
	# shellcheck disable=SC2086 # lists of words
	gluster_cli volume create "$name" $layout $bricks force >/dev/null
	for option in "$@"; do
		case $option in
		group=*) gluster_cli volume set "$name" group "${option#*=}" ;;
		*) gluster_cli volume set "$name" "${option%%=*}" "${option#*=}" ;;
		esac >/dev/null
	done
	gluster_cli volume start "$name" >/dev/null
}

list_bricks() {
	index=0
	while [ -d "$data/$1/b$index" ]; do
		pidfile=$dir/run/gluster/vols/$1/$host-$(echo "${data#/}/$1/b$index" | tr / -).pid
		echo "$index $(cat "$pidfile" 2>/dev/null || echo 0) $data/$1/b$index"
		index=$((index + 1))
	done
}

signal_brick() {
	process=$(list_bricks "$1" | awk -v n="$2" '$1 == n { print $2 }')
	running "$process" || die "brick $2 of $1 does not run"
	kill -s "$3" "$process"
	case $3 in KILL | TERM) wait_for 100 "brick $2 of $1 does not end" ended "$process" ;; esac
}

# glusterd needs a moment to notice a dead brick; until then "start force" does nothing.
all_bricks_run() {
	gluster_cli volume start "$1" force
	for process in $(list_bricks "$1" | awk '{ print $2 }'); do
		running "$process" || return 1
	done
}

stop_all() {
	started || return 0
	for signal in TERM KILL; do
		for process in $(members); do
			[ "$process" = "$(holder)" ] || kill -s $signal "$process" 2>/dev/null || :
		done
		[ $signal = KILL ] || sleep 0.5
	done
	kill -s KILL "$(holder)"
	wait_for 50 'the namespaces stay' ended "$(holder)"
	rm -f "$dir/ns.pid"
}

case $command in
start)
	started || start_namespaces
	start_glusterd
	;;
vol) create_volume "$@" ;;
exec)
	become='exec'
	inside "$@"
	;;
cli) gluster_cli "$@" ;;
bricks) list_bricks "$1" ;;
sig) signal_brick "$@" ;;
revive) wait_for 100 "bricks of $1 do not start" all_bricks_run "$1" ;;
mgmt)
	case $1 in
	stop)
		process=$(cat "$dir/run/glusterd.pid")
		kill "$process"
		wait_for 100 'glusterd does not end' ended "$process"
		;;
	start) start_glusterd ;;
	*) usage 2 >&2 ;;
	esac
	;;
stop) stop_all ;;
clean)
	stop_all
	rm -rf "$dir" "$data"
	;;
*) usage 2 >&2 ;;
esac
