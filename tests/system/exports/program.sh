# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For the scripts here: the program that exports (exports.c), and what it is asked.
#
#   . "$here/program.sh" BUILD_DIR

program=$(readlink -f "${1:?BUILD_DIR}")/tests/system/exports
[ -x "$program" ] || {
	echo "there is no $program" >&2
	exit 77
}
core=$TARGET/core

# --- The program ----------------------------------------------------------------------------------

# Checks run in a subshell: what they share is in files and in descriptors 3 and 4.
work=$(mktemp -d)
mkfifo "$work/requests" "$work/answers"
exec 3<>"$work/requests" 4<>"$work/answers"

# drain DESCRIPTOR: whole lines, for a time limit could end in the middle of one
drain() {
	while read -r -t 0 -u "$1"; do
		read -r -t 10 -u "$1"
	done
}

start() {
	drain 4 # what a killed one has said
	"$program" <"$work/requests" >"$work/answers" 2>&1 3>&- 4>&- &
	echo $! >"$work/pid"
	answer
}

pid() {
	cat "$work/pid"
}

# The next line of it; true when it begins with "ok".
answer() {
	local line
	read -r -t 120 -u 4 line || line='no answer'
	echo "$line" | tee "$work/line"
	[ "${line%% *}" = ok ]
}

ask() {
	echo "$*" >&3
	answer
}

# said TEXT: the last answer, good or bad, has the text in it
said() {
	grep -F -- "$1" "$work/line"
}

# answers TEXT REQUEST...
answers() {
	local text=$1
	shift
	ask "$@"
	said "$text"
}

gone() {
	! grep -q '^State:.[^Z]' "/proc/$(pid)/status" 2>/dev/null
}

kill_it() {
	kill -KILL "$(pid)" && wait_until 60 gone
}

# Not waited for: the next daemon comes while the kernel still takes this one down.
kill_at_once() {
	kill -KILL "$(pid)"
}

end() {
	ask quit && wait_until 60 gone
}

kernel_quiet() {
	! dmesg | grep -E 'BUG|WARNING|Oops|blocked for more|soft lockup|ring is broken'
}

section() {
	echo "== $* ($SECONDS s)"
}
