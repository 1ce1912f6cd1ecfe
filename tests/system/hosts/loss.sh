# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A host is lost without a logout: killed, vanished, cut off, or with a command in flight. What it
# held is dropped when the kernel notices; others hear nothing of it, and are let in.

prevent=1e0000000100 reserve=160000000000 eject=1b0000000200
here_portal=127.0.0.1:$lio_port

holds_nothing() { # HOST
	refused locks_it "$1@lio" && refused reserves_it "$1@lio" && refused has_session "$1" lio
}

everybody_hears_nothing() { # MOMENT
	hears_nothing "$1" "$initiators:host-a@lio" "$a" && hears_nothing "$1" "$initiators:host-b@lio" "$b" &&
		others_hear_nothing "$1"
}

check "an export" export_add lio dvd0 host-a host-b lost
check "host-a and host-b log in" hosts_come lio
name_devices lio
for each in "$a" "$b"; do calm "$each"; done

check "a third locks and reserves" hold lost $here_portal lio 3 $prevent $reserve
check "the operator sees the lock" locks_it lost@lio
check "and the reservation" reserves_it lost@lio
check "host-a does not read" conflicts read_one "$a"
check "nor does host-p" conflicts read_one "$portal_device"
mark=$(moment)
check "it is killed" lose lost
lost_at=$SECONDS
check "what it held is free" wait_until 60 holds_nothing lost
note "after $((SECONDS - lost_at)) s"
check "host-a reads" read_one "$a"
check "host-b locks and unlocks" sh -c "sg_prevent --prevent=1 $b && sg_prevent --allow $b"
check "nobody was told anything" everybody_hears_nothing "$mark"
check "it comes again" hold lost $here_portal lio 3 $prevent
check "and locks again" locks_it lost@lio
lose lost
check "and is lost again" wait_until 60 holds_nothing lost

before=(ip netns exec peer)
check "one from elsewhere locks and reserves" hold lost "$near_address:$lio_port" lio 4 $prevent $reserve
before=()
check "its address is listed" wait_until 60 shows 10.9.0.2 -- carousel session ls lio
check "the operator sees the lock" locks_it lost@lio
check "and the reservation" reserves_it lost@lio
mark=$(moment)
check "its cable is pulled out" ip -n peer link set far down
lost_at=$SECONDS
# Less than the 45 s that the kernel takes when nobody has told it to look more often.
check "what it held is free" wait_until 40 holds_nothing lost
note "after $((SECONDS - lost_at)) s"
check "host-a reads" read_one "$a"
check "nobody was told anything" everybody_hears_nothing "$mark"
end_holders
ip -n peer link set far up

start_reader "$a" "$pool/alpha.iso"
check "host-a reads on and on" rounds 1
check "host-b locks" sg_prevent --prevent=1 "$b"
mark=$(moment)
check "the operator sees the lock" locks_it host-b@lio
check "host-b is cut off" cut_off lio host-b
check "its lock goes" wait_until 60 refused locks_it host-b@lio
back() { sg_turs "$b"; }
check "host-b is back by itself" wait_until 60 back
check "host-b reads" device_equals "$b" "$pool/alpha.iso"
check "host-a reads on" rounds 1
stop_reader
check "and saw no error and no wrong byte" all_right
check "nobody was told anything, host-b neither" everybody_hears_nothing "$mark"

# The catalog does not answer while its disk is frozen, so the command stays in flight.
in_flight() {
	fsfreeze -f $scratch && hold_frozen lost $here_portal lio 5 "+$eject"
}
hold_frozen() { # as hold, but what it says is not on the disk
	"$lost_host" "$initiators:$1" "$2" "$prefix:$3" "${@:4}" >/run/holder-frozen 2>&1 &
	echo $! >/run/pid-frozen
	disown
	wait_until 60 grep -q '^ready' /run/holder-frozen
}
check "it ejects, and the catalog's disk does not answer" in_flight
sleep 1
kill -KILL "$(cat /run/pid-frozen)"
lost_at=$SECONDS
check "killed, it is let in again with the same ISID" hold_frozen lost $here_portal lio 5
let_in=$((SECONDS - lost_at))
check "host-a is answered meanwhile" sg_inq "$a"
kill -KILL "$(cat /run/pid-frozen)"
check "the disk answers again" fsfreeze -u $scratch
note "let in after $let_in s"
check "which did not take long" test $let_in -le 12
check "no login had to wait" refused sh -c "dmesg | grep 'iSCSI Login timeout'"
check "the disc lies in the drive" carousel load alpha dvd0 --replace --force
check "all read it" wait_until 60 device_equals "$a" "$pool/alpha.iso"
check "host-p, too" wait_until 60 device_equals "$portal_device" "$pool/alpha.iso"
check "the export goes" forget_export lio
