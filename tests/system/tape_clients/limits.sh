# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# How long a block may be: 1 MiB over loopback, for so much the kernel takes of scattered memory; 8 MiB
# through the portal, as the drive's, of which st's own buffers let through what they can.

block_limits() { # MAXIMUM
	shows "Maximum block size: $1 byte" 'Minimum block size: 1 byte' -- sg_read_block_limits "$generic"
}

block_of() { # MIB
	data block $(($1 * 1048576)) && rewind && put block bs="$1M" && rewind &&
		get again bs="$1M" && same block again && drive_at end 2
}

case $via in
loopback)
	check "READ BLOCK LIMITS: up to 1 MiB" block_limits 1048576
	check "1 MiB" block_of 1
	data block 2097152
	rewind
	mark=$(trace_mark "$drive")
	check "2 MiB are refused" fails_with 'Invalid argument' put block bs=2M
	check "by st itself, which has asked for the limits" senses "$mark" ''
	check "and nothing is written" at_object 0
	check "what was on the tape is there" drive_at end 2
	mark=$(trace_mark "$drive")
	# WRITE(6) of 1 MiB and a byte, whose data would not fit.
	check "a byte more than the limit is refused by the drive" says 'Illegal request|Invalid field' -- \
		sg_raw -s 1024 -i "$scratch/block" "$generic" 0a 00 10 00 01 00
	check "as a field of the CDB that is not so" senses "$mark" 5/24/00
	;;
portal)
	check "READ BLOCK LIMITS: up to 8 MiB" block_limits 8388608
	check "1 MiB" block_of 1
	check "2 MiB" block_of 2
	check "4 MiB" block_of 4
	data block 16777216
	rewind
	check "16 MiB are refused" fails_with 'Invalid argument' put block bs=16M
	;;
esac
