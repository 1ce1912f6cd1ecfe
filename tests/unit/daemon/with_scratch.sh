# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For tests of the daemon itself: . with_scratch.sh
#
# $scratch is a directory of the test's own, which goes with it, as does the daemon $pid.
# fail TEXT     the test goes on, and has failed ($failed)
# await TEXT    until a line of $scratch/log has it
scratch=$(mktemp -d)
trap 'kill $pid 2>/dev/null; wait; rm -rf "$scratch"' EXIT
failed=0

fail() {
	echo "FAILED: $*" >&2
	failed=1
}

await() {
	for _ in {1..200}; do
		grep -q -- "$1" "$scratch/log" && return
		sleep 0.1
	done
	fail "the log does not say \"$1\""
}
