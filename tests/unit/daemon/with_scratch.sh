# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For tests of the daemon itself: . with_scratch.sh
#
# $scratch is a directory of the test's own, which goes with it, as does the daemon $pid.
# fail TEXT     the test goes on, and has failed ($failed)
# await TEXT    until a line of $scratch/log has it
# start_on_free_port   runs $carouseld with what the test's function `configuration` prints, in which
#                      $port is one that is free
scratch=$(mktemp -d)
trap 'kill $pid 2>/dev/null; wait; rm -rf "$scratch"' EXIT
failed=0

fail() {
	echo "FAILED: $*" >&2
	failed=1
}

# Another one when somebody was faster.
start_on_free_port() {
	for _ in {1..20}; do
		port=$((20000 + RANDOM % 12768))
		configuration >"$scratch/conf"
		: >"$scratch/log" # what the daemon before said does not count
		"$carouseld" -c "$scratch/conf" 2>"$scratch/log" &
		pid=$!
		until grep -qE 'is up|cannot start' "$scratch/log"; do sleep 0.1; done
		grep -q 'is up' "$scratch/log" && return
		wait $pid
	done
}

await() {
	for _ in {1..600}; do
		grep -q -- "$1" "$scratch/log" && return
		sleep 0.1
	done
	fail "the log does not say \"$1\""
}
