# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Linux boots from an install disc in our drive and reads all of it; the operator swaps discs under
# it over REST, and the daemon is stopped and killed under a mounted one.

# A machine that was too slow to let go in time is asked again.
swap() { # MEDIUM: over REST
	wait_until 120 swap_once "$1" || {
		cat "$scratch/answer"
		return 1
	}
}

swap_once() {
	api PUT /api/v1/drives/dvd0/medium "{\"medium\":\"$1\",\"replace\":true}" | tee "$scratch/answer"
	jq -e ".medium.id == \"$1\"" "$scratch/answer" >/dev/null
}

check "an install disc is made" "$here/install-disc" INSTALL-1 "$pool/install-1.iso"
head -c 3M /dev/urandom >"$scratch/more.bin"
check "a second disc is made" xorriso -as mkisofs -quiet -R -V INSTALL-2 -o "$pool/install-2.iso" "$scratch/more.bin"
check "a daemon without privileges, and an export of two drives" vm_daemon dvd0 dvd1
check "disc 1 is loaded" carousel load install-1 dvd0

# shellcheck disable=SC2046 # words
check "a machine boots from it" machine vm $(passed_through 0)
check "Linux runs" hears vm 600 '^installer: ready'
check "and has our drive" hears vm 60 '^installer: drive CAROUSEL DVD-ROM DRIVE'
check "it reads disc 1, every byte" ask vm look "^$(disc INSTALL-1 "$pool/install-1.iso")\$"
changes=$(times_said vm 'event DISK_MEDIA_CHANGE')

check "swapped over REST" swap install-2
check "sr noticed: a media change" hears vm 60 '^installer: event DISK_MEDIA_CHANGE sr0'
check "the new capacity, the new label, the new bytes" \
	ask vm look "^$(disc INSTALL-2 "$pool/install-2.iso")\$"
check "and back" swap install-1
check "disc 1 again, every byte" ask vm look "^$(disc INSTALL-1 "$pool/install-1.iso")\$"

check "it mounts disc 1" ask vm mount '^installer: mounted'
check "and reads a file" ask vm verify '^installer: verified This is the disc INSTALL-1'
check "the drive is locked by it" drive_is dvd0 .locked true
changes=$(times_said vm 'event DISK_MEDIA_CHANGE')

for time in first second; do
	kill_daemon
	sleep 1
	check "the daemon killed the $time time: it starts again" start_daemon
	check "the machine reads the mounted disc on" ask vm verify '^installer: verified This is the disc INSTALL-1'
done
check "the daemon stops cleanly" stop_daemon
check "and starts again" start_daemon
check "the machine reads the mounted disc on" ask vm verify '^installer: verified This is the disc INSTALL-1'
check "sr saw no change of the medium in all that" \
	test "$(times_said vm 'event DISK_MEDIA_CHANGE')" = "$changes"
check "and no error" refused said vm 'I/O error|Unit Attention|Medium Error|damaged'

check "it unmounts disc 1" ask vm unmount '^installer: unmounted'
check "and mounts it again: the drive is locked anew" ask vm mount '^installer: mounted'
check "the drive is locked by it" drive_is dvd0 .locked true
unmounts=$(times_said vm '^installer: unmounted')
check "swapped under the mounted disc: the machine is asked, lets go, and has the next" swap install-2
check "it was asked" hears vm 60 '^installer: event DISK_EJECT_REQUEST sr0'
check "it let go" wait_until 60 said_more vm '^installer: unmounted' "$unmounts"
check "disc 2, every byte" ask vm look "^$(disc INSTALL-2 "$pool/install-2.iso")\$"
tr -d '\r' <"$scratch/vm.serial" | sed 's/^/  | /'
check "the machine ends" end_machine vm

check "disc 1 is loaded for a machine with QEMU's own drive in front" carousel load install-1 dvd1
# shellcheck disable=SC2046 # words
check "it boots" machine own $(own_drive 1)
check "Linux runs" hears own 600 '^installer: ready'
check "and has QEMU's drive" hears own 60 '^installer: drive QEMU'
check "it reads disc 1, every byte" ask own look "^$(disc INSTALL-1 "$pool/install-1.iso")\$"
check "the machine ends" end_machine own
