# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A tape drive and two hosts of the kernel's iSCSI.

host_a=$initiators:host-a@tapes
host_b=$initiators:host-b@tapes

tape_loaded() {
	local id
	id=$(api POST /api/v1/tapes '{"prefix":"LIO","count":1,"capacity":1000000000}' | jq -re '.media[0]') &&
		carousel load "$id" lto0
}

tape_of() { # HOST: the device that does not rewind
	local node
	for node in "$(iscsi_scsi_device tapes "$1")"/scsi_tape/nst*; do
		[[ $node =~ /(nst[0-9]+)$ ]] || continue
		echo "/dev/${BASH_REMATCH[1]}"
	done
}

have_tapes() {
	a=$(tape_of host-a)
	b=$(tape_of host-b)
	[ -c "$a" ] && [ -c "$b" ]
}

# name_generics: sg_a and sg_b, the drive without st
name_generics() {
	sg_a=$(iscsi_sg tapes host-a)
	sg_b=$(iscsi_sg tapes host-b)
}

ready() { # SG
	sg_raw "$1" 00 00 00 00 00 00
}

losses_told() { # HOST: how often it was told of the loss of its nexus since the mark
	told lto0 "$mark" "$1" '.key == 6 and .asc == 41 and .ascq == 7'
}

put_and_get() { # NST BYTES
	head -c "$2" /dev/urandom >"$scratch/written"
	mt -f "$1" rewind && dd if="$scratch/written" of="$1" bs=1M iflag=fullblock status=none &&
		mt -f "$1" rewind && dd if="$1" of="$scratch/read" bs=1M status=none &&
		cmp "$scratch/written" "$scratch/read"
}

check "an export of the tape drive" export_add tapes lto0 host-a host-b
check "a blank tape" tape_loaded
know tapes host-a host-b
check "host-a logs in" log_in_as tapes host-a
check "host-b does" log_in_as tapes host-b
check "st binds to both" wait_until 60 have_tapes
have_tapes
name_generics
wait_until 60 ready "$sg_a"
wait_until 60 ready "$sg_b"
mt -f "$a" setblk 0
mt -f "$b" setblk 0
check "host-a writes 16 blocks of 1 MiB, and reads them back" put_and_get "$a" $((16 << 20))
check "they are blocks of 1 MiB" test "$(drive_get lto0 .tape.end)" = 17
read_by_b() {
	mt -f "$b" rewind && dd if="$b" of="$scratch/read" bs=1M status=none && cmp "$scratch/written" "$scratch/read"
}
check "host-b reads the same" read_by_b

check "host-a reserves" sg_raw "$sg_a" 16 00 00 00 00 00
drive=lto0
check "the operator sees it" reserves_it host-a@tapes
check "host-b is not let at the tape" conflicts ready "$sg_b"
check "nor does it rewind" conflicts sg_raw "$sg_b" 01 00 00 00 00 00
check "host-b may ask who it is" sg_inq "$sg_b"
check "host-a writes on" put_and_get "$a" $((4 << 20))
check "host-a locks the tape in" sg_prevent --prevent=1 "$sg_a"
mark=$(moment)
check "host-a is cut off" cut_off tapes host-a
check "its reservation goes" wait_until 60 refused reserves_it host-a@tapes
check "and its lock" wait_until 60 refused locks_it host-a@tapes
check "host-b is let at the tape" wait_until 60 ready "$sg_b"
told_loss() { ready "$sg_a"; [ "$(losses_told "$host_a")" = 1 ]; }
check "host-a is back, and is told of the loss" wait_until 60 told_loss
check "host-a is ready then" wait_until 60 ready "$sg_a"
check "it was told once" test "$(losses_told "$host_a")" = 1
check "host-b was told nothing" test "$(told lto0 "$mark" "$host_b" '.key == 6')" = 0
check "host-a writes and reads" put_and_get "$a" $((4 << 20))
check "host-b reads the same" read_by_b

check "host-b reserves" sg_raw "$sg_b" 16 00 00 00 00 00
check "host-a is not let at the tape" conflicts ready "$sg_a"
check "host-b logs out" log_out_as tapes host-b
check "host-a is" wait_until 60 ready "$sg_a"
unset drive
check "the export goes" forget_export tapes
check "the tape is taken out" carousel eject lto0 --force
check "nothing is wrong with it" carousel tape verify "$state"/tapes/*
