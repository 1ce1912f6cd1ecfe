# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The daemon is killed again and again while dd writes numbered blocks. Each dd ends with an error; what
# it was told is written is on the tape, once, in order, and at most the block in flight besides.

KILLS=${KILLS:-4} # more on demand
acknowledged=0 # by all of them
on_tape=0

back() {
	[ "$via" = loopback ] || wait_until 60 recovered
}

writing() { # it has written some of this round
	local now
	now=$(drive_get "$drive" '.tape.position')
	[ "$now" -ge $((on_tape + 5 + RANDOM % 20)) ]
}

# numbered_dd FIRST: its status is dd's. The subshell has the tape open for longer than dd, which would
# not tell how much it wrote when close(2) fails.
numbered_dd() {
	"$blocks" make "$1" 1000000 65536 2>/dev/null | (
		dd bs=64k iflag=fullblock
		exit $?
	) >"$tape"
}

records_out() {
	sed -n 's/^\([0-9]*\)+0 records out$/\1/p' "$scratch/dd.said"
}

# One round; it says what is wrong, if anything is.
kill_under_dd() {
	local written found
	rewind || rewind || return
	[ $on_tape = 0 ] || mt -f "$tape" seek $on_tape || return
	background dd numbered_dd $on_tape
	wait_until 60 writing || {
		echo "dd does not write"
		return 1
	}
	kill_daemon
	start_daemon && back || return
	fails_with 'Input/output error' ended dd 300 || return
	written=$(records_out)
	[ -n "$written" ] || return
	acknowledged=$((on_tape + written))
	rewind || rewind || return
	[ $on_tape = 0 ] || mt -f "$tape" seek $on_tape || return
	found=$(dd if="$tape" bs=64k status=none | "$blocks" check $on_tape 65536) || {
		echo "$found"
		return 1
	}
	echo "acknowledged up to $acknowledged, found up to $((on_tape + found))"
	[ $((on_tape + found)) -ge $acknowledged ] && [ $((on_tape + found)) -le $((acknowledged + 1)) ] || return
	on_tape=$((on_tape + found))
}

# Not in a subshell: it counts.
rounds_of_kills() {
	local round
	for round in $(seq $KILLS); do
		kill_under_dd >"$scratch/round" 2>&1 || {
			echo "round $round"
			cat "$scratch/round"
			return 1
		}
	done
}
rounds_of_kills >"$scratch/kills" 2>&1
killed=$?
check "killed $KILLS times under dd: each dd failed, each acknowledged block is there once" \
	sh -c "cat $scratch/kills; exit $killed"
note "$on_tape blocks of 64 KiB"
all_there() {
	rewind
	shows "^$on_tape\$" -- sh -c "dd if=$tape bs=64k status=none | $blocks check 0 65536"
}
check "all of them are there, from the first to the last" all_there
check "the drive knows of nothing damaged" drive_at damaged false
check "it can be written on" sh -c "mt -f $tape eod && mt -f $tape weof"
check "the tape is ejected" carousel eject "$drive"
check "nothing is wrong with it" carousel tape verify "$state/tapes/${cartridge^^}.tape"
check "nor with how it hangs together" carousel tape fsck "$state/tapes/${cartridge^^}.tape"
check "nobody is stuck" nobody_is_stuck
