# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# An export that anybody may log in to: one nexus for all, and the operator is told.

two='2 initiators are logged in and share one nexus'

says_so() { # TEXT COMMAND...: whatever its exit status is
	"${@:2}" 2>&1 | tee /dev/stderr | grep -qF -- "$1"
}

check "an export for anybody" export_add open dvd0 -- --open
check "what that means is said at once" says_so 'All initiators that log in share one nexus' carousel export show open
check "the doctor says it too" says_so 'All initiators that log in share one nexus' carousel doctor
know open host-a host-b
check "host-a logs in" log_in_as open host-a
check "it is listed" wait_until 60 sessions_of_are open 1
check "and is alone" refused says_so "$two" carousel export show open
check "host-b logs in" log_in_as open host-b
check "both are listed" wait_until 60 sessions_of_are open 2
check "export show warns of the two" says_so "$two" carousel export show open
check "with what to do" says_so 'Name the initiators' carousel export show open
check "so does status" says_so "$two" carousel status
check "so does doctor" says_so "$two" carousel doctor
check "and the log" grep -q 'export open: 2 initiators share one nexus' "$log"
check "they are one host" test "$(drive_get dvd0 '.hosts[].name' | grep -c @open)" = 1
check "both devices are there" wait_until 60 name_devices open
name_devices open
check "host-a reserves" sg_raw "$a" 16 00 00 00 00 00
check "others do not read" conflicts read_one "$portal_device"
check "host-b does, for the drive cannot tell it from host-a" read_one "$b"
check "host-a logs out" log_out_as open host-a
check "one is listed" wait_until 60 sessions_of_are open 1
check "nobody is warned of two" refused says_so "$two" carousel status
check "the reservation stays with the nexus that host-b has" conflicts read_one "$portal_device"
check "host-b goes" log_out_as open host-b
check "and with the last one the reservation" wait_until 60 read_one "$portal_device"

check "the initiators are named" carousel export set open --initiator "$initiators:host-b"
check "whoever was let in is let in no more" says 'authorization failure|fatal login error' -- log_in_as open host-a
check "host-b is" log_in_as open host-b
check "nothing is to be warned of" refused says_so 'share one nexus' carousel export show open
check "the export goes" forget_export open
