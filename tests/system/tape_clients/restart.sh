# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The daemon is stopped as an operator stops it, and started again, while a host writes a tape: it is
# told nothing and goes on, over loopback and through the portal.

# back: the host can reach the drive again
back() {
	[ "$via" = loopback ] || wait_until 60 recovered
}

restarted() {
	stop_daemon && start_daemon && back
}

# Forty numbered blocks, and forty more when $scratch/go is there; the tape stays open.
write_with_a_pause() {
	{
		"$blocks" make 0 40 65536
		wait_for "$scratch/go" 600
		"$blocks" make 40 40 65536
	} | dd of="$tape" bs=64k iflag=fullblock status=none
}

holds() { # COUNT: numbered blocks in a file from the beginning
	local said
	rewind
	said=$(dd if="$tape" bs=64k status=none | "$blocks" check 0 65536)
	echo "$said"
	[ "$said" = "$1" ]
}

at_least() { # OBJECTS
	[ "$(drive_get "$drive" .tape.position)" -ge "$1" ]
}

rm -f "$scratch/go"
background writer write_with_a_pause
check "a host writes" wait_until 60 at_least 40
check "the daemon is stopped and started" restarted
check "the tape stands where it stood" drive_at position 40
touch "$scratch/go"
check "the host writes on with the same open file" ended writer 300
check "and sees no error" test ! -s "$scratch/writer.said"
check "nobody was told anything" senses 0 ''
check "every block is there, once" holds 80
mt -f "$tape" seek 33
check "closed: the daemon is stopped and started" restarted
check "closed: the tape stands where it stood" at_object 33
check "closed: and is the tape that it was" holds 80

tree=$(make_tree restart 30000)
rewind
background tar tar -cf "$tape" -b 128 -C "$tree" .
wait_until 60 at_least 3
check "under tar: the daemon is stopped and started" restarted
went_on() {
	ended tar 300 && test ! -s "$scratch/tar.said" && rewind && tar -df "$tape" -b 128 -C "$tree"
}

# When the filemark could not be written either, there is end of data behind the last block, and st
# says EIO to who reads on.
read_to_its_end() { # FILE
	dd if="$tape" bs=64k status=none of="$1" ||
		carousel trace "$drive" -n 1 | grep 'CHECK 08/00/05'
}

# A WRITE that is on its way when the session is closed has no answer, and st does not repeat it: tar is
# told, and no block of its archive is there twice or missing in between.
was_told() {
	local bytes
	grep -q 'Input/output error' "$scratch/tar.said" || return
	rewind || rewind || return
	read_to_its_end "$scratch/begun" || return
	bytes=$(stat -c %s "$scratch/begun")
	[ "$bytes" -ge 196608 ] && tar -cf - -b 128 -C "$tree" . | cmp -n "$bytes" - "$scratch/begun"
}

went_on_or_was_told() {
	went_on || was_told
}

if [ "$via" = loopback ]; then
	check "under tar: it goes on to its end, and the archive is right" went_on
	check "nobody was told anything" senses 0 ''
else
	check "under tar: it goes on to its end, or is told that it does not" went_on_or_was_told
fi
rm -rf "$tree"
check "the same tape is in the drive" drive_is "$drive" .medium.id "$cartridge"
check "nobody is stuck" nobody_is_stuck
