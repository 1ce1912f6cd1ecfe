# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The operator ejects a drive that a host has locked: the host is asked, and may let go.

event_seen() {
	grep -q "^$2" "$scratch/uevents-$1"
}

# watch_uevents kernel|udev
watch_uevents() {
	udevadm monitor "--$1" --property --subsystem-match=block >"$scratch/uevents-$1" 2>&1 &
	echo $! >"$scratch/monitor"
	wait_until 60 grep -q "will print" "$scratch/uevents-$1"
}

unwatch_uevents() {
	kill "$(cat "$scratch/monitor")"
}

seconds_of() {
	local started=$SECONDS
	"$@" >/dev/null 2>&1
	echo $((SECONDS - started))
}

check "a daemon for locked drives" fresh_daemon dvd0
device=$(drive_device dvd0)
sg=$(drive_sg dvd0)

check "a disc is loaded" carousel load alpha dvd0
check "udev locks the drive when it sees it" wait_until 60 drive_is dvd0 .locked true
check "status shows which host locks" \
	drive_is dvd0 '.hosts | map(select(.locks)) | length' 1
watch_uevents kernel
mark=$(trace_mark dvd0)
check "the operator ejects it: the host lets go by itself" taken_out dvd0
check "the kernel announced the button" wait_until 60 event_seen kernel DISK_EJECT_REQUEST=1
check "the host unlocked and opened the tray" shows 'PREVENT ALLOW' 'START STOP' -- carousel trace dvd0 -n 200
check "no force was needed, no command was failed as prevented" \
	test "$(trace_count dvd0 "$mark" 5/53/02)" = 0
unwatch_uevents
check "the disc is out" drive_is dvd0 .medium null
check "the host sees it gone" wait_until 60 is_empty "$sg"

check "a mounted disc: loaded" carousel load alpha dvd0
check "a mounted disc: seen" wait_until 60 udev_label_is "$device" ALPHA
check "a mounted disc: mounted" mount -o ro "$device" "$mnt"
check "a mounted disc: the operator ejects it, the host lets go" taken_out dvd0
check "a mounted disc: it is out" drive_is dvd0 .medium null
check "a mounted disc: what is not cached is an I/O error" \
	says 'Input/output error|No such file' -- dd "if=$mnt/data.bin" of=/dev/null bs=64k
umount "$mnt"
check "the drive is quiet after that" wait_until 60 is_empty "$sg"
check "the kernel is unharmed" kernel_unharmed

check "a disc for a host that does not let go" carousel load beta dvd0
check "the host sees it" wait_until 60 udev_label_is "$device" BETA
udevadm settle
udev_keeps_locked
check "a program locks the drive" sg_prevent --prevent=1 "$sg"
check "the operator's eject is refused in the end, saying who holds it and what to do" \
	shows '^409$' '"code": *"removal_prevented"' 'locked by loopback' '"remedy": *"Unmount' -- \
	api_status DELETE /api/v1/drives/dvd0/medium
check "the disc is still in" drive_is dvd0 .medium.id beta
check "and can be read" device_equals "$device" "$pool/beta.iso"
check "with force it comes out" carousel eject dvd0 --force
check "it is out" drive_is dvd0 .medium null
udev_lets_go
check "the host is told" wait_until 60 is_empty "$sg"
check "a program unlocks the drive" sg_prevent --allow "$sg"
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" end_daemon
