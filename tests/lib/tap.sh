# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TAP for shell tests, to be sourced: ok and is count in $count and $failures. A test sets $where to
# what it is looking at, if it looks at more than one thing.
count=0 failures=0 where=

ok() { # ok WHAT: of the last command's status
	# shellcheck disable=SC2319 # that is the point
	status=$?
	count=$((count + 1))
	if [ $status = 0 ]; then
		echo "ok $count - ${where:+$where: }$1"
	else
		echo "not ok $count - ${where:+$where: }$1"
		failures=$((failures + 1))
	fi
}
is() { # is GOT WANT WHAT
	[ "$1" = "$2" ]
	ok "$3"
	[ "$1" = "$2" ] || printf '#   got  [%s]\n#   want [%s]\n' "$1" "$2"
}
