# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Amanda measures a tape: how much it takes until early warning, and what a filemark costs.

mapfile -t measured < <(tapes_made AMA 1 150000000)
check "a tape of 150 MB" carousel load "${measured[0]}" "$drive" --replace

# It writes for a minute to find out whether the drive compresses: more than there is.
sed 's/check_time = 60;/check_time = 1;/' /usr/sbin/amtapetype >"$scratch/amtapetype"
measure() {
	timeout 900 perl "$scratch/amtapetype" -f -b 65536 -t measured "tape:$tape" >"$scratch/measured" 2>&1
	local status=$?
	tr '\r' '\n' <"$scratch/measured" | grep -v '^ *\(File .*\)\?$'
	return $status
}

# To early warning, which is a quarter before the end of so small a tape; in units of 1024 bytes.
check "amtapetype: its length" shows '^define tapetype measured' '^ +length 1(09|10)[0-9]{3} kbytes' -- measure
check "amtapetype: a filemark takes nothing to speak of" grep -qE '^ +filemark [0-9]{1,2} kbytes' "$scratch/measured"
