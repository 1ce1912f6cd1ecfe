# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The daemon is stopped as an operator stops it, and started again, while a host writes a tape.

# back: the host can reach the drive again
back() {
	[ "$via" = loopback ] || wait_until 60 recovered
}

restarted() {
	stop_daemon && start_daemon && back
}

write_numbered() { # FIRST COUNT: to the open file 9
	"$blocks" make "$1" "$2" 65536 | dd bs=64k iflag=fullblock status=none >&9
}

holds() { # COUNT: all of them, from the beginning
	local said
	rewind || rewind
	said=$(dd if="$tape" bs=64k status=none | "$blocks" check 0 65536)
	echo "$said"
	[ "$said" = "$1" ]
}

drive_at_least() { # OBJECTS
	[ "$(drive_get "$drive" .tape.position)" -ge "$1" ]
}

exec 9>"$tape"
check "a host writes" write_numbered 0 40
mark=$(trace_mark "$drive")
check "the daemon is stopped and started" restarted
case $via in
loopback)
	check "the host writes on, as if nothing had been" write_numbered 40 40
	check "with the file still open" drive_at position 80
	exec 9>&-
	check "nobody was told anything" no_unit_attention "$drive" 0
	check "every block is there, once" holds 80
	check "closed: the tape stands where it stood" mt -f "$tape" seek 33
	check "the daemon is stopped and started" restarted
	check "at that block" at_object 33

	tree=$(make_tree restart 20000)
	rewind
	tar -cf "$tape" -b 128 -C "$tree" . 2>"$scratch/tar" &
	archiver=$!
	wait_until 20 drive_at_least 3
	check "tar under way: the daemon is stopped and started" restarted
	check "tar goes on to its end" wait $archiver
	check "tar complains of nothing" test ! -s "$scratch/tar"
	rewind
	check "the archive is right" tar -df "$tape" -b 128 -C "$tree"
	rm -rf "$tree"
	;;
portal)
	# The connection is another one: the host is told that there was a loss of its nexus (29h/07h),
	# and st lets nobody write before it is known again where the tape is.
	check "the host is told, and its next write fails" fails_with 'Input/output error' write_numbered 40 1
	exec 9>&-
	check "what was written is there, once" holds 40
	check "it goes on behind it" sh -c "mt -f $tape eod && mt -f $tape bsf && mt -f $tape tell"
	;;
esac
check "the same tape is in the drive" drive_is "$drive" .medium.id "$cartridge"
check "nobody is stuck" nobody_is_stuck
