# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Blocks of every length, written by dd and read back; filemarks; reading too much and too little.

# round_trip BYTES BS [DD-OPTION...]: written and read in blocks of that length, and the same
round_trip() {
	data written "$1" && rewind && put written bs="$2" "${@:3}" && rewind &&
		get read bs="$2" && same written read
}

check "512 bytes" round_trip $((512 * 200)) 512
check "which are as many objects" drive_at end 201
check "64 KiB" round_trip $((65536 * 100)) 64k
check "256 KiB" round_trip $((262144 * 40)) 256k
check "1 MiB" round_trip $((1048576 * 12)) 1M
check "an odd number" round_trip $((9973 * 50)) 9973
check "one byte" round_trip 20 1
check "each is a block" drive_at end 21
check "synchronous, each flushed by the drive" sh -c "mt -f $tape drvbuffer 0"
check "are as right" round_trip $((65536 * 20)) 64k
mt -f "$tape" drvbuffer 1

check "fixed blocks of 512" mt -f "$tape" setblk 512
check "many of them a command" round_trip $((512 * 3000)) 64k
check "are as many objects" drive_at end 3001
check "fixed blocks of 64 KiB" mt -f "$tape" setblk 65536
check "many of them a command" round_trip $((65536 * 64)) 1M
check "a length that is no multiple" fails_with 'Invalid argument' put written bs=1000 count=1
check "read as blocks of another length" mt -f "$tape" setblk 32768
rewind
check "is an error" fails_with 'Input/output error' get nothing bs=32k count=1
mt -f "$tape" setblk 0

data long 196608
rewind
put long bs=192k
rewind
check "a shorter block than asked for comes whole" get short bs=256k count=1
check "it is as long as it is" size_is short 196608
check "it is right" same short long
rewind
check "a longer block than asked for is refused" fails_with 'Cannot allocate memory' \
	get nothing bs=64k count=1
check "the tape is behind it" at_object 1
check "without sense, when the host wants none" mt -f "$tape" stsetoptions sili
rewind
check "a shorter block, by its residual alone" get short bs=256k count=1
check "it is as long as it is" size_is short 196608
check "it is right" same short long
mt -f "$tape" stclearoptions sili

rewind
data first 300000
data second 65536
put first bs=50000
put second bs=64k
mt -f "$tape" weof 1
rewind
check "a filemark ends a file" get one bs=64k
check "the file is right" same one first
check "so is the next" get two bs=64k
check "it is right" same two second
check "an empty file" get three bs=64k
check "has nothing" size_is three 0
check "at the end of data there is nothing" get four bs=64k
check "of no bytes" size_is four 0
check "more is an error" fails_with 'Input/output error' sh -c \
	"dd if=$tape of=/dev/null bs=64k status=none && dd if=$tape of=/dev/null bs=64k status=none"

# What is written in the middle ends there.
mt -f "$tape" asf 1
put second bs=32k
check "writing in the middle is the new end" drive_at end 10
mt -f "$tape" asf 1
check "what was written is there" get two bs=64k
check "it is right" same two second
rewind
check "what is before it, too" get one bs=64k
check "it is right" same one first
check "the device that rewinds when it is closed" sh -c "dd if=$rewinding of=/dev/null bs=64k count=1 status=none"
check "has rewound" at_object 0
