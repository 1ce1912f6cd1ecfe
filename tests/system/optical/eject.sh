# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The host's own eject button: the tray opens, the disc lies on it, and may be pulled in again.

tray_is_open() {
	[ "$(drive_get dvd0 .tray)" = open ]
}

# udev locks every disc that it sees: when it has seen it, so that it does not lock the drive between the
# two commands of an eject.
ejected() {
	udevadm settle && eject "$device"
}

check "a daemon for ejecting" fresh_daemon dvd0
device=$(drive_device dvd0)
check "a disc is loaded" carousel load alpha dvd0
check "the host sees it" wait_until 60 udev_label_is "$device" ALPHA
check "udev locked the drive" drive_is dvd0 .locked true

check "the host ejects it" ejected
check "the tray is open" tray_is_open
check "the disc lies on it: it is still this drive's" drive_is dvd0 .medium.id alpha
check "the drive is not locked any more" drive_is dvd0 .locked false
check "the host finds no medium" is_empty "$(drive_sg dvd0)"
check "the host's uevents took the label away" wait_until 60 refused udev_label_is "$device" ALPHA
check "status tells of the open tray" shows 'dvd0.*open' -- carousel status

check "the host pulls it in again" eject -t "$device"
check "the tray is closed" drive_is dvd0 .tray closed
check "the disc is there again" wait_until 60 label_is "$device" ALPHA
check "it is mounted" mount -o ro "$device" "$mnt"
check "and read" cmp "$mnt/data.bin" "$scratch/trees/ALPHA/data.bin"
check "a mounted disc is locked" drive_is dvd0 .locked true
udevadm settle
check "the host's eject unmounts it first" eject "$mnt"
check "it is not mounted any more" refused mountpoint -q "$mnt"
check "the tray is open" tray_is_open

# The kernel fails reads through the first open: it was told of a change while opening.
dd "if=$device" of=/dev/null count=1 status=none 2>/dev/null
check "opening the device pulled the disc in, as Linux does" drive_is dvd0 .tray closed
check "it can be read" device_equals "$device" "$pool/alpha.iso"
check "the host ejects it once more" ejected
check "what lies on the open tray is replaced without being asked twice" carousel load beta dvd0
check "the host sees the new disc" wait_until 60 label_is "$device" BETA
check "the host ejects that one" ejected
check "the operator takes it off the tray" carousel eject dvd0
check "the drive is empty" drive_is dvd0 .medium null
check "the host pulls in an empty tray" eject -t "$device"
check "the tray is closed" drive_is dvd0 .tray closed
check "and there is nothing in it" is_empty "$(drive_sg dvd0)"
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" end_daemon
