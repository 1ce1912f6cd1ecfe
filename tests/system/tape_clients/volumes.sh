# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# An archive over several tapes: tar writes until early warning, and a script changes the tape.

tree=$(make_tree "$via-large" 100000)
mapfile -t volumes < <(tapes_made VOL 2 100000000)

# What `tar -F` runs at the end of a volume, with $TAR_VOLUME as the number of the next.
cat >"$scratch/change-volume" <<-SCRIPT
	#!/bin/bash
	set -- ${volumes[*]}
	shift \$((TAR_VOLUME - 1))
	"$carousel_program" trace $drive -n 8 -o json >>"$scratch/ends"
	mt -f $tape offline && "$carousel_program" load "\$1" $drive --replace >>"$scratch/changes" 2>&1
SCRIPT
sed -i 's/^\t//' "$scratch/change-volume"
chmod +x "$scratch/change-volume"

several_volumes() { # TAR-OPTION...
	carousel load "${volumes[0]}" "$drive" --replace && : >"$scratch/changes" && : >"$scratch/ends" &&
		tar -M -F "$scratch/change-volume" -f "$tape" -b 128 "$@"
}

# What the drive said last, before the script changed the tape.
warned_early() {
	jq -e '.[] | select(.sense != null) | .sense | select(.key == 0 and .asc == 0 and .ascq == 2)' "$scratch/ends"
}

never_overflowed() {
	[ -s "$scratch/ends" ] && refused grep -q '"key": *13' "$scratch/ends"
}

check "two tapes of 100 MB" test ${#volumes[@]} = 2
check "tar: 100 MB of data" several_volumes -c -C "$tree" .
check "tar: early warning ended a volume" warned_early
check "tar: the changer loaded the other" test "$(grep -c holds "$scratch/changes")" = 1
check "tar: not a volume overflow" never_overflowed
mkdir -p "$scratch/extracted"
check "tar: extracted from both" several_volumes -x -C "$scratch/extracted"
check "tar: right" diff -r "$tree" "$scratch/extracted"
rm -rf "$scratch/extracted" "$tree"

# Written to its very end: what early warning leaves is room for labels, and then there is none.
carousel load "${volumes[0]}" "$drive" --replace
mark=$(trace_mark "$drive")
check "a tape is filled to its end" sh -c "mt -f $tape rewind; $blocks make 0 100000 65536 |
	dd of=$tape bs=64k iflag=fullblock 2>$scratch/dd || grep 'No space left' $scratch/dd"
written=$(sed -n 's/+.*out$//p' "$scratch/dd")
check "dd was stopped by early warning, a quarter before the end" \
	test "$written" -gt 1100 -a "$written" -lt 1200
# Behind early warning st fails every other write(2), which then was not tried, for a program to see
# that the end is near. Three failures in a row are the end.
more_until_full() {
	local more
	more=$(python3 - "$tape" <<-'PY'
		import os, sys
		tape = os.open(sys.argv[1], os.O_WRONLY)
		written = failed = 0
		while failed < 3 and written < 500:
		    try:
		        os.write(tape, os.urandom(65536))
		        written, failed = written + 1, 0
		    except OSError:
		        failed += 1
		print(written)
	PY
	)
	echo "$more blocks more"
	[ "$more" -gt 300 ] && [ "$more" -lt 400 ]
}
mt -f "$tape" eod
check "what comes behind it fits, until it does not" more_until_full
check "then it is a volume overflow" test "$(trace_count "$drive" "$mark" d/00/02)" -gt 0
rewind
check "every block that was written is there" sh -c "dd if=$tape bs=64k status=none | $blocks check 0 65536"
