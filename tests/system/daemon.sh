# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A daemon under test. Sourced after checks.sh, with $scratch, $carouseld and $carousel_program set;
# $runtime may be, and $as, the words before the daemon's command ("setpriv ...").
#
# Discs          make_tree, make_iso: image files below $pool
# The daemon     drop_privileges, start_daemon, stop_daemon, kill_daemon
# Asking it      carousel (the program under test), api (curl over its socket), drive_get, drive_is,
#                sessions_are
# The recorder   trace_mark, trace_senses: what a drive told its hosts since the mark

pool=$scratch/pool
state=$scratch/state
# The socket's path must be short.
runtime=${runtime:-/run/carousel-test}
configuration=$scratch/carousel.conf
log=$scratch/daemon.log
socket=$runtime/carousel.sock
export CAROUSEL_URL=unix:$socket
as=()

# --- Discs ---------------------------------------------------------------------------------------

# make_tree LABEL KIB: a directory with files of the label's own, KIB of them not compressible
make_tree() {
	local tree=$scratch/trees/$1
	mkdir -p "$tree/deep/er"
	head -c "$2K" /dev/urandom >"$tree/data.bin"
	head -c 3000 /dev/urandom >"$tree/deep/er/odd-size.bin"
	echo "This is the disc $1." >"$tree/README"
	echo "$tree"
}

# make_iso LABEL KIB [FILE]
make_iso() {
	genisoimage -quiet -R -J -V "$1" -o "${3:-$pool/${1,,}.iso}" "$(make_tree "$1" "$2")"
}

# --- The daemon ----------------------------------------------------------------------------------

# From now on the daemon runs as nobody, who may not be able to enter the build tree.
drop_privileges() {
	[ "$(id -u)" = 0 ] || return 0
	as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
	install -m 755 "$carouseld" "$scratch/carouseld"
	carouseld=$scratch/carouseld
	chmod a+rx "$scratch"
}

# Drives are shown before the API answers.
is_up() {
	[ "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket "$socket" http://localhost/healthz)" = 200 ]
}

# Started and ended from subshells too, so its number and its exit status are in files.
launch() {
	rm -f "$scratch/pid" "$scratch/status"
	printf -- '-- started %s --\n' "$*" >>"$log"
	(
		"${as[@]}" "$carouseld" --config "$configuration" "$@" &
		echo $! >"$scratch/pid"
		wait $!
		echo $? >"$scratch/status"
	) >>"$log" 2>&1 </dev/null &
	wait_for "$scratch/pid" 60
}

daemon_lives() {
	[ -s "$scratch/pid" ] && [ ! -e "$scratch/status" ]
}

up_or_gone() {
	is_up || ! daemon_lives
}

# start_daemon [OPTION...]: returns when the API answers, or fails when the daemon ended
start_daemon() {
	launch "$@"
	wait_until "${start_patience:-180}" up_or_gone
	is_up && return
	tail -n 5 "$log"
	return 1
}

# Ends it as an operator does. The status is the daemon's, 124 when it does not end.
stop_daemon() {
	kill -TERM "$(cat "$scratch/pid")" || return
	if ! wait_for "$scratch/status" 60; then
		echo "it did not stop on SIGTERM"
		kill_daemon
		return 124
	fi
	return "$(cat "$scratch/status")"
}

kill_daemon() {
	kill -KILL "$(cat "$scratch/pid")"
	wait_for "$scratch/status" 60
}

# --- Asking it -----------------------------------------------------------------------------------

carousel() {
	"$carousel_program" "$@"
}

# api METHOD PATH [BODY]: prints the answer
api() {
	curl -sS --unix-socket "$socket" -X "$1" "http://localhost$2" \
		${3:+-H 'Content-Type: application/json' -d "$3"}
}

# api_status METHOD PATH [BODY]: prints the status, and the answer on the next line
api_status() {
	curl -sS --unix-socket "$socket" -X "$1" "http://localhost$2" -w '\n%{http_code}\n' \
		${3:+-H 'Content-Type: application/json' -d "$3"} | tac
}

# api_fails METHOD PATH [BODY]: prints the answer and fails, for `says`
api_fails() {
	api "$@"
	return 1
}

medium_has_fault() {
	[ "$(api GET "/api/v1/media/$1" | jq -r '.fault // ""')" != "" ]
}

drive_names() {
	api GET /api/v1/drives | jq -r '.items[].name'
}

# drive_get DRIVE FILTER: a member of the drive's description
drive_get() {
	api GET "/api/v1/drives/$1" | jq -r "$2"
}

drive_is() {
	[ "$(drive_get "$1" "$2")" = "$3" ] || {
		api GET "/api/v1/drives/$1"
		return 1
	}
}

# sessions: how many the portal has
sessions() {
	api GET /api/v1/status | jq .sessions
}

sessions_are() {
	[ "$(sessions)" = "$1" ] || {
		echo "$(sessions) sessions"
		return 1
	}
}

# --- The recorder --------------------------------------------------------------------------------

# trace_json DRIVE [COMMANDS]
trace_json() {
	carousel trace "$1" -n "${2:-256}" -o json
}

# trace_mark DRIVE: the number of the last command, for the functions below
trace_mark() {
	trace_json "$1" 1 | jq '.[0].number // 0'
}

# all_senses DRIVE MARK: sense since the mark as "2/3a/01", a line a command; fails when it cannot
# be had, so that a test for "none" does not take that for none
all_senses() (
	set -o pipefail
	trace_json "$1" | jq -r --argjson mark "$2" '
		.[] | select(.number > $mark and .sense != null)
		| "\(.sense.key) \(.sense.asc) \(.sense.ascq)"' |
		awk '{ printf "%x/%02x/%02x\n", $1, $2, $3 }'
)

# trace_senses DRIVE MARK: likewise without refusals (5/..), of equal neighbours one, on one line
trace_senses() {
	all_senses "$1" "$2" | grep -v '^5/' | uniq | paste -sd' '
}

# trace_count DRIVE MARK SENSE: how often
trace_count() {
	local senses
	senses=$(all_senses "$1" "$2") && grep -cx "$3" <<<"$senses"
}

no_unit_attention() {
	local senses
	senses=$(all_senses "$1" "$2") || return
	! grep '^6/' <<<"$senses"
}
