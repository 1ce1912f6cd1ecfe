# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Drives come and go while others are in use; resets; many drives.

# drives_below: what the kernel's configuration holds of ours
drives_below() {
	find "$TARGET/core" -mindepth 2 -maxdepth 2 -type d -path '*/user_*' 2>/dev/null
	find "$TARGET/loopback" -mindepth 1 -maxdepth 1 -type d 2>/dev/null
}

blocks_of_ours() {
	lsscsi | grep -c CAROUSEL
}

reset_hangs() {
	! timeout 120 sg_reset -d "$sg"
}

many() {
	local n
	for n in $(seq -w "$1"); do echo "m$n"; done
}

check "a daemon with one drive" fresh_daemon dvd0
device=$(drive_device dvd0)
sg=$(drive_sg dvd0)
check "a disc is loaded" carousel load alpha dvd0
check "the host sees it" wait_until 60 udev_label_is "$device" ALPHA
check "it is mounted" mount -o ro "$device" "$mnt"
udevadm settle
mark=$(trace_mark dvd0)
check "a drive is added" carousel drive add dvd1
check "it has a node" wait_until 60 has_node dvd1
second=$(drive_device dvd1)
check "it is another drive" test "$second" != "$device"
check "with a serial number of its own" \
	test "$(drive_get dvd0 .serial)" != "$(drive_get dvd1 .serial)"
check "the same disc is loaded there too" carousel load alpha dvd1
check "and read" wait_until 60 device_equals "$second" "$pool/alpha.iso"
check "a drive of that name is refused" says 'dvd1' -- carousel drive add dvd1
check "a drive with a disc in it is not removed" says 'alpha' 'force' -- carousel drive rm dvd1
check "with force it is" carousel drive rm dvd1 --force
check "its node is gone" wait_until 60 test ! -e "$second"
check "the first drive's mount goes on" diff -r "$scratch/trees/ALPHA" "$mnt"
check "no unit attention at the first drive" no_unit_attention dvd0 "$mark"
check "a BD drive is added" carousel drive add bd0 --personality bd-rom
check "it says so" wait_until 60 grep -q 'BD-ROM DRIVE' "$(drive_sysfs bd0)/model"
check "it is removed" carousel drive rm bd0
check "a personality that is not there is refused" says 'cd-rom' -- \
	carousel drive add dvd2 --personality gramophone
check "a drive that is shown to nobody is added" carousel drive add hidden --no-loopback
check "it has no address" drive_is hidden '.address' null
check "it is removed" carousel drive rm hidden
check "the kernel complains of nothing" kernel_quiet "$drive_went"

# A reset of the logical unit, by the host.
echo 0 >"/sys/block/${device#/dev/}/events_poll_msecs"
touch "$scratch/reading"
(
	while [ -e "$scratch/reading" ]; do
		dd if="$device" of=/dev/null bs=64k iflag=direct status=none
	done
) 2>"$scratch/reader-errors" &
readers=$!
sleep 1
for _ in 1 2 3; do
	check "a reset with reads in flight does not hang" refused reset_hangs
done
rm "$scratch/reading"
check "the reader ends" wait_until 60 refused kill -0 $readers
check "the drive reads as before" cmp <(dd if="$device" bs=64k status=none) "$pool/alpha.iso"
# udev would lock it again.
udevadm settle
udevadm control --stop-exec-queue
for _ in 1 2 3; do sg_turs "$sg" >/dev/null 2>&1; done
check "a reset of an idle drive" sg_reset -d "$sg"
check "is told once: 06/29/03" says 'device reset|29.*03|Bus device reset' -- sg_turs -v "$sg"
check "and not a second time" sg_turs "$sg"
check "a reset unlocks the drive" drive_is dvd0 .locked false
udevadm control --start-exec-queue
check "the mount goes on" diff -r "$scratch/trees/ALPHA" "$mnt"
check "nobody is stuck" nobody_is_stuck
umount "$mnt"

check "the last drive is removed" carousel drive rm dvd0 --force
check "its node is gone" wait_until 60 test ! -e "$device"
check "the daemon stops" stop_daemon
check "the kernel's configuration holds nothing of ours" test -z "$(drives_below)"
check "the kernel is unharmed" kernel_unharmed

# shellcheck disable=SC2046 # words
configure $(many 32)
rm -rf "$state" "$runtime"
started=$SECONDS
# Every one of them is a disc drive that the kernel looks at while the next is made.
start_patience=600
check "a daemon with 32 drives starts" start_daemon
check "all are drives of this machine" wait_until 60 sh -c "test \$(lsscsi | grep -c CAROUSEL) = 32"
note "32 drives in $((SECONDS - started)) s, $(grep VmRSS "/proc/$(cat "$scratch/pid")/status" | tr -s '\t ' ' ')"
check "each at an address of its own" \
	test "$(api GET /api/v1/drives | jq -r '.items[].address' | sort -u | wc -l)" = 32
check "the first can be used" sh -c "'$carousel_program' media add '$pool' && '$carousel_program' load alpha m01"
check "and the last" carousel load alpha m32
check "the disc is read in the first" wait_until 60 label_is "$(drive_device m01)" ALPHA
check "and in the last" wait_until 60 label_is "$(drive_device m32)" ALPHA
check "it stops" stop_daemon
check "it starts again" start_daemon
start_patience=
check "no drive was told anything" no_unit_attention m32 0
check "all 32 are taken away" end_daemon
check "the kernel's configuration holds nothing of ours" test -z "$(drives_below)"
check "the kernel is unharmed" kernel_unharmed
