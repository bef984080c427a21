#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lint.sh: what can be found without running anything. Every check runs, each that finds something
# is named; the exit status is 0 if none did. CC and LINT_FLAGS come from the Makefile.
# shellcheck disable=SC2317 # the functions are arguments of check
# shellcheck disable=SC2086 # the lists of files are lists of words
set -u
: "${CC:=gcc}" "${LINT_FLAGS:?run make lint}"
failed=0

# check NAME COMMAND...: anything printed, or a bad status, is a finding.
check() {
	name=$1
	shift
	if found=$("$@" 2>&1) && [ -z "$found" ]; then
		echo "ok      $name"
	else
		echo "FAILED  $name"
		echo "$found" | sed 's/^/        /'
		failed=1
	fi
}

# nowhere PATTERN FILE...: files that do not exist yet are no finding.
nowhere() {
	pattern=$1
	shift
	! grep -nsE -e "$pattern" "$@"
}

production=$(ls uri/*.[ch] block/*.[ch] httpd/*.[ch])
sources=$(ls uri/*.c block/*.c httpd/*.c)
headers=$(ls uri/*.h block/*.h httpd/*.h tests/lib/*.h tests/fake/*.h)
all=$(ls uri/*.[ch] block/*.[ch] httpd/*.[ch] tests/*/*.[ch])
scripts=$(grep -lE '^#!.*\b(ba)?sh$' .ci/run deploy/*.sh tests/*.sh tests/*/*.sh)

# httpd -> block -> uri, never back; each library has its room.
directions() {
	status=0
	nowhere '#include (<glusterfs|"(block|httpd)/|<(microhttpd|jansson|gnutls|systemd))' \
		uri/*.[ch] || status=1
	nowhere '#include ("httpd/|<(microhttpd|jansson|gnutls|systemd))' block/*.[ch] || status=1
	nowhere '#include <glusterfs' httpd/*.[ch] || status=1
	parkers=$(grep -lE 'MHD_(suspend|resume)_connection\(' httpd/*.c)
	case $parkers in
	*[[:space:]]*) echo "more than one file parks connections:" $parkers && status=1 ;;
	esac
	nowhere '#include "(\.|[^/"]*")' $all || status=1
	return $status
}

banned='(sprintf|vsprintf|strcpy|strcat|strtok|atoi|atol|alloca|rand|gets|strerror)'
banned_functions() {
	nowhere "(^|[^_[:alnum:]])${banned}[[:space:]]*\(" $all
}
marks() {
	nowhere '\b(TODO|FIXME|XXX|HACK)\b' $all deploy/* Makefile
}
licences() {
	grep -L 'SPDX-License-Identifier: GPL-2.0-or-later' $all $scripts tests/run.pl || :
}

# A function is what lies between a { and a } in the first column.
lengths() {
	awk 'FNR == 1 { start = 0 }
		/^{/ { start = FNR }
		/^}/ && start {
			if (FNR - start - 1 > 90)
				print FILENAME ":" start ": function of " FNR - start - 1 " lines"
			start = 0
		}
		FNR == 501 { print FILENAME ": more than 500 lines" }' $production
}

# Every header can be the first one included.
self_contained() {
	for header in $headers; do
			eval "$CC $LINT_FLAGS" -Werror -Wno-unused-function -fsyntax-only -x c - <<-END
			#include "$header"
		END
	done
}

run_cppcheck() {
	# autoVariables: who waits puts its waiter on the stack and stays until it is answered.
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=autoVariables --error-exitcode=1 \
		-I. -D_GNU_SOURCE $sources
}

# clang-tidy counts warnings of system headers on stderr; findings go to stdout.
run_tidy() {
	status=0
	for source in $sources; do
		eval "clang-tidy --quiet $source -- $LINT_FLAGS -Wno-everything" 2>/dev/null ||
			status=1
	done
	return $status
}

run_codespell() {
	codespell --ignore-words-list=inflight,nd,sise $all $scripts Makefile ./*.md deploy openapi
}

check 'include directions' directions
check 'banned functions' banned_functions
check 'unfinished marks' marks
check 'licence lines' licences
check 'function and file lengths' lengths
check 'headers stand alone' self_contained
check format clang-format --dry-run --Werror $all
check cppcheck run_cppcheck
check clang-tidy run_tidy
check shellcheck shellcheck -x -P SCRIPTDIR $scripts
check 'perl syntax' sh -c 'perl -c tests/run.pl 2>&1 | grep -v "syntax OK"; :'
check 'manual page' mandoc -T lint -W warning deploy/gluster-imaged.8
check spelling run_codespell
exit $failed
