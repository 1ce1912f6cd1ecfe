# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The disc is swapped under a host that polls it, as the kernel does.

check "a daemon with an export" portal_daemon
check "discovery" discover
check "login" log_in test
device=$(iscsi_device test)
check "the label" wait_until 60 udev_label_is "$device" ALPHA
calm "$device"
dd if="$device" of=/dev/null bs=1M status=none # all of ALPHA is in the host's cache now
watch_events
over_rest() { # again, when the host was too slow to let go
	api PUT /api/v1/drives/dvd0/medium '{"medium":"beta","replace":true}' | jq -e '.medium.id == "beta"'
}
check "swap over REST" wait_until 120 over_rest
check "the kernel announced a change" wait_until 60 change_announced
check "udev has the new label" wait_until 60 udev_label_is "$device" BETA
check "no byte of the old disc is left in the host's cache" device_equals "$device" "$pool/beta.iso"
check "the kernel complains of nothing" kernel_quiet

check "it is mounted" mount -o ro "$device" "$mnt"
check "the drive is locked" drive_is dvd0 .locked true
check "swap of a mounted disc: the host is asked and lets go" replaced dvd0 alpha
check "the kernel was asked to eject" wait_until 60 grep -q '^DISK_EJECT_REQUEST=1' "$scratch/uevents"
umount "$mnt"
check "the new label" wait_until 60 label_is "$device" ALPHA
check "the device is the new image" device_equals "$device" "$pool/alpha.iso"
stop_watching
udevadm settle
check "the host ejects" eject "$device"
check "the tray is open" drive_is dvd0 .tray open
check "the host pulls it in" eject -t "$device"
check "the tray is closed" drive_is dvd0 .tray closed
check "the host sees the disc again" wait_until 60 label_is "$device" ALPHA
check "the kernel is unharmed" kernel_unharmed
check "logout" log_out test
check "the daemon ends" stop_daemon
