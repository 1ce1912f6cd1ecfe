#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# carousel media upload and import -, with a daemon that is killed in between.
# Usage: upload.sh CAROUSELD CAROUSEL
set -eu

carouseld=$1
carousel=$2
directory=$(mktemp -d)
pid=

finish() {
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
	rm -rf "$directory"
}
trap finish EXIT

fail() {
	echo "$*" >&2
	cat "$directory/log" "$directory/out" >&2
	exit 1
}

operate() {
	"$carousel" --socket "$directory/run/carousel.sock" "$@"
}

start() {
	"$carouseld" -c "$directory/conf" >>"$directory/log" 2>&1 &
	pid=$!
	for _ in $(seq 600); do
		! operate health >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	fail "the daemon does not answer"
}

# An ISO 9660 volume with a descriptor, and noise.
make_image() {
	head -c 32768 /dev/zero
	printf '\001CD001\001' && head -c 33 /dev/zero && printf '%-32s' VOLUME
	head -c 8 /dev/zero && printf '\000\040\000\000\000\000\040\000'
	head -c 32 /dev/zero && printf '\001\000\000\001\001\000\000\001\000\010\010\000'
	head -c 1916 /dev/zero
	printf '\377CD001\001' && head -c 2041 /dev/zero
	head -c 16740352 /dev/urandom
}

mkdir "$directory/pool"
cat >"$directory/conf" <<END
[daemon]
state_dir = $directory/state
runtime_dir = $directory/run
kernel_target = no
[web]
listen =
socket_group =
[portal]
listen =
[kernel]
listen =
[media]
pools = $directory/pool
END
make_image >"$directory/image.iso"
: >"$directory/out"
start

operate media upload "$directory/image.iso" --id first >"$directory/out" 2>&1 || fail "upload"
cmp "$directory/image.iso" "$directory/pool/image.iso" || fail "another file arrived"
operate media show first >"$directory/out" || fail "no medium"

operate media import - --name from-stdin.iso <"$directory/image.iso" >"$directory/out" 2>&1 ||
	fail "import -"
grep -q "added: from-stdin, the same bytes as first" "$directory/out" || fail "not told"
cmp "$directory/image.iso" "$directory/pool/from-stdin.iso" || fail "another file came from stdin"

# Killed when a piece of it is there.
operate media upload "$directory/image.iso" --name cut.iso --id cut >"$directory/out" 2>&1 &
sender=$!
for _ in $(seq 6000); do
	[ -z "$(find "$directory/pool" -name '.*part' -size +0)" ] && [ ! -e "$directory/pool/cut.iso" ] || break
	sleep 0.01
done
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
start
wait "$sender" || fail "the upload did not survive the kill"
cmp "$directory/image.iso" "$directory/pool/cut.iso" || fail "another file survived the kill"

# Killed while a job is waited for, and away for longer than there is between two looks.
cp "$directory/image.iso" "$directory/pool/large.iso"
truncate -s 2G "$directory/pool/large.iso"
operate media import "$directory/pool/large.iso" --id large >"$directory/out" 2>&1 &
waiter=$!
for _ in $(seq 6000); do
	! operate job ls 2>/dev/null | grep -q 'import .*running' || break
	sleep 0.01
done
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
sleep 1.5
start
wait "$waiter" || fail "the daemon was not waited for"
grep -q "large" "$directory/out" || fail "it is not said what came of the job"
operate media rm large >/dev/null 2>&1 || true
rm "$directory/pool/large.iso"

set +e
head -c 100000 /dev/zero | operate media upload - >"$directory/out" 2>&1
[ $? = 1 ] || fail "zeros were taken"
grep -q "no known image format" "$directory/out" || fail "it is not said why zeros are not taken"
operate media upload "$directory/missing.iso" >"$directory/out" 2>&1
[ $? = 3 ] || fail "a missing file"
operate media upload "$directory" >"$directory/out" 2>&1
[ $? = 2 ] || fail "a directory"
operate media upload "$directory/image.iso" --id "NOT AN ID" >"$directory/out" 2>&1
[ $? = 2 ] || fail "a bad id"
grep -q "is not allowed as the id" "$directory/out" || fail "the reason is not told"
set -e
[ "$(find "$directory/pool" -name '.*part' | wc -l)" = 0 ] || fail "parts are left"
kill "$pid"
wait "$pid" || fail "the daemon did not end well"
pid=
