# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The tools that people and other programs ask a drive with, and what they make of this one.

# A DVD by its size: an ISO image with much nothing behind it.
make_dvd() {
	make_iso DELTA 500 && truncate -s 900M "$pool/delta.iso"
}

unbroken() {
	local said
	said=$("$@" 2>&1) || return
	[ -n "$said" ] && ! grep -iE 'invalid|malformed|too short|truncated|unexpected|illegal' <<<"$said"
}

make_dvd
check "a daemon for tools" fresh_daemon dvd0
device=$(drive_device dvd0)
sg=$(drive_sg dvd0)
serial=$(drive_get dvd0 .serial)

check "sg_turs: an empty drive is not ready" says 'not ready' -- sg_turs -v "$sg"
check "sg_get_config: an empty drive has no current profile" \
	shows 'No current profile' -- sg_get_config -c "$sg"
check "sg_readcap: no medium, no capacity" says 'No medium|not ready' -- sg_readcap -v "$sg"
check "sg_modes: pages of an empty drive" shows '>> .*0x2a|MM capabilities' -- sg_modes -a "$sg"
check "cd-info: no disc" shows 'CAROUSEL' -- sh -c "cd-info --no-cddb --no-device-info -C '$device'; cd-info --no-cddb '$device' | head -40"
check "a disc is loaded" carousel load alpha dvd0
check "the host sees it" wait_until 60 udev_label_is "$device" ALPHA
udevadm settle
blocks=$(($(stat -c %s "$pool/alpha.iso") / 2048))

check "cdrom_id: a drive, a medium, its tracks" \
	shows '^ID_CDROM=1$' '^ID_CDROM_DVD=1$' '^ID_CDROM_MEDIA=1$' '^ID_CDROM_MEDIA_CD=1$' \
	'^ID_CDROM_MEDIA_TRACK_COUNT_DATA=1$' -- cdrom_id "$device"
check "sg_inq: who it is" shows 'Vendor identification: CAROUSEL' \
	'Product identification: DVD-ROM DRIVE' 'RMB=1' 'PDT=5|cd/dvd' 'version=0x06|\[SPC-4\]' \
	"Unit serial number: $serial" -- sg_inq "$sg"
check "sg_vpd 00h: the pages it has" shows 'Unit serial number' 'Device identification' -- \
	sg_vpd --page=0 "$sg"
check "sg_vpd 80h: its serial number" shows "$serial" -- sg_vpd --page=0x80 "$sg"
check "sg_vpd 83h: its names" shows 'T10 vendor id' "CAROUSEL.*$serial|$serial" 'NAA' -- \
	sg_vpd --page=0x83 "$sg"
check "sg_vpd: every page has its promised shape" unbroken sg_vpd --all "$sg"
check "sg_get_config: the current profile is CD-ROM" shows 'Current profile: CD-ROM' -- \
	sg_get_config "$sg"
check "sg_get_config: the features of a drive that reads" shows 'Profile list feature' 'Core feature' \
	'Morphing feature' 'Removable media feature' 'Random readable feature' 'CD read feature' \
	'Power management feature' -- sg_get_config "$sg"
check "sg_modes: the pages of a drive that reads" \
	shows 'Read-Write error recovery' 'audio' 'Power condition' 'Timeout' 'capabilities' -- \
	sg_modes -a "$sg"
check "sg_modes: the 6-byte command too" shows 'Mode data length' -- sg_modes -6 -a "$sg"
check "sg_readcap: the last block" shows "Last LBA=$((blocks - 1)) " 'block length=2048 bytes' -- sg_readcap "$sg"
check "sg_turs: ready" sg_turs "$sg"
check "sg_prevent: locks" sg_prevent --prevent=1 "$sg"
check "the daemon knows" drive_is dvd0 .locked true
check "sg_start: a locked drive does not eject" says 'edium removal prevented|0x53' -- \
	sg_start -v --eject "$sg"
check "sg_prevent: unlocks" sg_prevent --allow "$sg"
check "sg_start: ejects" sg_start --eject "$sg"
check "the tray is open" drive_is dvd0 .tray open
check "sg_start: loads" sg_start --load "$sg"
check "the tray is closed" drive_is dvd0 .tray closed
check "the host sees the disc again" wait_until 60 label_is "$device" ALPHA
check "cd-info: one data track, ISO 9660, its label" \
	shows 'CAROUSEL' 'TRACK +1|  1: 00:02:00' 'data' 'ISO.9660' 'ALPHA' -- cd-info --no-cddb -C "$device"
check "isoinfo: the volume" shows 'Volume id: ALPHA' "Volume size is: $((blocks - 150))|Volume size is: $blocks" -- \
	isoinfo -d -i "$device"
check "isoinfo: a file's content" shows 'This is the disc ALPHA' -- isoinfo -R -x /README -i "$device"
check "blkid: type, label" shows 'TYPE="iso9660"' 'LABEL="ALPHA"' 'BLOCK_SIZE="2048"' -- \
	blkid -p "$device"
check "wipefs: the signature it finds" shows 'iso9660' 'ALPHA' -- wipefs --no-act "$device"
check "lsscsi: the drive" shows "cd/dvd +CAROUSEL DVD-ROM DRIVE +0\\.1 +$device" -- lsscsi
check "blockdev: it cannot be written to" test "$(blockdev --getro "$device")" = 1
check "a write fails" refused dd if=/dev/zero "of=$device" bs=2048 count=1

check "a disc as large as a DVD is loaded" replaced dvd0 delta
check "the host sees it" wait_until 60 label_is "$device" DELTA
udevadm settle
check "sg_get_config: the current profile is DVD-ROM" shows 'Current profile: DVD-ROM' -- \
	sg_get_config "$sg"
check "sg_get_config: it now has the DVD read feature" shows 'DVD read feature' -- \
	sg_get_config --current "$sg"
check "cdrom_id: a DVD" shows '^ID_CDROM_MEDIA_DVD=1$' -- cdrom_id "$device"
check "READ DISC STRUCTURE 00h: a DVD-ROM of one layer, its first and last sector" \
	shows 'Received 2052 bytes' '08 02 00 00 01 02 01 00 +00 03 00 00 00 0a 07 ff' -- \
	sg_raw -r 2052 "$sg" ad 00 00 00 00 00 00 00 08 04 00 00
check "the end of a DVD can be read" \
	cmp <(dd if="$device" bs=2048 skip=460000 count=800 status=none) <(head -c $((800 * 2048)) /dev/zero)
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" end_daemon
rm "$pool/delta.iso"
