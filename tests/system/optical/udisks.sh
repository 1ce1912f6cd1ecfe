# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The daemon behind the file managers of desktops: what it takes the drive for, and that it notices
# every change of discs.

udisksd=/usr/libexec/udisks2/udisksd
bus=org.freedesktop.UDisks2

start_udisks() {
	mkdir -p /run/dbus /run/udisks2 /var/lib/udisks2
	[ -S /run/dbus/system_bus_socket ] || dbus-daemon --system --fork
	$udisksd >"$scratch/udisks.log" 2>&1 &
	udisks=$!
	wait_until 60 grep -q 'Acquired the name' "$scratch/udisks.log" # who asks before has D-Bus start another
}

# start_monitor: what it announces is added to $scratch/announced
start_monitor() {
	: >"$scratch/announced"
	udisksctl monitor >>"$scratch/announced" 2>&1 &
	monitor=$!
	wait_until 60 grep -q 'is running' "$scratch/announced"
}

announced() { # TEXT...: each, a regular expression, since the last of these
	local text
	for text; do
		wait_until 60 grep -qE -- "$text" "$scratch/announced" || {
			cat "$scratch/announced"
			return 1
		}
	done
	: >"$scratch/announced"
}

disk() { # VERB: of udisksctl
	udisksctl "$1" -b "$device"
}

# udisksctl has no verb for it.
eject_by_bus() {
	busctl call $bus "/org/freedesktop/UDisks2/drives/$drive" $bus.Drive Eject 'a{sv}' 0
}

if [ -x $udisksd ]; then
	check "a daemon for a desktop" fresh_daemon dvd0
	device=$(drive_device dvd0)
	drive=CAROUSEL_DVD_ROM_DRIVE_$(drive_get dvd0 .serial)
	start_udisks
	start_monitor
	check "udisks lists the drive" shows "CAROUSEL DVD-ROM DRIVE +0\\.1 .*${device#/dev/}" -- udisksctl status
	check "an empty drive for CDs and DVDs, that ejects" shows 'Ejectable: +true' 'MediaRemovable: +true' \
		'MediaAvailable: +false' 'MediaCompatibility: +.*optical_cd' 'optical_dvd' -- udisksctl info -d "$drive"
	check "a disc is loaded" carousel load alpha dvd0
	check "it is announced" announced 'MediaAvailable: +true' 'Media: +optical_cd' 'IdLabel: +ALPHA'
	check "as a closed CD of one data track" shows 'Optical: +true' 'OpticalBlank: +false' \
		'OpticalNumAudioTracks: +0' 'OpticalNumDataTracks: +1' 'OpticalNumSessions: +1' 'OpticalNumTracks: +1' -- \
		udisksctl info -d "$drive"
	check "which cannot be written" shows 'ReadOnly: +true' "Size: +$(stat -c %s "$pool/alpha.iso")\$" -- disk info
	check "it is mounted" shows 'Mounted .*/ALPHA' -- disk mount
	check "and all its files are there" diff -r "$scratch/trees/ALPHA" "$(findmnt -no TARGET "$device")"
	check "and unmounted" disk unmount

	check "swap" replaced dvd0 beta
	check "the new disc is announced" announced 'IdLabel: +BETA'
	check "it is mounted" shows 'Mounted .*/BETA' -- disk mount
	check "and all its files are there" diff -r "$scratch/trees/BETA" "$(findmnt -no TARGET "$device")"
	check "a mounted disc is taken out" taken_out dvd0
	check "which is announced" announced 'MediaAvailable: +false'
	# Its mount is systemd's to take away, and that does not run here.
	check "what is left of it is unmounted" disk unmount
	check "and is not mounted any more" refused findmnt "$device"
	check "a disc is loaded" carousel load alpha dvd0
	check "it is announced" announced 'MediaAvailable: +true' 'IdLabel: +ALPHA'
	check "the desktop ejects it" eject_by_bus
	check "the tray is open" drive_is dvd0 .tray open
	check "which is announced" announced 'MediaAvailable: +false'
	kill $monitor $udisks
	wait $monitor $udisks 2>/dev/null
	check "the kernel is unharmed" kernel_unharmed
	check "the daemon ends" end_daemon
	cp "$scratch/udisks.log" "$GUEST_OUT"
else
	skip "what a desktop sees" "there is no udisksd; give the guest --unpack udisks"
fi
