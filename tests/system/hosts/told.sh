# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What each host is told, counted at the host: the kernel's target has unit attentions of its own
# (29/03, 3F/0E), of which the daemon and its recorder know nothing. Nobody asks the drives but this:
# the kernel does not poll them, and udev does not look.

# The four, as loopback, host-p, host-a and host-b see it.
asked=("$(drive_sg dvd0)" "$(iscsi_sg test host-p)" "$(iscsi_sg lio host-a)" "$(iscsi_sg lio host-b)")

leave_alone() {
	local device
	udevadm settle
	udevadm control --stop-exec-queue
	for device in "${devices[@]}"; do
		echo 0 >"/sys/block/${device#/dev/}/events_poll_msecs" || return
	done
}

# --- Asking --------------------------------------------------------------------------------------

# unit_says DEVICE: TEST UNIT READY: "good", or its sense as "6/28/00"
unit_says() {
	local said
	if said=$(sg_raw -v "$1" 00 00 00 00 00 00 2>&1); then
		echo good
	else
		sense_in "$said"
	fi
}

# sense_in TEXT: of sg_raw, in fixed format
sense_in() {
	local bytes
	bytes=$(sed -n '/Raw sense data/{n;p}' <<<"$1")
	# shellcheck disable=SC2086 # sixteen bytes
	set -- $bytes
	[ "$#,${1-}" = 16,70 ] || {
		echo "no-sense"
		return
	}
	echo "$((16#$3 & 15))/${13}/${14}"
}

# event_says DEVICE: GET EVENT STATUS NOTIFICATION of the media class: the event's code, 0 for none
event_says() {
	local reply
	reply=$(sg_raw -b -r 8 "$1" 4a 01 00 00 10 00 00 00 08 00 2>"$scratch/event-errors" | od -An -tx1)
	# shellcheck disable=SC2086 # eight bytes
	set -- $reply
	[ "$#,${3-}" = 8,04 ] || {
		echo "no media event: $reply $(cat "$scratch/event-errors")"
		return
	}
	echo $((16#$5 & 15))
}

# ask UNTIL HOW DEVICE: all that it says, until the last of it is UNTIL (words); for two minutes at most
ask() {
	local said='' end=$((SECONDS + 120))
	while [ $SECONDS -lt $end ]; do
		said="$said $("$2" "$3")"
		[[ "$said" != *" $1" ]] || break
	done
	[[ "$said" == *" $1" ]] || said="$said never"
	tr ' ' '\n' <<<"$said"
}

# ask_all UNTIL HOW: the four at once; what DEVICE said is in $scratch/said-SG
ask_all() {
	local device askers=()
	for device in "${asked[@]}"; do
		ask "$1" "$2" "$device" >"$scratch/said-${device##*/}" &
		askers+=($!)
	done
	wait "${askers[@]}"
}

# said_by_all FILTER TEXT...: each said TEXT..., of the lines that match FILTER, and nothing else of them
said_by_all() {
	local device filter=$1 said wrong=0
	shift
	for device in "${asked[@]}"; do
		said=$(grep -E "$filter" "$scratch/said-${device##*/}" | paste -sd' ')
		[ "$said" = "$*" ] && continue
		echo "$device: $(uniq -c "$scratch/said-${device##*/}" | sed 's/^ *//' | paste -sd,)"
		wrong=1
	done
	return $wrong
}

# told LAST [SENSE...]: until they say LAST again and again, all that they say but "good" and NOT READY
told() {
	ask_all "$1 $1 $1" unit_says
	shift
	said_by_all '^[^g2]' "$@"
}

# events [CODE...]: the media events of all are these, and then there are none
events() {
	ask_all "${1+${*: -1} }0 0 0" event_says
	said_by_all '^[^0]' "$@"
}

drain() {
	ask_all 'good good good' unit_says
	ask_all '0 0 0' event_says
}

swap_twice() {
	carousel load beta dvd0 --replace --force && carousel load alpha dvd0 --replace --force
}

# --- One change after the other ------------------------------------------------------------------

check "four drives to ask" test "$(printf '%s\n' "${asked[@]}" | grep -c '^/dev/sg')" = 4
check "nobody else asks them" leave_alone
drain
check "nobody has anything to say" told good
check "nor an event" events

check "swap" carousel load beta dvd0 --replace --force
check "each host is told of it once" told good 6/28/00
check "and has the events of it" events 3 2
check "second swap" carousel load alpha dvd0 --replace --force
check "each is told of that one once" told good 6/28/00
check "and has the events of it" events 3 2
check "two swaps, and nobody asks in between" swap_twice
check "are one to each" told good 6/28/00
check "in its events too" events 3 2

check "swap, for hosts that ask for events" carousel load beta dvd0 --replace --force
check "each has one of the medium that went, and one of the new one" events 3 2
check "and is told of it once" told good 6/28/00
check "no event comes after it" events

check "the daemon is stopped and started" restart_cleanly
check "nobody is told of it" told good
check "nor has an event" events
check "the daemon is killed and started" kill_and_restart
check "nobody is told of it" told good
check "nor has an event" events

# The kernel's target tells of changed LUNs (3F/0E) whom it gives or takes one.
check "another initiator is let in" carousel export set lio --add-initiator $initiators:late
check "and another export of the kernel's is made" carousel export add more dvd0 --transport kernel \
	--target $prefix:more --initiator $initiators:late
check "nobody is told of it" told good
check "which is removed" carousel export rm more
check "nobody is told of it" told good
check "nor has an event" events

check "eject" carousel eject dvd0 --force
check "is no unit attention" told 2/3a/01
check "but the event of a medium that went" events 3
check "load" carousel load alpha dvd0
check "each is told of it once" told good 6/28/00
check "and has the event of a new one" events 2

check "host-a resets its drive" sg_reset -d "${asked[2]}"
check "each is told of it once, host-a by the kernel's target" told good 6/29/03
check "the medium is as it was, for events too" events
udevadm control --start-exec-queue
for each in "${devices[@]}"; do calm "$each"; done
