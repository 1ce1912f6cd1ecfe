# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A drive that an export of the kernel shows is removed: it is closed there, and the others go on.

luns_of() { # HOST: how many devices its session has
	local session count=0 device
	for session in /sys/class/iscsi_session/session*; do
		[ "$(cat "$session/targetname")" = "$prefix:pair" ] || continue
		[ "$(cat "$session/ifacename")" = "$1" ] || continue
		for device in "$session"/device/target*/*:*:*:*; do
			[ ! -e "$device/inquiry" ] || count=$((count + 1))
		done
	done
	echo "$count"
}

has_luns() { # HOST COUNT
	[ "$(luns_of "$1")" = "$2" ]
}

second_of() { # HOST: the block device of its LUN 1
	local device
	device=$(iscsi_scsi_device pair "$1")
	echo "/dev/$(ls "${device%:0}:1/block")"
}

check "a second drive" carousel drive add dvd1
check "with a disc" carousel load beta dvd1
check "an export of both" export_add pair dvd0 host-a host-b -- dvd1
check "and one of the second alone" export_add single dvd1 host-a
know pair host-a host-b
know single host-a
check "host-a logs in" log_in_as pair host-a
check "host-b does" log_in_as pair host-b
check "host-a to the other as well" log_in_as single host-a
check "they have two drives" wait_until 60 has_luns host-b 2
check "host-a, too" wait_until 60 has_luns host-a 2
second=$(second_of host-b)
check "host-b reads the second" wait_until 60 device_equals "$second" "$pool/beta.iso"
check "host-b locks it" sg_prevent --prevent=1 "$second"
start_reader "$portal_device" "$pool/alpha.iso"
check "host-p reads the first on and on" rounds 1
mark=$(moment)
check "with a disc in it the second is not removed just so" says 'force|medium|holds' -- carousel drive rm dvd1
check "host-b has it still" device_equals "$second" "$pool/beta.iso"
(while dd if="$second" of=/dev/null bs=64k iflag=direct status=none; do :; done) 2>/dev/null &
reads=$!
check "it is removed while host-b reads it" carousel drive rm dvd1 --force
wait $reads
check "the daemon lives" daemon_lives
check "the drive is no more" refused carousel drive show dvd1
no_device() {
	[ -z "$(ls -d "$TARGET"/core/user_*/dvd1* 2>/dev/null)" ]
}
check "nor is a device of it" wait_until 60 no_device
check "the target that had nothing else is gone" test ! -e "$TARGET/iscsi/$prefix:single"
check "the other is there" test -e "$TARGET/iscsi/$prefix:pair"
check "the catalog says so" refused grep -q dvd1 <<<"$(carousel export ls)"
first_of_b() { device_equals "$(iscsi_device pair host-b)" "$pool/alpha.iso"; }
check "host-b reads the first" wait_until 60 first_of_b
first_of_a() { device_equals "$(iscsi_device pair host-a)" "$pool/alpha.iso"; }
check "host-a, too" wait_until 60 first_of_a
check "what was the second answers nothing" refused sg_raw -r 2048 "$second" 28 00 00 00 00 10 00 00 01 00
check "host-p reads on" rounds 1
stop_reader
check "and saw no error and no wrong byte" all_right
check "and was told nothing" others_hear_nothing "$mark"
for each in /sys/class/scsi_device/*:1/device; do echo 1 >"$each/delete"; done
check "a drive of that name comes again" carousel drive add dvd1
check "and is shown" carousel export set pair --add-lun 1:dvd1
rescanned() {
	iscsiadm -m session --rescan >/dev/null 2>&1
	has_luns host-b 2 && has_luns host-a 2
}
check "both hosts find it" wait_until 60 rescanned
check "the kernel is unharmed" kernel_unharmed
check "the exports go" forget_export pair
lio single --logout >/dev/null 2>&1
lio single -o delete >/dev/null 2>&1
check "both of them" carousel export rm single
check "and the drive" carousel drive rm dvd1
