#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Clients that people use, on a sparse image of 10 GiB: curl in its forms, qemu-img, wget if it is
# there; and a stop with ten transfers under way. First on the embedded volume, then on a volume of a
# real glusterd. GI_SERVER is the daemon.
set -u
: "${GI_SERVER:?}"
cluster=$(dirname "$0")/cluster.sh
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[ "$(id -u)" = 0 ] || { echo '1..0 # SKIP bricks need root'; exit 0; }
dir=$(mktemp -d /tmp/gi-clients.XXXXXX)
server=
cleanup() {
	[ -z "$server" ] || kill -s KILL "$server" 2>/dev/null
	"$cluster" "$dir/cluster" clean >/dev/null 2>&1
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# in_place COMMAND...: run where the server is; a function of its own for each place.
start() { # start VOLUME SERVER-OPTION...
	volume=$1
	shift
	in_place "$GI_SERVER" "$@" --listen 127.0.0.1:0 >"$dir/log" 2>&1 &
	server=$!
	address=
	for _ in $(seq 100); do
		address=$(sed -n 's/.*listening on \(127[0-9.:]*\)$/\1/p' "$dir/log")
		[ -n "$address" ] && in_place curl -sf "http://$address/readyz" >/dev/null && break
		sleep 0.1
	done
	images=http://$address/v1/volumes/$volume/images
}
status() { in_place curl -sS --max-time 60 -o /dev/null -w '%{http_code}' "$@"; }

transfers() { # the same requests everywhere
	local data=$images/disk.img/-/data gib=$((1 << 30))
	is "$(status -d "{\"name\":\"disk.img\",\"size\":$((10 * gib))}" "$images")" 201 "create 10 GiB"
	is "$(in_place curl -sS -I "$data" | tr -d '\r' | sed -n 's/^Content-Length: //p')" \
		$((10 * gib)) "HEAD tells its size"

	is "$(status -T "$dir/piece" -r $((5 * gib))- "$data")" 204 "curl -T -r FIRST-"
	in_place curl -sS -r $((5 * gib))-$((5 * gib + 9999999)) "$data" | cmp - "$dir/piece"
	ok "curl -r reads it back"
	is "$(status -T "$dir/sector" -r 4096-4607 "$data")" 204 "curl -T -r FIRST-LAST"
	is "$(status -T - -r 8192-8703 "$data" <"$dir/sector")" 204 "curl -T - -r FIRST-LAST, chunked"
	in_place curl -sS -r 4096-4607 "$data" | cmp - "$dir/sector"
	ok "the sector is there"
	is "$(status -T "$dir/sector" "$data")" 409 "curl -T without a range does not overwrite"
	is "$(in_place curl -sS -r -512 "$data" | tr -d '\0' | wc -c)" 0 "curl -r -512"
	is "$(status -X POST "$images/disk.img/-/flush")" 204 "curl -X POST flush"

	is "$(status -X DELETE -r $((5 * gib))-$((5 * gib + 4194303)) "$data")" 204 "curl -X DELETE -r"
	in_place curl -sS -r $((5 * gib))-$((5 * gib + 9999999)) "$data" >"$dir/after"
	cmp <(head -c 4194304 /dev/zero; tail -c +4194305 "$dir/piece") "$dir/after"
	ok "exactly that range is zeros now"
	is "$(status -X DELETE "$data")" 400 "curl -X DELETE without a range"

	is "$(status -d '{"name":"copy.img","size":16777216}' "$images")" 201 "a small image"
	is "$(status -T "$dir/piece" -r 1000000- "$images/copy.img/-/data")" 204 "with something in it"
	in_place timeout 60 qemu-img convert -m 1 -f raw -O raw "$images/copy.img/-/data" "$dir/copy.raw"
	ok "qemu-img convert reads it"
	cmp <(head -c 1000000 /dev/zero; cat "$dir/piece"; head -c 5777216 /dev/zero) "$dir/copy.raw"
	ok "every byte of it"
	if command -v wget >/dev/null; then
		in_place wget -q -O "$dir/copy.wget" "$images/copy.img/-/data"
		cmp "$dir/copy.raw" "$dir/copy.wget"
		ok "wget reads it"
	fi
}

# TERM with ten transfers of 100 MiB under way, each of which needs two seconds.
stop_busy() {
	local pids=() i
	rm -f "$dir"/down? "$dir"/up?
	for i in 0 1 2 3 4; do
		in_place curl -sSf --max-time 60 --limit-rate 50M -r "$((i << 30))-$(((i << 30) + 104857599))" \
			-o "$dir/down$i" "$images/disk.img/-/data" &
		pids+=($!)
		in_place curl -sSf --max-time 60 --limit-rate 50M -D "$dir/up$i" -T "$dir/big" -r "$(((i + 5) << 30))-" \
			"$images/disk.img/-/data" &
		pids+=($!)
	done
	# All are under way when every download has begun to arrive and every upload has its "100 Continue".
	for _ in $(seq 200); do
		[ "$(find "$dir" -name 'down?' -size +0 | wc -l)" = 5 ] &&
			[ "$(find "$dir" -name 'up?' -size +0 | wc -l)" = 5 ] && break
		sleep 0.05
	done
	kill -s TERM "$(server_pid)"
	for i in "${pids[@]}"; do
		wait "$i"
		ok "a transfer is finished after SIGTERM"
	done
	wait "$server"
	is $? 0 "then the server ends with 0"
	server=
}

head -c 512 /dev/urandom >"$dir/sector"
head -c 10000000 /dev/urandom >"$dir/piece"
head -c 104857600 /dev/urandom >"$dir/big"

where=embedded
in_place() { "$@"; }
server_pid() { pgrep -f "^$GI_SERVER --local $dir/local"; }
start local --local "$dir/local"
transfers
stop_busy
cmp "$dir/big" <(dd if="$dir/local/brick/disk.img" bs=1M skip=$((9 << 10)) count=100 status=none)
ok "an upload is on the brick"

where=glusterd
in_place() { "$cluster" "$dir/cluster" exec "$@"; }
server_pid() { pgrep -f "^$GI_SERVER --volume vm=gluster://127.1.1.1/clients"; }
"$cluster" "$dir/cluster" start && "$cluster" "$dir/cluster" vol single clients
ok "a cluster"
start vm --volume vm=gluster://127.1.1.1/clients
transfers
stop_busy

echo "1..$count"
[ $failures = 0 ] || sed 's/^/# | /' "$dir/log"
[ $failures = 0 ]
