#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# install-deps.sh PACKAGE...: installs those that are missing, with apt-get. Asks dpkg first, so
# that nothing happens (and root is not needed) on a machine that has them all.
set -eu

# Not a Debian system: the packages have other names there, the build will tell what is missing.
command -v dpkg-query >/dev/null || exit 0

missing=
for package in "$@"; do
	status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) || status=
	case $status in ii*) ;; *) missing="$missing $package" ;; esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "missing packages, run as root: apt-get install$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
install() { apt-get install -y -q --no-install-recommends $missing </dev/null; }

echo "installing$missing"
# Old package lists name files that are no longer there: fetch new ones only when they are needed.
if ! install; then
	apt-get update -q || echo 'some package lists could not be fetched' >&2
	install
fi
