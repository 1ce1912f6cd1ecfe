# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For test scripts: . tests/support/checks.sh
#
# check NAME COMMAND...   "ok - NAME" when COMMAND succeeds, else "not ok - NAME" and its output; how long
#                         it took, when it was 5 s or more
# skip NAME REASON        "skip - NAME # REASON"
# report                  prints the totals, returns 1 when anything failed
# refused COMMAND...      succeeds when COMMAND fails
# note TEXT               a line that counts for nothing
# wait_for FILE SECONDS   waits until FILE exists
# wait_until SECONDS COMMAND...
#                         waits until COMMAND succeeds
# says TEXT... -- COMMAND...
#                         COMMAND fails, and each TEXT (a regular expression) is in what it says
# shows TEXT... -- COMMAND...
#                         likewise, of a command that succeeds

checks_passed=0 checks_failed=0 checks_skipped=0

check() {
	local name=$1 output started=$SECONDS took
	shift
	if output=$("$@" 2>&1); then
		checks_passed=$((checks_passed + 1))
		took=$((SECONDS - started))
		[ $took -lt 5 ] && took='' || took=" ($took s)"
		echo "ok - $name$took"
	else
		checks_failed=$((checks_failed + 1))
		echo "not ok - $name"
		[ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/  | /'
	fi
}

skip() {
	checks_skipped=$((checks_skipped + 1))
	echo "skip - $1 # $2"
}

report() {
	echo "$checks_passed passed, $checks_failed failed, $checks_skipped skipped"
	[ "$checks_failed" = 0 ]
}

wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

wait_for() {
	wait_until "$2" test -e "$1"
}

note() {
	echo "note: $*"
}

refused() {
	! "$@"
}

# ends_and_prints succeeds|fails TEXT... -- COMMAND...
ends_and_prints() {
	local texts=() output text ending=$1 status=0
	shift
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	output=$("$@" 2>&1) || status=$?
	printf '%s\n' "$output" "status $status"
	case $ending,$status in
	succeeds,0) ;;
	succeeds,* | fails,0) return 1 ;;
	esac
	for text in "${texts[@]}"; do
		grep -qE -- "$text" <<<"$output" || {
			echo "it does not print: $text"
			return 1
		}
	done
}

says() {
	ends_and_prints fails "$@"
}

shows() {
	ends_and_prints succeeds "$@"
}
