# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Discovery, login, digests, logout, again and again.

check "a daemon as nobody, with an export" portal_daemon
check "it has no privilege" test "$(awk '$1 == "CapEff:" { print $2 }' "/proc/$(cat "$scratch/pid")/status")" = 0000000000000000
as_shown() { # WORD: the command with it that `carousel export show` tells people
	local command
	command=$(carousel export show test | grep -E "^ +iscsiadm .*$1") && sh -c "$command"
}

check "discovery, as it says on the command line, finds it" \
	shows "127.0.0.1:$port,1 $prefix:test" -- as_shown discovery
check "the host logs in, as it says there" as_shown login
udevadm settle
device=$(iscsi_device test)
sg=$(iscsi_sg test)
check "its drive is there" shows 'CAROUSEL +DVD-ROM DRIVE' -- lsscsi
check "the label" wait_until 60 udev_label_is "$device" ALPHA
check "no digests, as it asked" session_has 'HeaderDigest: None' 'DataDigest: None'
check "the device is the image" device_equals "$device" "$pool/alpha.iso"
check "the daemon lists its session" sessions_are 1
check "the drive lists its host" shows "$host,i,0x[0-9a-f]{12}@test" -- \
	drive_get dvd0 '.hosts[].name'
check "the host logs out" log_out test
check "the session is gone" wait_until 60 sessions_are 0
check "so is the drive" refused test -b "$device"

node_set test 'node.conn[0].iscsi.HeaderDigest' CRC32C
node_set test 'node.conn[0].iscsi.DataDigest' CRC32C
check "digests: the host logs in" log_in test
device=$(iscsi_device test)
check "digests: both are CRC32C" session_has 'HeaderDigest: CRC32C' 'DataDigest: CRC32C'
check "digests: the device is the image" device_equals "$device" "$pool/alpha.iso"
check "digests: it is mounted" mount -o ro "$device" "$mnt"
check "digests: every file is what was put in" diff -r "$scratch/trees/ALPHA" "$mnt"
check "digests: it is unmounted" umount "$mnt"
check "digests: the host logs out" log_out test

# Without udev, which takes longer than all the rest.
in_and_out() {
	local round
	for round in $(seq 8); do
		{ node test --login && wait_until 60 iscsi_device test &&
			dd if="$(iscsi_device test)" bs=64k iflag=direct status=none | cmp - "$pool/alpha.iso" &&
			node test --logout; } || {
			echo "round $round"
			return 1
		}
	done
}
udevadm control --stop-exec-queue
check "logged in and out eight times, each time reading all of it" in_and_out
udevadm control --start-exec-queue
udevadm settle
check "no session is left" wait_until 60 sessions_are 0
check "the kernel complains of nothing" kernel_quiet
check "the daemon ends" stop_daemon
