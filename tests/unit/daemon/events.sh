#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carousel events follows a daemon that is killed, stopped and started again.
# Usage: events.sh CAROUSELD CAROUSEL
set -u
carouseld=$1 carousel=$2
# shellcheck source=tests/unit/daemon/with_scratch.sh
. "$(dirname "$0")/with_scratch.sh"

mkdir "$scratch"/{state,run,media}
cat >"$scratch/conf" <<-END
	[daemon]
	state_dir = $scratch/state
	runtime_dir = $scratch/run
	kernel_target = no
	[web]
	listen =
	[portal]
	listen =
	[media]
	pools = $scratch/media
	pool_watch = no
	pool_rescan = 0
	[drive dvd0]
END

ask() { "$carousel" --socket "$scratch/run/carousel.sock" "$@"; }
start() {
	: >"$scratch/log"
	"$carouseld" -c "$scratch/conf" 2>"$scratch/log" &
	pid=$!
	await 'is up with 1 drive'
}
await_event() { # TEXT
	for _ in {1..600}; do
		grep -q -- "$1" "$scratch/events" && return
		sleep 0.1
	done
	fail "no event \"$1\": $(cat "$scratch/events" "$scratch/said")"
}
await_said() { # COUNT TEXT
	for _ in {1..600}; do
		[ "$(grep -c -- "$2" "$scratch/said")" -ge "$1" ] && return
		sleep 0.1
	done
	fail "not said $1 times: \"$2\": $(cat "$scratch/said")"
}
expect() { # STATUS COMMAND...
	local status=$1
	shift
	"$@" >"$scratch/out" 2>"$scratch/err"
	local got=$?
	[ $got = "$status" ] || fail "\"$*\" exits with $got: $(cat "$scratch/out" "$scratch/err")"
}

expect 6 ask events --timeout 5
start
genisoimage -quiet -V EVENTS -o "$scratch/media/a.iso" "$0" || fail "there is no image"
ask media add "$scratch/media/a.iso" 2>/dev/null || fail "the image is not added"

# Killed, and stopped; what happens while nobody can follow is seen afterwards, and nothing twice.
# A job of its own, for what runs beside a script ignores interrupts otherwise.
set -m
ask events --since 0 >"$scratch/events" 2>"$scratch/said" &
follower=$!
set +m
ask load a dvd0 2>/dev/null || fail "the disc is not loaded"
await_event ' load .*drive dvd0, medium a  by uid:'
kill -9 "$pid"
wait "$pid" 2>/dev/null
await_said 1 'trying again'
start
ask eject dvd0 2>/dev/null || fail "the disc is not ejected"
await_event ' eject .*drive dvd0, medium a  by uid:'
await_said 1 'the daemon answers again'
kill "$pid"
wait "$pid"
start
ask media tag a golden || fail "the disc is not tagged"
await_event ' media-change .*medium a  by uid:'
await_said 2 'the daemon answers again'
[ "$(grep -c ' load ' "$scratch/events")" = 1 ] || fail "an event came twice"
[ "$(sort -u "$scratch/events" | wc -l)" = "$(wc -l <"$scratch/events")" ] || fail "events came twice"
kill -INT -- "-$follower"
wait "$follower"
[ $? = 130 ] || fail "an interrupt is not what it ends by"

# ---- for scripts
# Longer than it is waited for a daemon that says nothing: heartbeats come.
ask events --timeout 50 >/dev/null 2>"$scratch/quiet" &
quiet=$!
expect 0 ask events --since 0 --type load --type 'ej*' -n 2 -o jsonl
[ "$(jq -r .verb "$scratch/out" | paste -sd' ')" = 'load eject' ] || fail "other events: $(cat "$scratch/out")"
first=$(head -1 "$scratch/out" | jq .number)
expect 0 ask events --since "$first" --drive dvd0 -n 1 -o jsonl
[ "$(jq -r .verb "$scratch/out")" = eject ] || fail "--since begins elsewhere: $(cat "$scratch/out")"
expect 0 ask events --timeout 5
[ -s "$scratch/out" ] && fail "the past is shown unasked"
expect 7 ask events --since 0 --type nothing -n 1 --timeout 5
grep -q '1 more did not happen within 5 s' "$scratch/err" || fail "it does not say what is missing"
expect 2 ask events --since yesterday
expect 2 ask events -o name
ask events --since 0 --timeout 60 2>"$scratch/err" | head -1 >"$scratch/out"
[ -s "$scratch/err" ] && fail "a reader that leaves is a fault: $(cat "$scratch/err")"
wait "$quiet" || fail "when nothing happens it ends with $?"
[ -s "$scratch/quiet" ] && fail "when nothing happens it says: $(cat "$scratch/quiet")"

kill "$pid"
wait "$pid" || fail "the daemon ended with $?"
grep -qE 'ERROR: (Address|Undefined|Thread)|runtime error' "$scratch"/{log,said,err} && fail "a sanitizer spoke"
exit $failed
