# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Every verb of mt: what it does, or how a drive of this type refuses it.
#
# The tape has files of 4, 3 and 2 blocks: objects 0-3, filemark 4, 5-7, filemark 8, 9 and 10,
# filemark 11, and nothing from 12 on.

verb() {
	mt -f "$tape" "$@"
}

three_files() {
	data verbs 262144 && put verbs bs=64k && put verbs bs=64k count=3 && put verbs bs=64k count=2
}

# from OBJECT VERB...: from there, the verb, which succeeds
from() {
	verb seek "$1" && verb "${@:2}"
}

# refused_from OBJECT TEXT VERB...: likewise, and it fails in these words
refused_from() {
	verb seek "$1" && fails_with "$2" verb "${@:3}"
}

# moves FROM TO VERB...
moves() {
	from "$1" "${@:3}" && at_object "$2"
}

# stops FROM TO VERB...: an error, and where the tape is then
stops() {
	refused_from "$1" 'Input/output error' "${@:3}" && at_object "$2"
}

status_has() {
	shows "$@" -- verb status
}

page() { # FIELD VALUE: of the mode pages, as sdparm has it
	local value
	value=$(sdparm --quiet --get "$1" "$generic" | awk '{ print $2 }')
	echo "$1 is $value"
	[ "$value" = "$2" ]
}

check "three files are written" three_files
check "rewind" moves 9 0 rewind
check "fsf: behind the next filemark" moves 0 5 fsf
check "fsf 2" moves 1 9 fsf 2
check "fsfm: before it" moves 0 4 fsfm
check "bsf: before the filemark in front" moves 10 8 bsf
check "bsf 2" moves 10 4 bsf 2
check "bsfm: the beginning of this file" moves 10 9 bsfm
check "fsr" moves 0 2 fsr 2
check "bsr" moves 7 5 bsr 2
check "asf: from the beginning" moves 10 9 asf 2
check "seek and tell" moves 0 6 seek 6
check "status counts files and blocks" sh -c "mt -f $tape asf 1 && mt -f $tape fsr 2 &&
	mt -f $tape status | grep 'File number=1, block number=2'"
for word in eod seod; do
	check "$word: behind all" moves 0 12 $word
done
check "status says EOD" status_has EOD

mark=$(trace_mark "$drive")
check "fsr stops behind a filemark" stops 2 5 fsr 5
check "bsr before one" stops 6 4 bsr 3
check "bsf at the beginning of tape" stops 6 0 bsf 3
check "fsf at the end of data" stops 0 12 fsf 9
check "fsr at the end of data" stops 12 12 fsr
check "told in these words: filemark, beginning of tape, end of data" \
	senses "$mark" '0/00/01 0/00/04 8/00/05'
check "seek past the end of data" refused_from 0 'Input/output error' seek 1000
check "stands at its end" at_object 12

check "weof" moves 12 13 weof
check "weof 2" moves 13 15 weof 2
check "eof is the same" moves 15 16 eof
# Not every mt has the verb.
without_waiting() {
	verb seek 16 && python3 - "$tape" <<-'PY' && at_object 18
		import fcntl, struct, sys
		MTIOCTOP, MTWEOFI = 0x40086d01, 35
		with open(sys.argv[1], "wb", buffering=0) as tape:
		    fcntl.ioctl(tape, MTIOCTOP, struct.pack("hi", MTWEOFI, 2))
	PY
}
check "weofi: without waiting" without_waiting
check "weof 0: nothing but a flush" moves 18 18 weof 0
check "the daemon counts them" drive_at filemarks 9
check "erase: behind the position" from 12 erase 0
check "nothing is there" drive_at end 12
check "long erase" from 9 erase 1
check "nothing is there" drive_at end 9
check "a blank behind nothing" stops 9 9 fsr

mark=$(trace_mark "$drive")
for word in wset fss bss; do
	check "$word: there are no setmarks" refused_from 5 'Input/output error' $word 1
done
check "which the drive says as a field of the CDB that is not so" senses "$mark" 5/24/00
check "setpartition: no partitions" fails_with 'Invalid argument' verb setpartition 1
check "mkpartition: no partitions" fails_with 'Invalid argument' verb mkpartition 100
check "partseek: no partitions" fails_with 'Invalid argument' verb partseek 3 1
check "can-partitions: told to try" verb stsetoptions can-partitions
check "mkpartition: the drive has no such page" fails_with 'Input/output error' verb mkpartition 100
verb stclearoptions can-partitions

check "setblk: fixed blocks" verb setblk 512
check "status says so" status_has 'block size 512 bytes'
check "setblk beyond what the drive takes" fails_with 'Invalid argument' verb setblk 16777215
check "setblk 0: variable blocks" verb setblk 0
check "status says so" status_has 'block size 0 bytes'
check "setdensity: the cartridge's" verb setdensity 0x5e
check "setdensity: another" fails_with 'Input/output error' verb setdensity 0x5c
check "drvbuffer 0: synchronous" verb drvbuffer 0
check "drvbuffer 1: buffered" verb drvbuffer 1
check "compression 0" verb compression 0
check "the drive compresses nothing" page DCE 0
check "compression 1" verb compression 1
check "the drive compresses" page DCE 1

check "defblksize" verb defblksize 1024
check "defdensity" verb defdensity 0x5e
check "defdrvbuffer" verb defdrvbuffer 1
check "defcompression" verb defcompression 0
verb defcompression 1
check "the defaults are off again" sh -c "for word in defblksize defdensity defdrvbuffer defcompression; do
	mt -f $tape \$word -1 || exit; done; mt -f $tape setblk 0"
check "stsetoptions, and stshowoptions" sh -c "mt -f $tape stsetoptions no-wait fast-eod &&
	mt -f $tape stshowoptions | grep -q fast-eod && mt -f $tape stclearoptions no-wait fast-eod"
check "stwrthreshold" verb stwrthreshold 16
check "sttimeout" verb sttimeout 900
check "stlongtimeout" verb stlongtimeout 14000
check "stsetcln" verb stsetcln 0
check "densities" shows 'LTO-8' -- verb densities

check "lock" verb lock
check "the daemon says who" drive_is "$drive" .locked true
check "unlock" verb unlock
check "the daemon knows" drive_is "$drive" .locked false
check "retension: it winds, and is at the beginning" moves 5 0 retension
for word in offline rewoffl eject; do
	check "$word" from 5 $word
	check "$word: the tape lies in the mouth" drive_is "$drive" .state unloaded
	check "$word: the host sees no tape" status_has 'DR_OPEN'
	# An open(2) that may block waits two minutes for a tape.
	check "$word: nothing can be read" fails_with 'No medium found' get nothing iflag=nonblock bs=64k count=1
	check "$word: load draws it in" verb load
	# st does not know where a tape is that it has loaded itself.
	check "$word: it is at the beginning" sh -c "mt -f $tape tell | grep -qx 'At block 0.' && mt -f $tape rewind"
	check "$word: the host sees it" status_has ONLINE BOT
done
check "what was written is there" sh -c "dd if=$tape bs=64k status=none | cmp - $scratch/verbs"
