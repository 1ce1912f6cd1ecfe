# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Amanda measures a tape: what it holds, what a filemark costs, what early warning means.

mapfile -t small < <(tapes_made "A${via:0:2}" 1 40000000)
carousel load "${small[0]}" "$drive" --replace
mkdir -p /etc/amanda /var/log/amanda /var/lib/amanda
measured() {
	timeout 200 amtapetype -f -b 65536 -t measured "tape:$tape" >"$scratch/amtapetype" 2>&1
	local status=$?
	cat "$scratch/amtapetype"
	return $status
}
check "amtapetype" measured
cp "$scratch/amtapetype" "$GUEST_OUT/amtapetype-$via" 2>/dev/null
