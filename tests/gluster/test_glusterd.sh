#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemon against a real glusterd: the life of an image, what other clients see of it, and
# volumes that cannot be reached beside one that can. GI_SERVER is the daemon.
set -u
: "${GI_SERVER:?}"
cluster=$(dirname "$0")/cluster.sh
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[ "$(id -u)" = 0 ] || { echo '1..0 # SKIP bricks need root'; exit 0; }
dir=$(mktemp -d /tmp/gi-glusterd.XXXXXX)
server=
cleanup() {
	[ -z "$server" ] || kill -s KILL "$server" 2>/dev/null
	"$cluster" "$dir/cluster" clean >/dev/null 2>&1
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# http METHOD PATH [CURL-OPTION]...: prints the status; head and body are files.
head=$dir/head body=$dir/body
http() {
	method=$1 path=$2
	shift 2
	case $method in HEAD) set -- --head "$@" ;; *) set -- -X "$method" "$@" ;; esac
	curl -sS --max-time 60 --unix-socket "$dir/http.sock" -D "$head" -o "$body" \
		-w '%{http_code}' "$@" "http://localhost$path"
}
# field NAME: the value of a header of the last answer.
field() { tr -d '\r' <"$head" | sed -n "s/^$1: *//Ip" | tail -n 1; }
json() { jq -r "$1" "$body"; }
has_state() { [ "$(http GET "/v1/volumes/$1")" = 200 ] && [ "$(json .state)" = "$2" ]; }
has_error() { has_state "$1" connecting && [ "$(json '.error | length > 0')" = true ]; }
# within SECONDS COMMAND...
within() {
	turns=$(($1 * 10))
	shift
	until "$@"; do
		turns=$((turns - 1))
		[ $turns -gt 0 ] || return 1
		sleep 0.1
	done
}
# same FILE OFFSET LENGTH: are these bytes of FILE the last body?
same() { tail -c +$(($2 + 1)) "$1" | head -c "$3" | cmp - "$body"; }

"$cluster" "$dir/cluster" start && "$cluster" "$dir/cluster" vol single vm || exit 1
"$cluster" "$dir/cluster" exec "$GI_SERVER" --listen "unix:$dir/http.sock" \
	--volume vm=gluster://127.1.1.1/vm \
	--volume missing=gluster://127.1.1.1/missing \
	--volume dead=gluster://127.1.1.1:24999/vm \
	--gluster-log "$dir/gluster.log" >"$dir/server.log" 2>&1 &
server=$!

within 30 test -S "$dir/http.sock"
ok 'the daemon listens'
within 60 has_state vm up
ok 'the volume comes up'
within 60 has_error missing
ok 'a volume that does not exist keeps connecting, with an error'
within 60 has_error dead
ok 'so does one whose server does not answer'
is "$(http GET /v1/volumes/missing/images)" 503 'whose images are not available'
[ "$(field Retry-After)" -gt 0 ]
ok 'for now'

images=/v1/volumes/vm/images
image=$images/dir%2Fa.img
brick=$dir/cluster/bricks/vm/b0
size=8388608
is "$(http POST $images -d '{"name":"dir/a.img","size":8388608,"parents":true}')" 201 'create'
is "$(field Location)" "$image" 'its location'
is "$(http POST $images -d '{"name":"dir/a.img","size":512}')" 409 'only once'
is "$(stat -c %s "$brick/dir/a.img")" $size 'the brick has it'

head -c 3000000 /dev/urandom >"$dir/data"
is "$(http PUT "$image/-/data" --data-binary "@$dir/data" \
	-H "Content-Range: bytes 1000-3000999/$size")" 204 'write'
tail -c +1001 "$brick/dir/a.img" | head -c 3000000 | cmp - "$dir/data"
ok 'the brick has the bytes'
is "$(http GET "$image/-/data" -r 1000-3000999)" 206 'read back'
same "$dir/data" 0 3000000
ok 'the same bytes'
is "$(field Content-Range)" "bytes 1000-3000999/$size" 'Content-Range'
is "$(http GET "$image/-/data" -r -4096)" 206 'read the end'
is "$(tr -d '\000' <"$body" | wc -c) $(wc -c <"$body")" '0 4096' 'which is empty'
is "$(http GET "$image/-/data")" 200 'read all'
cmp "$body" "$brick/dir/a.img"
ok 'as it is on the brick'
is "$(http HEAD "$image/-/data")" 200 'HEAD'
is "$(field Content-Length) $(field Accept-Ranges)" "$size bytes" 'tells size and ranges'
is "$(http GET "$image/-/data" -r $size-)" 416 'nothing behind the end'
is "$(http PUT "$image/-/data" -d x -H "Content-Range: bytes $size-$size/*")" 416 'for writes too'
is "$(http POST "$image/-/flush")" 204 'flush'

# Another client of the volume, with caches of its own, writes what we must read at once.
"$cluster" "$dir/cluster" exec qemu-io -f raw -c 'write -q -P 0x5a 512 65536' \
	gluster://127.1.1.1/vm/dir/a.img >"$dir/qemu.log" 2>&1
ok 'QEMU writes to the image'
is "$(http GET "$image/-/data" -r 512-66047)" 206 'read that'
is "$(tr -d Z <"$body" | wc -c) $(wc -c <"$body")" '0 65536' 'all of it'

is "$(http DELETE "$image/-/data" -r 1048576-2097151)" 204 'discard'
is "$(http GET "$image/-/data" -r 1048576-2097151)" 206 'read there'
is "$(tr -d '\000' <"$body" | wc -c) $(wc -c <"$body")" '0 1048576' 'zeros'
is "$(http DELETE "$image/-/data")" 400 'a discard without a range is refused'
is "$(http GET "$image/-/data" -r 2097152-3000999)" 206 'read behind it'
same "$dir/data" 2096152 903849
ok 'which is as it was'
is "$(http GET "$image/-/extents")" 200 'extents'
# shellcheck disable=SC2016 # jq's variable
is "$(json 'reduce .extents[] as $e (0; if $e.offset == . then . + $e.length else -1 end)')" \
	$size 'cover the image without gaps'
is "$(json '[.extents[] | select(.offset <= 1048576 and .offset + .length >= 2097152) | .zero] | all')" \
	true 'and know the discarded bytes'

is "$(http POST "$image/-/resize" -d '{"size":16777216}')" 200 'grow'
is "$(json .size) $(stat -c %s "$brick/dir/a.img")" '16777216 16777216' 'to its new size'
is "$(http POST "$image/-/resize" -d '{"size":4194304}')" 409 'no shrinking by accident'
is "$(http POST "$image/-/resize" -d '{"size":4194304,"shrink":true}')" 200 'but on purpose'
is "$(http POST "$image/-/rename" -d '{"name":"b.img"}')" 200 'rename'
is "$(http GET "$image")" 404 'the old name is gone'
is "$(http GET "$images/b.img")" 200 'the new one is there'
is "$(json '"\(.name) \(.size)"')" 'b.img 4194304' 'and the same image'
is "$(http GET "$images")" 200 'list'
is "$(json '[.images[].name] | join(" ")')" b.img 'has it alone'
is "$(http DELETE "$images/b.img")" 204 'delete'
is "$(http GET "$images/b.img")" 404 'it is gone'
! [ -e "$brick/b.img" ]
ok 'from the brick too'

kill -s TERM "$server"
wait "$server"
is $? 0 'SIGTERM ends the daemon'
server=
! [ -e "$dir/http.sock" ]
ok 'and removes its socket'
[ $failures = 0 ] || grep -v ' access ' "$dir/server.log" | sed 's/^/# /'
echo "1..$count"
[ $failures = 0 ]
