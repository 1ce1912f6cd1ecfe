# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Bacula's own tests of a tape drive: its blocks are small here, for it writes and reads tens of
# thousands of them.

mapfile -t small < <(tapes_made "B${via:0:2}" 2 40000000)
btape_configuration=$scratch/bacula-sd.conf
cat >"$btape_configuration" <<-CONF
	Storage {
	  Name = test
	  Working Directory = $scratch
	  Pid Directory = $scratch
	}
	Director {
	  Name = test
	  Password = none
	}
	Device {
	  Name = drive
	  Media Type = LTO-8
	  Archive Device = $tape
	  Device Type = Tape
	  Automatic Mount = yes
	  Always Open = yes
	  Removable Media = yes
	  Random Access = no
	  Maximum Block Size = 8192
	}
	Messages {
	  Name = Standard
	  Director = test = all
	}
CONF

btape_ends() {
	tail -n 40 "$scratch/btape"
	! grep -E 'ERR=|[Ff]ailed|FAILED|failure|Fatal|NOT correct' "$scratch/btape"
}

btape_test() {
	printf '%s\n' test quit | timeout 240 btape -c "$btape_configuration" "$tape" >"$scratch/btape" 2>&1
	btape_ends && shows 'End Write, rewind, and re-read test' 'Total files=4, blocks=7, bytes = 56,896' \
		'Block re-read correct. Test succeeded!' 'End Forward space files test' -- cat "$scratch/btape" &&
		test "$(grep -c 'This is correct!' "$scratch/btape")" = 5
}

# asked TEXT TIMES: it has asked for a tape in these words, so often
asked() {
	[ "$(grep -o -- "$1" "$scratch/btape" | wc -l)" -ge "$2" ]
}

# btape_waits TEXT TIMES TAPE: when it has asked it gets that tape
btape_waits() {
	wait_until 240 asked "$1" "$2" || {
		echo "it does not ask: $1"
		return 1
	}
	carousel load "$3" "$drive" --replace && echo >&8
}

filled_by_btape() {
	timeout 400 btape -c "$btape_configuration" "$tape" <"$scratch/answers" >"$scratch/btape" 2>&1
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
		wait_until 120 grep -q 'second tape matches' "$scratch/btape"
	status=$?
	echo quit >&8
	exec 8>&-
	ended filler 60 || return
	rm "$scratch/answers"
	btape_ends && [ $status = 0 ]
}

check "btape test: write, re-read, position, append, space over files" btape_test
cp "$scratch/btape" "$GUEST_OUT/btape-test-$via"
check "btape fill: a tape to its end, then another, both read back" btape_fill
cp "$scratch/btape" "$GUEST_OUT/btape-fill-$via"
