#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What HTTP costs: this server beside fio's gfapi_async engine, on one volume, in one run.
# Usage: bench.sh SERVER [SECONDS]     (root)
#
# Every row is measured in turns (fio, server, fio, server ...) ROUNDS times; the table shows medians.
# Both sides do blocks of one file that is all data, with the bricks' page cache warm: random aligned
# ones with wrk, streams with curl (fio at the same depth as curl has connections; the server keeps
# four requests in flight for each stream).
# fio cannot set the client-side options that the server sets (see block/keeper.c), so the volume
# gets them: no quick-read, io-cache, read-ahead, open-behind, client-io-threads; write-behind off.
set -eu

server=$(realpath "$1")
seconds=${2:-5}
rounds=${ROUNDS:-3}
size=$((1024 * 1024 * 1024))
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
cluster=$root/tests/gluster/cluster.sh
dir=$(mktemp -d /tmp/gi-bench.XXXXXX)
address=127.0.0.1:8080

inside() { "$cluster" "$dir/cluster" exec "$@"; }
clean() {
	[ -z "${server_pid:-}" ] || kill "$server_pid" 2>/dev/null || :
	"$cluster" "$dir/cluster" clean || :
	rm -rf "$dir"
}
trap clean EXIT

"$cluster" "$dir/cluster" start
"$cluster" "$dir/cluster" vol single vm performance.quick-read=off performance.io-cache=off \
	performance.read-ahead=off performance.open-behind=off performance.write-behind=off \
	performance.stat-prefetch=off performance.client-io-threads=off
inside "$server" --volume vm=gluster://127.1.1.1/vm --listen "$address" --log-level warning \
	2>"$dir/server.log" &
server_pid=$!
i=0
until inside curl -sf "http://$address/readyz" >/dev/null; do
	i=$((i + 1))
	[ "$i" -lt 100 ] || { cat "$dir/server.log" >&2; exit 1; }
	sleep 0.1
done
inside curl -sf -d "{\"name\":\"bench.img\",\"size\":$size}" "http://$address/v1/volumes/vm/images" >/dev/null
data=http://$address/v1/volumes/vm/images/bench.img/-/data
openssl enc -aes-128-ctr -nosalt -pass pass:bench -pbkdf2 </dev/zero 2>/dev/null | head -c "$size" |
	inside curl -sf -T - -H "Content-Range: bytes 0-$((size - 1))/*" \
		"$data"
inside curl -sf -r "0-$((size / 4 - 1))" -o "$dir/part" "$data"

# One measurement each; both print operations per second.
fio_once() { # read|write|randread|randwrite BLOCK DEPTH
	inside fio --name=b --ioengine=gfapi_async --volume=vm --brick=127.1.1.1 --filename=bench.img \
		--rw="$1" --bs="$2" --iodepth="$3" --size="$size" --time_based --runtime="$seconds" \
		--output-format=json 2>/dev/null >"$dir/fio.json"
	sed -n '/^{/,$p' "$dir/fio.json" | jq -r '[.jobs[0].read.iops, .jobs[0].write.iops] | max'
}
http_once() { # GET|PUT BLOCK CONNECTIONS
	METHOD=$1 BLOCK=$2 SIZE=$size TARGET=/v1/volumes/vm/images/bench.img/-/data \
		inside wrk -t1 -c"$3" -d"${seconds}s" -s "$here/random.lua" "http://$address" |
		awk '$1 == "RESULT" { if ($3 > 0) print $3, "errors" >"/dev/stderr"; print $2 }'
}
# A stream for each connection with curl, a quarter of the image each; prints MiB per second.
stream_once() { # GET|PUT 1048576 CONNECTIONS
	local part=$((size / 4)) pids=() from started
	started=$(date +%s%N)
	for ((i = 0; i < $3; i++)); do
		from=$((i * part))
		if [ "$1" = GET ]; then
			inside curl -sf -r "$from-$((from + part - 1))" -o /dev/null "$data" &
		else
			inside curl -sf -H Expect: -H "Content-Range: bytes $from-$((from + part - 1))/*" \
				-T "$dir/part" "$data" &
		fi
		pids+=($!)
	done
	wait "${pids[@]}"
	awk -v mib="$((part * $3 / 1048576))" -v ns="$(($(date +%s%N) - started))" \
		'BEGIN { printf "%.1f\n", mib * 1e9 / ns }'
}
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

row() { # LABEL FIO-RW METHOD BLOCK DEPTH [MEASURE]
	: >"$dir/a"; : >"$dir/b"
	for _ in $(seq "$rounds"); do
		fio_once "$2" "$4" "$5" >>"$dir/a"
		"${6:-http_once}" "$3" "$4" "$5" >>"$dir/b"
	done
	local a b
	a=$(median <"$dir/a") b=$(median <"$dir/b")
	awk -v l="$1" -v a="$a" -v b="$b" -v k="$4" 'BEGIN {
		printf "%-26s %10.0f %10.0f %9.0f %9.0f %7.2f\n", l, a, b, a * k / 1048576, b * k / 1048576, b / a }'
}

echo "gluster-imaged $("$server" --version | awk '{ print $2 }') beside $(fio --version), glusterfs" \
	"$(glusterfs --version | awk 'NR == 1 { print $2 }'), $(nproc) cores, $rounds rounds of $seconds s"
printf '%-26s %10s %10s %9s %9s %7s\n' "" fio/s http/s "fio MiB/s" "http MiB/s" ratio
for depth in 1 8 32; do row "4 KiB random GET, $depth" randread GET 4096 "$depth"; done
for depth in 1 8 32; do row "4 KiB random PUT, $depth" randwrite PUT 4096 "$depth"; done
row "1 MiB GET stream, 1" read GET 1048576 1 stream_once
row "1 MiB GET streams, 4" read GET 1048576 4 stream_once
row "1 MiB PUT stream, 1" write PUT 1048576 1 stream_once
row "1 MiB PUT streams, 4" write PUT 1048576 4 stream_once
cat "$dir/server.log" >&2
