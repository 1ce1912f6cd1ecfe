# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The tools that people and other programs ask a drive with, and what they make of this one.

# answers TEXT... -- COMMAND...: it succeeds, prints each, and complains of nothing
answers() {
	shows "$@" >"$scratch/said"
	local status=$?
	cat "$scratch/said"
	[ $status = 0 ] && ! grep -iE 'malformed|too short|truncated|unexpected|illegal|aborted' "$scratch/said"
}

serial=$(drive_get "$drive" .serial)
data tools 1048576
put tools bs=64k

check "sg_turs" sg_turs "$generic"
check "sg_requests: nothing to say" answers -- sg_requests "$generic"
check "sg_inq: who it is" answers 'Vendor identification: CAROUSEL' \
	'Product identification: ULTRIUM-TD8' 'RMB=1' 'PDT=1|tape' "Unit serial number: $serial" -- \
	sg_inq "$generic"
check "sg_vpd: the pages it has" answers 'Unit serial number' 'Device identification' \
	'Sequential access device capabilities|0xb0' -- sg_vpd "$generic"
for code in $(sg_vpd --page=0 --raw "$generic" | od -An -tu1 -j4 -v | xargs); do
	check "sg_vpd: page $(printf %02Xh "$code")" answers -- sg_vpd --page="$code" "$generic"
done
check "sg_vpd 80h: its serial number" answers "$serial" -- sg_vpd --page=0x80 "$generic"
check "sg_vpd 83h: its names" answers 'T10 vendor id' "$serial" 'NAA' -- sg_vpd --page=0x83 "$generic"
check "sg_vpd: a page that it does not have" says 'failed' -- \
	sg_vpd --page=0xb5 "$generic"
check "sg_logs -a: every page" answers 'Write error counter' 'Read error counter' \
	'Sequential access device' 'Tape alert' -- sg_logs -a "$generic"
check "sg_logs: the list, and with subpages" answers '0x2e' -- sg_logs -x "$generic"
check "sg_logs 02h: what the host wrote" shows 'Total bytes processed = [1-9][0-9]{6}' -- \
	sg_logs --page=2 "$generic"
check "sg_logs 0Ch: how much tape there is, and how much is used" shows 'BOP to EOD: 1 MB' \
	'BOP to EW of current partition: 9900 MB' 'EW to EOP of current partition: 100 MB' \
	'BOP to current position: 1 MB' -- sg_logs --page=0xc "$generic"
check "sg_read_attr: the MAM" answers 'Remaining capacity in partition' 'Maximum capacity in partition' \
	'Load count' 'Medium type' -- sg_read_attr "$generic"
check "sg_opcodes: the commands" answers 'Rewind' 'Write filemarks' 'Locate' 'Read position' \
	'Report density support' -- sg_opcodes "$generic"
check "sg_opcodes: with timeouts" answers 'Rewind|REWIND' '600' -- sg_opcodes --rctd "$generic"
check "sg_opcodes: of one command" answers 'CDB usage data|Usage data|is supported' -- \
	sg_opcodes --opcode=0x0a "$generic"
check "sg_opcodes: task management" answers 'Abort' -- sg_opcodes --tmf "$generic"
check "sg_modes -a: every page" answers 'Read-Write error recovery' 'Disconnect' 'Control' \
	'Data [Cc]ompression' 'Device [Cc]onfiguration' 'Informational exceptions' -- sg_modes -a "$generic"
check "sg_modes -6: likewise in six bytes" answers 'Mode data length' -- sg_modes -6 -a "$generic"
check "sg_read_block_limits" answers 'Minimum block size: 1 byte' -- sg_read_block_limits "$generic"
check "sg_timestamp: the drive's" answers -- sg_timestamp "$generic"
check "sg_timestamp: set" sg_timestamp --milliseconds=1700000000000 "$generic"
check "sg_timestamp: as it was set" shows '17000000[0-9]{5}' -- sg_timestamp "$generic"
check "sg_luns" answers 'Lun list length' -- sg_luns "$generic"
# Of the page of the medium (1Dh) there are no saved values; sdparm ends with status 5 for that.
check "sdparm -a: every field of every page" shows 'RRC +8' 'D_SENSE +0' 'DCE +1' 'DDE +1' 'SEW +1' \
	'PEWS +0' 'DEXCPT +1' 'MRIE +3' 'WORMM +0' -- sh -c "sdparm -a $generic || [ \$? = 5 ]"
check "sdparm: inquiry" answers 'CAROUSEL' -- sdparm -i "$generic"
check "tapeinfo: all of it" answers "Product Type: Tape Drive" "Vendor ID: 'CAROUSEL'" \
	"SerialNumber: '$serial'" 'MinBlock: 1' 'Medium Type: 0x88' 'Density Code: 0x5e' \
	'DataCompEnabled: yes' 'DataCompCapable: yes' -- tapeinfo -f "$generic"
check "tapeinfo: no alert" refused shows 'TapeAlert' -- tapeinfo -f "$generic"
check "loaderinfo: it is no changer" shows 'Attached Changer: No' 'Storage Elements: 0' \
	'Data Transfer Elements: 0' -- loaderinfo -f "$generic"
check "mtx: it is no changer" says -- mtx -f "$generic" status

# The reset is told to st by the kernel; the drive does not move (SAM-5 6.3.3).
mt -f "$tape" seek 5
check "sg_reset: the unit" sg_reset -d "$generic"
check "the tape has not moved" drive_at position 5
check "it can be rewound" rewind
check "the tape is as it was" sh -c "dd if=$tape bs=64k status=none | cmp - $scratch/tools"
