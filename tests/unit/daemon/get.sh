#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# carousel media get with daemons that die and discs that change; how far long work is, on a terminal.
# Usage: get.sh CAROUSELD CAROUSEL
set -u
carouseld=$1 carousel=$2
# shellcheck source=tests/unit/daemon/with_scratch.sh
. "$(dirname "$0")/with_scratch.sh"
carouseld=$(realpath "$carouseld") carousel=$(realpath "$carousel")

mkdir "$scratch"/{state,run,media,here}
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
END

ask() { "$carousel" --socket "$scratch/run/carousel.sock" "$@"; }
start() {
	: >"$scratch/log"
	"$carouseld" -c "$scratch/conf" 2>"$scratch/log" &
	pid=$!
	await 'is up'
}
expect() { # STATUS TEXT COMMAND...: it ends so, and says that
	local status=$1 text=$2
	shift 2
	"$@" >"$scratch/out" 2>"$scratch/err"
	local got=$?
	[ $got = "$status" ] || fail "\"$*\" exits with $got: $(cat "$scratch/err")"
	grep -q -- "$text" "$scratch/err" || fail "\"$*\" does not say \"$text\": $(cat "$scratch/err")"
}
same() { cmp "$scratch/media/$1.iso" "$scratch/here/$2" || fail "$2 is not $1"; }
nothing_left() { ls "$scratch"/here/*.part* 2>/dev/null && fail "something was left behind"; }
# In the background, and stopped when some of it is there: a fast one is over before it can be disturbed.
begin() { # MEDIUM FILE
	set -m
	ask media get "$1" -O "$scratch/here/$2" >"$scratch/out" 2>"$scratch/said" &
	fetching=$!
	set +m
	for _ in {1..3000}; do
		[ "$(stat -c %s "$scratch/here/$2.part" 2>/dev/null || echo 0)" -gt 1000000 ] && kill -STOP -- "-$fetching" && return
		sleep 0.01
	done
	fail "nothing comes of $1: $(cat "$scratch/said")"
}

genisoimage -quiet -V SMALL -o "$scratch/media/small.iso" "$0" || fail "there is no image"
cp "$scratch/media/small.iso" "$scratch/media/large.iso"
head -c 400000000 </dev/urandom >>"$scratch/media/large.iso"
cp "$scratch/media/small.iso" "$scratch/media/long.iso"
truncate -s 20G "$scratch/media/long.iso"
start
for i in small large long; do ask media add "$scratch/media/$i.iso" 2>/dev/null || fail "$i is not added"; done

# ---- small ones
cd "$scratch/here" || exit 1
expect 0 'small.iso has small .*does not know' ask media get small
same small small.iso
expect 1 'there is a file small.iso already' ask media get small
echo other >small.iso
expect 1 'there is a file' ask media get small -O "$scratch/here"
expect 0 'has small' ask media get small -O "$scratch/here" --force
same small small.iso
ask media verify small >/dev/null 2>&1 || fail "small is not verified"
expect 0 'stdout has small .*with the digest' ask media get small -O -
cmp "$scratch/media/small.iso" "$scratch/out" || fail "stdout is not small"
ask media get small -O small.json.iso -o json >"$scratch/out" || fail "there is no small.json.iso"
[ "$(jq -r .sha256 "$scratch/out")" = "$(sha256sum <small.iso | cut -d' ' -f1)" ] || fail "another digest"
[ "$(jq .verified "$scratch/out")" = true ] || fail "it was not verified"
expect 3 'nothing' ask media get nothing -O x.iso
expect 1 'cannot make' ask media get small -O "$scratch/nowhere/x.iso"
mkdir fifo.part
expect 1 'fifo.part' ask media get small -O fifo
rmdir fifo.part
nothing_left

# ---- what is of another version, or longer, is not gone on with
head -c 5000 /dev/zero >mixed.iso.part
echo -n '"of-another-version"' >mixed.iso.part.etag
expect 0 'has changed since' ask media get small -O mixed.iso
same small mixed.iso
head -c 5000 /dev/zero >untagged.iso.part
printf '"x"\r\nX-Evil: 1' >untagged.iso.part.etag
expect 0 'has small' ask media get small -O untagged.iso
same small untagged.iso
nothing_left

# ---- cut off: by Ctrl-C, by a daemon that is killed, and by one that does not come back soon
begin large large.iso
expect 4 'another program fetches' ask media get large -O large.iso
kill -INT -- "-$fetching"
kill -CONT -- "-$fetching"
wait "$fetching"
[ $? = 130 ] || fail "an interrupt is not what it ends by: $(cat "$scratch/said")"
grep -q 'large.iso.part is kept' "$scratch/said" || fail "it does not say what is kept"
[ -e large.iso ] && fail "a part has the name of the whole"
kept=$(stat -c %s large.iso.part)
printf 'kept' | dd of=large.iso.part bs=1 seek=100 conv=notrunc 2>/dev/null
ask media get large -O large.iso >"$scratch/out" 2>"$scratch/err" || fail "it is not gone on with"
[ "$(head -c 104 large.iso | tail -c 4)" = kept ] || fail "all of it was fetched again, not what lacked behind $kept"
rm large.iso
ask media verify large >/dev/null 2>&1 || fail "large is not verified"

begin large large.iso
kill -9 "$pid"
wait "$pid" 2>/dev/null
kill -CONT -- "-$fetching"
start
wait "$fetching" || fail "a daemon that was killed ends it: $(cat "$scratch/said")"
grep -q 'with the digest' "$scratch/said" || fail "it is not verified: $(cat "$scratch/said")"
same large large.iso
nothing_left

# ---- a disc that rots is not kept
touch -r "$scratch/media/small.iso" "$scratch/when"
printf 'rot' | dd of="$scratch/media/small.iso" bs=1 seek=40000 conv=notrunc 2>/dev/null
touch -r "$scratch/when" "$scratch/media/small.iso"
expect 1 'another digest' ask media get small -O rotten.iso
[ -e rotten.iso ] && fail "what has another digest was kept"
nothing_left

# ---- on a terminal, and with a job that lasts
on_terminal() { # COMMAND [TIMEOUT...]: what it draws, in $scratch/drawn; 80 columns
	script -qec "stty cols 80; ${2-} $carousel --socket $scratch/run/carousel.sock $1" /dev/null >"$scratch/drawn" </dev/null
}
on_terminal "media get long -O - >/dev/null" "timeout --foreground -s INT 3"
grep -qaP '\r *\d+ %  \[[=>]+ *\]  [\d.]+ [kMG]?B of 21 GB  .*/s' "$scratch/drawn" || fail "no bar: $(cat -v "$scratch/drawn")"
job=$(ask media verify long --no-wait -o json | jq .id)
begun=$SECONDS
expect 7 "job $job has not ended within 1 s" ask job wait "$job" --timeout 1
((SECONDS - begun < 20)) || fail "--timeout 1 takes $((SECONDS - begun)) s"
on_terminal "job wait $job --timeout 3"
[ $? = 7 ] || fail "it does not end with 7 on a terminal"
grep -qaP '\r *\d+ %  \[[=>]+ *\]  .*left\x1b\[K\r' "$scratch/drawn" || fail "no bar that goes on: $(cat -v "$scratch/drawn")"
grep -qaP '\r\x1b\[Kcarousel: job' "$scratch/drawn" || fail "the bar is not erased: $(cat -v "$scratch/drawn")"
expect 7 '^[0-9]* %  [0-9.]* [kMG]*B of 21 GB' ask job wait "$job" --timeout 5 --progress plain
expect 0 'ends soon' ask job cancel "$job"
expect 1 'cancelled' ask job wait "$job" --timeout 60

kill "$pid"
wait "$pid" || fail "the daemon ended with $?"
grep -qE 'ERROR: (Address|Undefined|Thread)|runtime error' "$scratch"/{log,said,err} && fail "a sanitizer spoke"
exit $failed
