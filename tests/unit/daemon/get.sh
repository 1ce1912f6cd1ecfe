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
state_of_it() { ps -o state= -p "$fetching"; }
has_ended() { [[ $(state_of_it) != [^Z]* ]]; }
has_some() { [ "$(stat -c %s "$scratch/here/$1.part" 2>/dev/null || echo 0)" -gt 1000000 ]; }
# In the background, and stopped when some of it is there. A fast one may be over before; then once more.
begin() { # MEDIUM FILE
	for _ in {1..20}; do
		set -m
		"$carousel" --socket "$scratch/run/carousel.sock" media get "$1" -O "$scratch/here/$2" >"$scratch/out" 2>"$scratch/said" &
		fetching=$!
		set +m
		until has_some "$2" || has_ended; do sleep 0.01; done
		kill -STOP -- "-$fetching" 2>/dev/null
		until [ "$(state_of_it)" = T ] || has_ended; do sleep 0.01; done
		has_some "$2" && ! has_ended && return
		kill -KILL -- "-$fetching" 2>/dev/null
		wait "$fetching"
		rm -f "$scratch/here/$2"*
	done
	fail "nothing comes of $1: $(cat "$scratch/said")"
}

genisoimage -quiet -V SMALL -o "$scratch/media/small.iso" "$0" || fail "there is no image"
cp "$scratch/media/small.iso" "$scratch/media/large.iso"
head -c 400000000 </dev/urandom >>"$scratch/media/large.iso"
cp "$scratch/media/small.iso" "$scratch/media/long.iso"
truncate -s 100G "$scratch/media/long.iso"
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
mkfifo "$scratch/pipe"
ln -s /dev/null "$scratch/link"
for i in pipe link; do
	expect 1 "$i is not a regular file" ask media get small -O "$scratch/$i" --force
done
[[ -p $scratch/pipe && -L $scratch/link ]] || fail "a file took the place of a pipe or a link"
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
# draws PATTERN COMMAND [TIMEOUT]: it does, in a few seconds or, on a busy machine, in more; @ is how many
draws() {
	local seconds limit=${3-}
	for seconds in 3 10 30; do
		on_terminal "${2/@/$seconds}" "${limit/@/$seconds}"
		status=$?
		grep -qaP -- "$1" "$scratch/drawn" && return
	done
	fail "\"$2\" draws nothing like $1: $(cat -v "$scratch/drawn")"
}
draws '\r *\d+ %  \[[=>]+ *\]  [\d.]+ [kMG]?B of 107 GB  .*/s' "media get long -O - >/dev/null" "timeout --foreground -s INT @"
job=$(ask media verify long --no-wait -o json | jq .id)
begun=$SECONDS
expect 7 "job $job has not ended within 5 s" ask job wait "$job" --timeout 5
((SECONDS - begun < 60)) || fail "--timeout 5 takes $((SECONDS - begun)) s"
draws '\r *\d+ %  \[[=>]+ *\]  .*left\x1b\[K\r' "job wait $job --timeout @"
[ $status = 7 ] || fail "it does not end with 7 on a terminal"
grep -qaP '\r\x1b\[Kcarousel: job' "$scratch/drawn" || fail "the bar is not erased: $(cat -v "$scratch/drawn")"
for seconds in 5 30; do
	ask job wait "$job" --timeout $seconds --progress plain >"$scratch/out" 2>"$scratch/err"
	status=$?
	grep -q '^[0-9]* %  [0-9.]* [kMG]*B of 107 GB' "$scratch/err" && break
done
grep -q '^[0-9]* %  [0-9.]* [kMG]*B of 107 GB' "$scratch/err" || fail "it does not say how far it is: $(cat "$scratch/err")"
[ $status = 7 ] || fail "it does not end with 7 when it says how far it is"
expect 0 'ends soon' ask job cancel "$job"
expect 1 'cancelled' ask job wait "$job" --timeout 60

kill "$pid"
wait "$pid" || fail "the daemon ended with $?"
grep -qE 'ERROR: (Address|Undefined|Thread)|runtime error' "$scratch"/{log,said,err} && fail "a sanitizer spoke"
exit $failed
