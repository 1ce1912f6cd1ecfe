# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Bacula fills a tape, asks for the next, and reads both back.

# The first must hold more than the ten thousand records, 330 MB, that btape reads before it goes to the
# last block.
mapfile -t small < <(tapes_made BTP 2 450000000)
btape_configure 64512

# asked TEXT TIMES: it has asked for a tape in these words, so often
asked() {
	[ "$(grep -o -- "$1" "$scratch/btape" | wc -l)" -ge "$2" ]
}

# btape_waits TEXT TIMES TAPE: when it has asked it gets that tape
btape_waits() {
	wait_until 600 asked "$1" "$2" || {
		echo "it does not ask: $1"
		return 1
	}
	carousel load "$3" "$drive" --replace && echo >&8
}

# Unbuffered, or some of what it asks is not seen before it ends.
filled_by_btape() {
	timeout 1200 stdbuf -o0 btape -c "$btape_configuration" "$tape" <"$scratch/answers" >"$scratch/btape" 2>&1
}

# The complete test: one tape to its early warning, a thousand blocks on the next, both read back.
btape_fill() {
	local status
	mkfifo "$scratch/answers" && carousel load "${small[0]}" "$drive" --replace || return
	background filler filled_by_btape
	exec 8>"$scratch/answers"
	printf 'fill\nm\n' >&8
	btape_waits 'Mount blank Volume' 1 "${small[0]}" &&
		btape_waits 'Mount blank Volume' 2 "${small[1]}" &&
		btape_waits 'Mount first tape' 1 "${small[0]}" &&
		btape_waits 'Mount second' 1 "${small[1]}" &&
		wait_until 600 grep -q 'second tape matches' "$scratch/btape"
	status=$?
	echo quit >&8
	exec 8>&-
	ended filler 300
	rm "$scratch/answers"
	btape_ends && [ $status = 0 ]
}

check "btape fill: a tape to its end, then another, both read back" btape_fill
cp "$scratch/btape" "$GUEST_OUT/btape-fill-$via"
