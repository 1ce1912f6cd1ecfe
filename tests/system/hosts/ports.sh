# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Initiator ports: two hosts with one ISID, one host that comes twice, and persistent reservations
# between this machine, the portal and the kernel's iSCSI.

isid_of() { # HOST
	api GET /api/v1/sessions | jq -r ".items[] | select(.initiator == \"$initiators:$1\") | .isid"
}

same_isid() {
	local first second
	first=$(isid_of twin-1)
	second=$(isid_of twin-2)
	echo "$first $second"
	[ -n "$first" ] && [ "$first" = "$second" ]
}

twins=127.0.0.1:$lio_port
check "an export for twins" export_add twins dvd0 twin-1 twin-2 host-b
check "one logs in and reserves" hold twin-1 "$twins" twins 7 160000000000
check "the other logs in with the same ISID" hold twin-2 "$twins" twins 7
check "the first is still there" holder_lives twin-1
check "both are listed, with one ISID" wait_until 60 same_isid
check "each is a host of its own" test "$(drive_get dvd0 '.hosts[].name' | grep -c 'twin-.@twins')" = 2
check "the reservation is the first one's" reserves_it twin-1@twins
check "the second one's session does not end it" conflicts read_one "$portal_device"
check "the second is lost" lose twin-2
check "which is noticed" wait_until 60 refused has_session twin-2 twins
check "the reservation is the first one's still" reserves_it twin-1@twins
cp "$scratch/holder-twin-1" "$scratch/holder-first"
cp "$scratch/pid-twin-1" "$scratch/pid-first"
check "the first comes again, same name and ISID: let in" hold twin-1 "$twins" twins 7
check "its former session is ended" wait_until 60 refused holder_lives first
check "what that reserved is free" wait_until 60 read_one "$portal_device"
check "one session of it is there" wait_until 60 sessions_of_are twins 1
end_holders

persist() { # DEVICE OPTION...
	sg_persist --out "${@:2}" "$1"
}
persistent_is() { # KEY TYPE
	shows "Key=$1" "type: $2" -- sg_persist --in --read-reservation "$portal_device"
}
know twins host-b
check "host-b logs in" log_in_as twins host-b
b=$(iscsi_device twins host-b)
wait_until 60 sg_turs "$b"
check "this machine registers" persist "$local_device" --register --param-sark=abc
check "host-p does" persist "$portal_device" --register --param-sark=def
check "host-b does" persist "$b" --register --param-sark=123
check "all see three keys" shows '3 registered reservation key' 0xabc 0xdef 0x123 -- sg_persist --in --read-keys "$b"
check "this machine reserves: exclusive access" persist "$local_device" --reserve --param-rk=abc --prout-type=3
check "it is the holder" persistent_is 0xabc 'Exclusive Access'
check "it reads" read_one "$local_device"
check "host-p does not" conflicts read_one "$portal_device"
check "nor does host-b" conflicts read_one "$b"
check "host-p may say that it releases" persist "$portal_device" --release --param-rk=def --prout-type=3
check "it is the holder still" persistent_is 0xabc 'Exclusive Access'
check "full status names the ports of all transports" shows "$initiators:host-b" "$initiators:host-p" 'SAS|sas' -- \
	sg_persist --in --read-full-status "$b"
check "this machine releases" persist "$local_device" --release --param-rk=abc --prout-type=3
check "host-p reads" wait_until 60 read_one "$portal_device"
check "host-b, too" wait_until 60 read_one "$b"
check "host-b reserves: write exclusive" persist "$b" --reserve --param-rk=123 --prout-type=1
check "this machine reads" wait_until 60 read_one "$local_device"
check "but does not eject" conflicts sg_start --eject "$local_device"
check "host-b logs out" log_out_as twins host-b
check "its registration stays" persistent_is 0x123 'Write Exclusive'
check "host-b logs in again" log_in_as twins host-b
b=$(iscsi_device twins host-b)
wait_until 60 sg_turs "$b"
check "and has it" persist "$b" --release --param-rk=123 --prout-type=1
check "this machine clears" persist "$local_device" --clear --param-rk=abc
check "nobody is registered" shows 'NO registered reservation keys' -- sg_persist --in --read-keys "$portal_device"
check "the export goes" forget_export twins
check "this machine has heard of it all" wait_until 60 sg_turs "$local_device"
check "so has host-p" wait_until 60 sg_turs "$portal_device"
