# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A drive that is configured is a drive of this machine: sr, its device node, udev.

udev_has() {
	udevadm info --query=property --name="$1" | grep -qxE "$2"
}

# driver_is DRIVE NAME
driver_is() {
	[ "$(basename "$(readlink -f "$(drive_sysfs "$1")/driver")")" = "$2" ]
}

inquiry_is() {
	[ "$(tr -s ' ' <"$(drive_sysfs "$1")/$2")" = "$3" ] || {
		cat "$(drive_sysfs "$1")/$2"
		return 1
	}
}

check "the daemon starts, loads the modules it needs, and serves its drive" fresh_daemon dvd0
check "the kernel's own sr driver attaches" driver_is dvd0 sr
check "its vendor is ours" inquiry_is dvd0 vendor CAROUSEL
check "its model says what it is" inquiry_is dvd0 model "DVD-ROM DRIVE "
check "it is SCSI type 5" inquiry_is dvd0 type 5
device=$(drive_device dvd0)
check "its node appears" test -b "$device"
check "and its sg node" test -c "$(drive_sg dvd0)"
check "udev says it is a CD drive" udev_has "$device" ID_CDROM=1
check "udev says it reads DVD" udev_has "$device" ID_CDROM_DVD=1
check "udev found no medium" refused udev_has "$device" 'ID_CDROM_MEDIA=.*'
check "udev knows its serial number" udev_has "$device" "ID_SCSI_SERIAL=$(drive_get dvd0 .serial)"
check "the kernel says there is no medium" says "No medium found" -- dd "if=$device" of=/dev/null count=1
check "it lists itself" shows 'cd/dvd +CAROUSEL DVD-ROM DRIVE' -- lsscsi
check "the daemon is ready and says so" shows '"ready": *true' -- api GET /api/v1/status
check "attaching an empty drive makes the kernel complain of nothing" kernel_quiet

check "a disc is loaded" carousel load alpha dvd0
check "udev finds the label" wait_until 60 udev_label_is "$device" ALPHA
check "udev finds the file system" udev_has "$device" ID_FS_TYPE=iso9660
check "udev sees a medium" udev_has "$device" ID_CDROM_MEDIA=1
check "udev counts a session and a track" udev_has "$device" ID_CDROM_MEDIA_TRACK_COUNT_DATA=1
check "the disc is found by its label" wait_until 60 test "/dev/disk/by-label/ALPHA" -ef "$device"
check "the kernel complains of nothing" kernel_quiet
check "the daemon stops cleanly, its drives taken away" end_daemon
check "no drive is left" test ! -e "$device"
check "the kernel complains of nothing when it goes" kernel_quiet "$drive_went"
