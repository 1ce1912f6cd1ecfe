# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# One disc is replaced by another. The host must see that there was none in between, be told once
# that there is a new one, and never take one disc's bytes for the other's.

# swapped DRIVE MARK: no medium, if it asked for one; then one change; nothing else
swapped() {
	local senses
	senses=$(trace_senses "$1" "$2")
	[[ $senses =~ ^(2/04/01\ )?(2/3a/0[12]\ )*6/28/00$ ]] || {
		echo "$senses"
		return 1
	}
}

one_change_since() {
	[ "$(trace_count dvd0 "$1" 6/28/00)" = 1 ] || {
		all_senses dvd0 "$1"
		return 1
	}
}

diskseq() {
	cat "/sys/block/${1#/dev/}/diskseq"
}

change_announced() {
	grep -q '^DISK_MEDIA_CHANGE=1' "$scratch/uevents"
}

# Both loops note what they saw, and when they asked and had the answer, a line a time, in
# $scratch/answers.
saw() {
	echo "$1 $asked ${EPOCHREALTIME/./}"
}

# poll_unit: asks TEST UNIT READY again and again
poll_unit() {
	local asked
	while [ -e "$scratch/polling" ]; do
		asked=${EPOCHREALTIME/./}
		sg_turs "$sg" >/dev/null 2>&1
		case $? in
		0) saw ready ;;
		2) saw absent ;;
		6) saw changed ;;
		*) saw other ;;
		esac
	done
}

# same_as FILE: 0 the old mount's file begins as FILE does, 1 it does not, 2 it cannot be read
same_as() {
	cmp -s -n 65536 "$mnt/data.bin" "$1" 2>/dev/null
}

# read_old_mount OLD NEW: reads a file of the old mount again and again, from the drive
read_old_mount() {
	local asked
	while [ -e "$scratch/polling" ]; do
		asked=${EPOCHREALTIME/./}
		dd if="$mnt/data.bin" iflag=nocache count=0 status=none 2>/dev/null
		same_as "$1"
		case $? in
		0) saw old ;;
		1) if same_as "$2"; then saw new; else saw neither; fi ;;
		*) saw error ;;
		esac
	done
}

start_polling() {
	touch "$scratch/polling"
	: >"$scratch/answers"
	"$@" >"$scratch/answers" &
	poller=$!
	wait_until 60 test -s "$scratch/answers"
}

last_answer_is() {
	tail -n 1 "$scratch/answers" | grep -q "^$1 "
}

# stop_polling LAST: when LAST has been seen
stop_polling() {
	wait_until 60 last_answer_is "$1"
	rm "$scratch/polling"
	wait $poller
	answers=$(cut -d' ' -f1 "$scratch/answers" | uniq | paste -sd' ')
	note "answers: $answers"
}

# Microseconds from the first command that was told "absent" to the answer "changed", which is told in
# a later one. What a slow machine takes for each is added, never taken away.
absence() {
	awk '$1 == "absent" && !from { from = $2 } $1 == "changed" { print $3 - from; exit }' \
		"$scratch/answers"
}

check "a daemon for swapping" fresh_daemon dvd0
device=$(drive_device dvd0)
sg=$(drive_sg dvd0)
check "a disc is loaded" carousel load alpha dvd0
check "the host sees it" wait_until 60 udev_label_is "$device" ALPHA
udevadm settle
udevadm monitor --kernel --property --subsystem-match=block >"$scratch/uevents" 2>&1 &
monitor=$!
wait_until 60 grep -q "will print" "$scratch/uevents"

# Nobody looks but the kernel's own polling, which is to be there in the few seconds that the answer waits
# for it.
echo 200 >"/sys/block/${device#/dev/}/events_poll_msecs"
dd if="$device" of=/dev/null bs=1M status=none # all of ALPHA is in the host's cache now
udevadm control --stop-exec-queue
sg_prevent --allow "$sg"
sequence=$(diskseq "$device")
mark=$(trace_mark dvd0)
swapped_at=${EPOCHREALTIME/./}
check "swap of a disc that nobody uses" carousel load beta dvd0 --replace
# After 5 s the answer comes all the same.
told_or_late() {
	drive_is dvd0 '.hosts[0].told' true || [ "$answered" -gt 5000000 ]
}
answered=$((${EPOCHREALTIME/./} - swapped_at))
check "the answer comes when the host knows" told_or_late
check "and it does" wait_until 60 drive_is dvd0 '.hosts[0].told' true
echo "$POLL_MS" >"/sys/block/${device#/dev/}/events_poll_msecs"
udevadm control --start-exec-queue
check "the host saw one change, and no medium before it" swapped dvd0 "$mark"
check "exactly one 06/28/00" one_change_since "$mark"
check "the kernel announced a change" wait_until 60 change_announced
check "the disk's sequence number grew" test "$(diskseq "$device")" -gt "$sequence"
check "udev has the new label" wait_until 60 udev_label_is "$device" BETA
check "no byte of the old disc is left in the host's cache" device_equals "$device" "$pool/beta.iso"
check "still only one 06/28/00" one_change_since "$mark"
check "the kernel complains of nothing" kernel_quiet

# A host that asks TEST UNIT READY and nothing else.
udevadm settle
echo 0 >"/sys/block/${device#/dev/}/events_poll_msecs"
udevadm control --stop-exec-queue
sg_prevent --allow "$sg"
mark=$(trace_mark dvd0)
start_polling poll_unit
check "swap under a host that polls with TEST UNIT READY" carousel load alpha dvd0 --replace
stop_polling ready
check "it found a disc, none, one change, a disc" test "$answers" = "ready absent changed ready"
check "for two seconds there was none" test "$(absence)" -ge 1900000
check "exactly one 06/28/00" one_change_since "$mark"
udevadm control --start-exec-queue
echo "$POLL_MS" >"/sys/block/${device#/dev/}/events_poll_msecs"
check "the label is the new disc's" wait_until 60 udev_label_is "$device" ALPHA

check "a disc to swap while it is mounted" mount -o ro "$device" "$mnt"
udevadm settle
mark=$(trace_mark dvd0)
start_polling read_old_mount "$scratch/trees/ALPHA/data.bin" "$scratch/trees/BETA/data.bin"
check "swap of a mounted disc: the host is asked and lets go" replaced dvd0 beta
stop_polling new
# Linux reads on from an old mount once it has taken note of the new disc; systemd unmounts it. The
# drive's part is that errors come first and that no read is of two discs.
check "the old mount gave the old file, then errors, and nothing mixed" \
	grep -qx 'old error new' <<<"$answers"
check "exactly one 06/28/00" one_change_since "$mark"
umount "$mnt"
check "the label is the new disc's" wait_until 60 label_is "$device" BETA
check "the new disc is mounted" mount -o ro "$device" "$mnt"
check "and holds the new files" diff -r "$scratch/trees/BETA" "$mnt"
check "the device is the new image" device_equals "$device" "$pool/beta.iso"

udevadm settle
udev_keeps_locked
check "swap of a mounted disc that the host does not let go is refused" \
	says 'locked by' 'force' -- carousel load alpha dvd0 --replace
check "nothing has changed" cmp "$mnt/data.bin" "$scratch/trees/BETA/data.bin"
mark=$(trace_mark dvd0)
check "with force it is done" carousel load alpha dvd0 --replace --force
check "the host is told" wait_until 60 drive_is dvd0 '.hosts[0].told' true
check "the host saw one change, and no medium before it" swapped dvd0 "$mark"
umount "$mnt"
udev_lets_go
check "the label is the new disc's" wait_until 60 label_is "$device" ALPHA
check "no stale byte" device_equals "$device" "$pool/alpha.iso"

kill $monitor
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" end_daemon
