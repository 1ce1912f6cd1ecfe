#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Which tests iscsi-test-cu (libiscsi-bin 1.19.0-3) executes on the optical drive of tgt
# (1:1.0.85-1+deb12u1): the second half of ../golden/iscsi_test_cu_tgt.txt. Root; tgt and genisoimage
# are needed. Run by hand.
#
# Without --dataloss: with it tgt's drive also takes writes (and fails every such test), which a
# drive that only reads has no commands for.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d)
control=$((RANDOM % 10000 + 100))
port=$((RANDOM % 20000 + 20000))
target=iqn.2026-01.test:tgt

mkdir "$directory/files"
head -c 16M /dev/urandom >"$directory/files/data"
genisoimage -quiet -o "$directory/disc.iso" "$directory/files"
tgtd -C $control --iscsi portal=127.0.0.1:$port -f 2>"$directory/log" &
server=$!
trap 'kill -9 $server; rm -r "$directory"' EXIT
until tgtadm -C $control --lld iscsi --op show --mode system >/dev/null 2>&1; do sleep 0.1; done
tgtadm -C $control --lld iscsi --op new --mode target --tid 1 -T $target
tgtadm -C $control --lld iscsi --op new --mode logicalunit --tid 1 --lun 1 --device-type cd \
	-b "$directory/disc.iso"
tgtadm -C $control --lld iscsi --op bind --mode target --tid 1 -I ALL
iscsi-test-cu --verbose "iscsi://127.0.0.1:$port/$target/1" >"$directory/out" 2>&1 || true
"$here/iscsi_test_cu.py" list "$directory/out"
