#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run-demo.sh SERVER DIR PORT: what `make run` does. Serves the folder DIR as the volume "local" on
# 127.0.0.1:PORT until Ctrl-C. DIR stays; the first time a demo image is made in it.
set -eu
server=$1 dir=$2 port=$3
base=http://127.0.0.1:$port
images=$base/v1/volumes/local/images

# Beside the daemon, which takes the place of this shell below: $$ is its process. Its brick's
# socket tells its answer from that of another server on a port that is taken.
introduce() {
	until [ -S "$dir/brick.sock" ] && curl -fs --max-time 5 "$base/readyz" >/dev/null; do
		sleep 0.2
		kill -0 $$ 2>/dev/null || return 0
	done
	curl -fs "$images/demo.img" >/dev/null ||
		curl -fsS "$images" -d '{"name":"demo.img","size":67108864}' >/dev/null
	cat <<-END

		  An image of 64 MiB is at $images/demo.img
		  Its data stays in $dir. Ctrl-C stops. To try:

		    curl $images
		    curl -X PUT --data-binary hello -H 'Content-Range: bytes 512-516/*' $images/demo.img/-/data
		    curl -r 512-516 $images/demo.img/-/data

	END
}

introduce &
exec "$server" --local "$dir" --listen "127.0.0.1:$port"
