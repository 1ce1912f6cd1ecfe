# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Commands that a drive refuses, each with the sense a real drive gives.

# sense_is KEY/ASC/ASCQ CDB...: what the drive answered, as its recorder has it
sense_is() {
	local wanted=$1 output
	shift
	output=$(sg_raw -r 4096 "$sg" "$@" 2>&1)
	trace_json dvd0 8 | jq -r '.[] | "\(.cdb) \(.sense.key) \(.sense.asc) \(.sense.ascq)"' |
		grep -qx "$* $(printf '%d %d %d' "0x${wanted:0:1}" "0x${wanted:2:2}" "0x${wanted:5:2}")" || {
		echo "$output"
		trace_json dvd0 2 | jq -c '.[]'
		return 1
	}
}

# read_10 LBA BLOCKS: the CDB
read_10() {
	printf '28 00 %02x %02x %02x %02x 00 %02x %02x 00' $(($1 >> 24)) $(($1 >> 16 & 255)) \
		$(($1 >> 8 & 255)) $(($1 & 255)) $(($2 >> 8)) $(($2 & 255))
}

check "a daemon for refusals" fresh_daemon dvd0
device=$(drive_device dvd0)
sg=$(drive_sg dvd0)
check "a disc is loaded" carousel load alpha dvd0
check "the host sees it" wait_until 60 udev_label_is "$device" ALPHA
udevadm settle
echo 0 >"/sys/block/${device#/dev/}/events_poll_msecs"
blocks=$(($(stat -c %s "$pool/alpha.iso") / 2048))

check "READ(6) is no command of a drive" sense_is 5/20/00 08 00 00 00 01 00
check "READ(16) is no command of a drive" \
	sense_is 5/20/00 88 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00
check "REPORT SUPPORTED OPERATION CODES is none: A3h is SEND KEY, which has no such field" \
	sense_is 5/24/00 a3 0c 00 00 00 00 00 00 10 00 00 00
check "LOAD/UNLOAD MEDIUM is no command of this drive" sense_is 5/20/00 a6 00 00 00 00 00 00 00 00 00 00 00
check "WRITE(10) is no command of this drive" sense_is 5/20/00 2a 00 00 00 00 00 00 00 00 00
check "an unknown command" sense_is 5/20/00 ec 00 00 00 00 00 00 00 00 00
check "sg_raw itself names the refusal" says 'Invalid command operation code' -- \
	sg_raw -r 2048 "$sg" 08 00 00 00 01 00
check "a reserved bit in the CDB" sense_is 5/24/00 00 00 01 00 00 00
check "an unknown VPD page" sense_is 5/24/00 12 01 b0 00 ff 00
check "an unknown mode page" sense_is 5/24/00 5a 00 30 00 00 00 00 00 ff 00
# shellcheck disable=SC2046 # a CDB is many words
{
	check "the last block can be read" sg_raw -r 2048 "$sg" $(read_10 $((blocks - 1)) 1)
	check "a read of no blocks at the end is no error" sg_raw "$sg" $(read_10 $blocks 0)
	check "a read past the end" sense_is 5/21/00 $(read_10 $blocks 1)
	check "a read across the end" sense_is 5/21/00 $(read_10 $((blocks - 1)) 2)
	check "a read far past the end" sense_is 5/21/00 $(read_10 $((0xffffffff)) 1)
	check "a read whose end wraps" sense_is 5/21/00 $(read_10 $((0xfffffff0)) 32)
}
check "sg_dd past the end fails and says why" says 'out of range|Illegal Request' -- \
	sg_dd "if=$sg" of=/dev/null bs=2048 "skip=$blocks" count=1 blk_sgio=1 verbose=2
check "allocation length 0 is no error" sg_raw "$sg" 12 00 00 00 00 00
check "allocation length 1 gives one byte" shows 'Received 1 bytes' -- sg_raw -r 1 "$sg" 12 00 00 00 01 00
check "a short allocation length gives that much" shows 'Received 7 bytes' -- \
	sg_raw -r 7 "$sg" 46 00 00 00 00 00 00 00 07 00
check "a buffer larger than the answer gets the answer only" shows 'Received 96 bytes' -- \
	sg_raw -r 255 "$sg" 12 00 00 00 ff 00
check "a buffer smaller than the CDB says does no harm" sh -c "sg_raw -r 512 $sg 28 00 00 00 00 10 00 00 01 00; true"
check "a buffer where the CDB has none does no harm" sh -c "sg_raw -r 512 $sg 00 00 00 00 00 00; true"
check "the disc can be read as before" device_equals "$device" "$pool/alpha.iso"
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" end_daemon
