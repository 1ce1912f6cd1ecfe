# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The daemon is killed, or stopped, and started again, while a host uses its drive.

# reader N DEVICE IMAGE: reads the device again and again, past the page cache, as long as
# $scratch/reading is there; a line per round in $scratch/rounds-N
reader() {
	local wanted got
	wanted=$(sha1sum <"$3")
	while [ -e "$scratch/reading" ]; do
		got=$(dd if="$2" bs=64k iflag=direct status=none 2>>"$scratch/reader-errors" | sha1sum)
		if [ "$got" = "$wanted" ]; then echo right; else echo wrong; fi
	done >>"$scratch/rounds-$1"
}

start_readers() {
	local n
	touch "$scratch/reading"
	readers=()
	: >"$scratch/reader-errors"
	for n in 1 2 3; do
		: >"$scratch/rounds-$n"
		reader $n "$@" &
		readers+=($!)
	done
}

# rounds N: every reader has done N more
rounds() {
	local n before=()
	for n in 1 2 3; do before[n]=$(wc -l <"$scratch/rounds-$n"); done
	for n in 1 2 3; do
		wait_until 60 test_rounds $n $((before[n] + $1)) || return
	done
}

test_rounds() {
	[ "$(wc -l <"$scratch/rounds-$1")" -ge "$2" ]
}

stop_readers() {
	rm -f "$scratch/reading"
	wait "${readers[@]}"
}

all_right() {
	! cat "$scratch"/rounds-* "$scratch/reader-errors" | grep -v right
}

image_read_right() {
	cmp <(dd if="$1" bs=64k iflag=direct status=none) "$2"
}

kill_and_restart() {
	kill_daemon
	sleep 0.5
	start_daemon
}

check "a daemon to kill" fresh_daemon dvd0
device=$(drive_device dvd0)
check "a disc is loaded" carousel load alpha dvd0
check "the host sees it" wait_until 60 udev_label_is "$device" ALPHA
check "it is mounted" mount -o ro "$device" "$mnt"
udevadm settle
start_readers "$device" "$pool/alpha.iso"
check "killed with reads in flight: readers read" rounds 1
kill_daemon
check "killed with reads in flight: the node stays" test -b "$device"
sleep 1
check "killed with reads in flight: it starts again" start_daemon
check "killed with reads in flight: readers go on" rounds 2
for _ in 1 2; do
	check "killed again: it starts again" kill_and_restart
	check "killed again: readers go on" rounds 1
done
stop_readers
check "no reader saw an error or a wrong byte" all_right
check "the mount goes on" diff -r "$scratch/trees/ALPHA" "$mnt"
forget_tree "$mnt"
check "and so it does when nothing is cached" diff -r "$scratch/trees/ALPHA" "$mnt"
check "the host was told nothing: no unit attention" no_unit_attention dvd0 0
check "nobody is stuck" nobody_is_stuck
check "the catalog still says what is in" drive_is dvd0 .medium.id alpha
check "the drive is still locked by the mount" drive_is dvd0 .locked true
check "the kernel is unharmed" kernel_unharmed

check "stopped: cleanly, while the disc is mounted" stop_daemon
dd if="$device" bs=64k iflag=direct of="$scratch/copy" status=none 2>"$scratch/reader-errors" &
copier=$!
sleep 1.5
check "stopped: a read waits" kill -0 $copier
check "stopped: it starts again" start_daemon
check "stopped: the read that waited ends" wait $copier
check "stopped: and is right" cmp "$scratch/copy" "$pool/alpha.iso"
forget_tree "$mnt"
check "stopped: the mount goes on" diff -r "$scratch/trees/ALPHA" "$mnt"
check "stopped: not one unit attention" no_unit_attention dvd0 0
check "stopped: nobody is stuck" nobody_is_stuck
start_readers "$device" "$pool/alpha.iso"
check "stopped with reads in flight: readers read" rounds 1
check "stopped with reads in flight: it ends cleanly" stop_daemon
check "stopped with reads in flight: it starts again" start_daemon
check "stopped with reads in flight: readers go on" rounds 1
stop_readers
check "stopped with reads in flight: no reader saw an error or a wrong byte" all_right
check "stopped with reads in flight: not one unit attention" no_unit_attention dvd0 0
umount "$mnt"
check "the kernel complains of nothing" kernel_quiet

# The image is another one when the daemon comes back: the host must not go on as if it were not.
cp "$pool/alpha.iso" "$scratch/kept.iso"
check "image replaced: the daemon stops" stop_daemon
cp "$pool/beta.iso" "$scratch/other.iso"
mv "$scratch/other.iso" "$pool/alpha.iso"
check "image replaced: it starts again" start_daemon
check "image replaced: the drive says what is wrong and what to do" \
	shows 'alpha.iso' 'not the file|changed' -- carousel status -o json
check "image replaced: the host finds no medium" wait_until 60 is_empty "$device"
check "image replaced: nothing of the old one can be read" refused dd if="$device" of=/dev/null count=1
check "image replaced: the operator takes it out" carousel eject dvd0 --force
check "image replaced: and catalogues it anew" carousel media add "$pool/alpha.iso"
check "image replaced: and loads it" carousel load alpha dvd0
check "image replaced: the host sees the new label" wait_until 60 label_is "$device" BETA
check "image replaced: one 06/28/00" test "$(trace_count dvd0 0 6/28/00)" = 1
check "image replaced: the device is the new image" device_equals "$device" "$pool/alpha.iso"

check "image vanished: the daemon stops" stop_daemon
mv "$pool/alpha.iso" "$scratch/away.iso"
check "image vanished: it starts again" start_daemon
check "image vanished: the drive says so" drive_is dvd0 .state failed
check "image vanished: naming the file" shows 'alpha.iso' -- api GET /api/v1/drives/dvd0
check "image vanished: nothing is lost: the catalog has it in the drive" drive_is dvd0 .medium.id alpha
check "image vanished: the host finds no medium" wait_until 60 is_empty "$device"
mv "$scratch/away.iso" "$pool/alpha.iso"
check "image vanished: it is back: loaded again" carousel load alpha dvd0
check "image vanished: the host has it again" wait_until 60 label_is "$device" BETA
check "image vanished: the drive is well" drive_is dvd0 .state loaded
mv "$scratch/kept.iso" "$pool/alpha.iso"
check "nobody is stuck" nobody_is_stuck
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" end_daemon
