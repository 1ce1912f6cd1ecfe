# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Persistent and SPC-2 reservations between two initiators of one kernel, with sg_persist.

initiators=iqn.1993-08.org.debian:01

persist() { # DEVICE OPTION...
	local device=$1
	shift
	sg_persist --out "$@" "$device"
}

# The first block; says "Reservation Conflict" when it may not.
read_one() {
	sg_raw -r 2048 "$1" 28 00 00 00 00 10 00 00 01 00
}

log_in_both() {
	local each
	for each in host-a host-b; do
		interface $each $initiators:$each || return
	done
	discover -I host-a -I host-b && log_in test -I host-a && log_in test -I host-b
}

restart_cleanly() {
	stop_daemon && start_daemon
}

reservation_is() { # KEY TYPE
	shows "Key=$1" "type: $2" -- sg_persist --in --read-reservation "$b"
}

check "a daemon with an export" portal_daemon
check "two initiators log in" log_in_both
a=$(iscsi_device test host-a)
b=$(iscsi_device test host-b)
for each in "$a" "$b"; do calm "$each"; done
check "what the drive can do" shows 'Persist Through Power Loss Capable\(PTPL_C\): 1' \
	'Exclusive Access, all registrants: 1' 'Write Exclusive: 1' -- sg_persist --in --report-capabilities "$a"
check "host-a registers" persist "$a" --register --param-sark=abc
check "host-b registers" persist "$b" --register --param-sark=def
check "both keys are there" shows '2 registered reservation key' '0xabc' '0xdef' -- \
	sg_persist --in --read-keys "$a"
check "host-b cannot reserve with a key that is not its own" says 'onflict' -- \
	persist "$b" --reserve --param-rk=abc --prout-type=3
check "host-a reserves: exclusive access" persist "$a" --reserve --param-rk=abc --prout-type=3
check "it is the holder" reservation_is 0xabc 'Exclusive Access'
check "host-a reads" read_one "$a"
check "host-b does not" says 'Reservation Conflict' -- read_one "$b"
check "nor does it eject" says 'onflict' -- sg_start --eject "$b"
check "full status names both ports" shows "$initiators:host-a,i,0x" "$initiators:host-b,i,0x" 'Reservation holder' \
	-- sg_persist --in --read-full-status "$b"
check "the operator sees who" shows 'host-a' 'reserv' -- carousel drive show dvd0

check "the daemon is stopped and started" restart_cleanly
check "host-b is back" wait_until 60 sg_turs "$b"
check "the reservation is as it was" reservation_is 0xabc 'Exclusive Access'
check "host-b still does not read" says 'Reservation Conflict' -- read_one "$b"
check "the daemon is killed and started" kill_and_restart
check "host-b is back again" wait_until 60 sg_turs "$b"
check "the reservation is as it was" reservation_is 0xabc 'Exclusive Access'

check "so is host-a" wait_until 60 read_one "$a"

check "host-b preempts" persist "$b" --preempt --param-rk=def --param-sark=abc --prout-type=3
check "it is the holder now" reservation_is 0xdef 'Exclusive Access'
told_of_preemption() {
	carousel trace dvd0 -n 256 -o json |
		jq -e 'any(.[]; (.host | startswith("'$initiators':host-a")) and .sense.asc == 42 and .sense.ascq == 5)'
}
check "host-a does not read" says 'Reservation Conflict' -- read_one "$a"
check "it was told that its registration went" told_of_preemption # when it opened the drive
check "host-b does" read_one "$b"
check "moving a registration is refused" says 'llegal|nvalid' -- \
	persist "$b" --register-move --param-rk=def --param-sark=1 --transport-id=sas,5000c50005b32001
check "host-b clears" persist "$b" --clear --param-rk=def
check "nobody is registered" shows 'there are NO registered reservation keys' -- sg_persist --in --read-keys "$b"
check "host-a reads again" wait_until 60 read_one "$a"

check "SPC-2: host-a reserves" sg_raw "$a" 16 00 00 00 00 00
check "host-b does not read" says 'Reservation Conflict' -- read_one "$b"
check "the operator takes it back" carousel drive release dvd0
check "host-b reads" wait_until 60 read_one "$b"
check "SPC-2: host-a reserves again" sg_raw "$a" 16 00 00 00 00 00
check "and goes" log_out test -I host-a
check "its reservation went with it" wait_until 60 read_one "$b"
check "host-b logs out" log_out test -I host-b
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" stop_daemon
