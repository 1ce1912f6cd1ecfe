# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A drive as the host finds it, with a blank tape in it.

status_shows() { # TEXT...
	shows "$@" -- mt -f "$tape" status
}

device=$(tape_sysfs)
check "st binds" test -c "$tape"
check "because it is of the type of tapes" test "$(cat "$device/type")" = 1
check "removable: LIO and the portal say what the drive says" shows 'RMB=1' -- sg_inq "$generic"
check "lsscsi: a tape, and its sg node" \
	shows "tape +CAROUSEL ULTRIUM-TD8 +0\\.1 +/dev/st[0-9]+ +$generic" -- lsscsi -g
check "mt status: loaded and at its beginning" status_shows 'ONLINE' 'BOT' 'File number=0, block number=0'
check "mt status: density of LTO-8, variable blocks" status_shows 'block size 0 bytes' '0x5e'
check "mt status: it can be written to" refused status_shows 'WR_PROT'
check "udev made links by its serial number" \
	wait_until 60 sh -c "ls -l /dev/tape/by-id | grep -F '$(drive_get "$drive" .serial)'"
check "a blank tape has nothing to read" fails_with 'Input/output error' get nothing bs=64k count=1
check "which the drive calls the end of data" test "$(trace_count "$drive" 0 8/00/05)" -ge 1
check "the daemon says that it is at its beginning" drive_at position 0
check "and loaded" drive_is "$drive" .state loaded
