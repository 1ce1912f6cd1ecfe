# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Bacula's own tests of a tape drive: its blocks are small here, for it writes and reads tens of
# thousands of them.

btape_configure 8192

btape_test() {
	printf '%s\n' test quit | timeout 900 btape -c "$btape_configuration" "$tape" >"$scratch/btape" 2>&1
	btape_ends && shows 'End Write, rewind, and re-read test' 'Total files=4, blocks=7, bytes = 56,896' \
		'Block re-read correct. Test succeeded!' 'End Forward space files test' -- cat "$scratch/btape" &&
		test "$(grep -c 'This is correct!' "$scratch/btape")" = 6
}

check "btape test: write, re-read, position, append, space over files" btape_test
cp "$scratch/btape" "$GUEST_OUT/btape-test-$via"
