# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the files of `kernel` share beside what the optical drive's and the portal's do.
#
# Around us       make_peer (another machine, in a network namespace), start_runner
# The daemon      kernel_daemon
# Hosts           know, lio, log_in_as, log_out_as, forget_export: open-iscsi; `others` are this machine
#                 and host-p at the portal
# Lost hosts      hold, holder_lives, lose, end_holders: libiscsi; cut_off: open-iscsi
# What they see   read_one, conflicts, locks_it, reserves_it, has_session
# What was told   moment, told, hears_nothing

lio_port=3261
initiators=iqn.1993-08.org.debian:01
near_address=10.9.0.1
# The scratch disk may be frozen, and what is said is not to wait for it.
log=/run/carousel-daemon.log

# --- Around us -----------------------------------------------------------------------------------

make_peer() {
	ip netns add peer &&
		ip link add near type veth peer name far netns peer &&
		ip address add $near_address/24 dev near &&
		ip link set near up &&
		ip -n peer address add 10.9.0.2/24 dev far &&
		ip -n peer link set far up
}

start_runner() {
	runner=
	if ! command -v tcmu-runner >/dev/null; then
		skip "tcmu-runner runs beside us" "give the guest --unpack runner"
		return
	fi
	mkdir -p /run/dbus /var/log
	dbus-daemon --system --fork 2>/dev/null
	tcmu-runner >"$scratch/runner.log" 2>&1 &
	runner=$!
	sleep 2
	check "tcmu-runner runs beside us" kill -0 "$runner"
}

# --- The daemon ----------------------------------------------------------------------------------

kernel_daemon() {
	rm -rf "$state" "$runtime"
	cat >"$configuration" <<-CONF
		[daemon]
		state_dir = $state
		runtime_dir = $runtime
		[web]
		listen =
		[media]
		pools = $pool
		pool_auto_import = no
		[portal]
		listen = 127.0.0.1:$port
		name_prefix = $prefix
		allow_open = yes
		[kernel]
		listen = 127.0.0.1:$lio_port
		listen = $near_address:$lio_port
		[drive dvd0]
		[drive lto0]
		personality = lto-8
		export = none
		[export test]
		luns = dvd0
	CONF
	start_daemon && carousel media add "$pool" >/dev/null && carousel load alpha dvd0
}

# export_add NAME DRIVE HOST... [-- OPTION...]: an export of the kernel
export_add() {
	local name=$1 drive=$2 options=()
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=(--initiator "$initiators:$1")
		shift
	done
	carousel export add "$name" "$drive" --transport kernel --target "$prefix:$name" "${options[@]}" "${@:2}"
}

# --- Hosts ---------------------------------------------------------------------------------------

lio() { # EXPORT OPTION...: iscsiadm on its target
	local target=$prefix:$1
	shift
	iscsiadm -m node -T "$target" -p "127.0.0.1:$lio_port,1" "$@"
}

know() { # EXPORT HOST...: without asking the portal
	local export=$1 each
	shift
	for each; do lio "$export" -I "$each" -o new || return; done
}

attached() { # EXPORT HOST
	[ -e "$(iscsi_scsi_device "$1" "$2")" ] && [ -c "$(iscsi_sg "$1" "$2")" ]
}

log_in_as() { # EXPORT HOST
	lio "$1" -I "$2" --login && udevadm settle && wait_until 60 attached "$1" "$2"
}

log_out_as() { # EXPORT HOST
	lio "$1" -I "$2" --logout && udevadm settle
}

# name_devices EXPORT: a and b are the drive as host-a and host-b see it
name_devices() {
	a=$(iscsi_device "$1" host-a)
	b=$(iscsi_device "$1" host-b)
	[ -b "$a" ] && [ -b "$b" ]
}

has_others() {
	local_device=$(drive_device dvd0)
	portal_device=$(iscsi_device test host-p)
	[ -b "$local_device" ] && [ -b "$portal_device" ]
}

# hosts_come EXPORT: host-a and host-b log in, and have been told that the drive is new
hosts_come() {
	know "$1" host-a host-b && log_in_as "$1" host-a && log_in_as "$1" host-b &&
		wait_until 60 name_devices "$1" && name_devices "$1" &&
		wait_until 60 sg_turs "$a" && wait_until 60 sg_turs "$b"
}

# forget_export EXPORT: its hosts go, and it
forget_export() {
	lio "$1" --logout
	lio "$1" -o delete
	carousel export rm "$1"
}

# --- Lost hosts ----------------------------------------------------------------------------------

before=()

# hold NAME PORTAL EXPORT QUALIFIER CDB...: see lost_host.c; `before` are words before the command
hold() {
	local name=$1 address=$2 export=$3
	shift 3
	"${before[@]}" "$lost_host" "$initiators:$name" "$address" "$prefix:$export" "$@" \
		>"$scratch/holder-$name" 2>&1 &
	echo $! >"$scratch/pid-$name"
	disown
	wait_until 60 grep -q '^ready' "$scratch/holder-$name" && return
	cat "$scratch/holder-$name"
	return 1
}

holder_lives() { # NAME
	kill -0 "$(cat "$scratch/pid-$1")"
}

lose() { # NAME
	kill -KILL "$(cat "$scratch/pid-$1")"
}

end_holders() {
	local each
	for each in "$scratch"/pid-*; do
		[ ! -e "$each" ] || kill -KILL "$(cat "$each")" 2>/dev/null
		rm -f "$each"
	done
}

# cut_off EXPORT HOST: the connection of that session of the kernel's own initiator breaks
cut_off() {
	local session connection
	for session in /sys/class/iscsi_session/session*; do
		[ "$(cat "$session/targetname")" = "$prefix:$1" ] || continue
		[ "$(cat "$session/ifacename")" = "$2" ] || continue
		connection=/sys/class/iscsi_connection/connection${session##*session}:0
		ss -K -tn "sport = :$(cat "$connection/local_port")" | grep -q ESTAB
		return
	done
	return 1
}

# --- What they see -------------------------------------------------------------------------------

read_one() {
	sg_raw -r 2048 "$1" 28 00 00 00 00 10 00 00 01 00
}

conflicts() { # COMMAND...
	says 'Reservation Conflict|onflict' -- "$@"
}

locks_it() { # HOST[@EXPORT]
	drive_get "${drive:-dvd0}" '.hosts[] | select(.locks) | .name' | grep -F "$initiators:$1"
}

reserves_it() { # HOST[@EXPORT]
	drive_get "${drive:-dvd0}" '.hosts[] | select(.reserves) | .name' | grep -F "$initiators:$1"
}

sessions_of() { # EXPORT: the initiators
	api GET /api/v1/sessions | jq -r ".items[] | select(.export == \"$1\") | .initiator"
}

sessions_of_are() { # EXPORT COUNT
	[ "$(sessions_of "$1" | wc -l)" = "$2" ]
}

has_session() { # HOST EXPORT
	sessions_of "$2" | grep -xF "$initiators:$1"
}

# --- What was told -------------------------------------------------------------------------------

# Commands are numbered by each nexus, so what was told since is found by when it was.
moment() {
	cut -d' ' -f1 /proc/uptime
}

# told DRIVE MOMENT HOST FILTER: how often it was since, of the senses that the filter is true of
told() {
	local commands
	commands=$(carousel trace "$1" --host "$3" -n 256 -o json) &&
		jq --argjson since "$2" --argjson now "$(moment)" \
			"[.[] | select(.age_s <= \$now - \$since and .sense) | .sense | select($4)] | length" <<<"$commands"
}

# hears_nothing MOMENT HOST DEVICE: asks, and was told of nothing since
hears_nothing() {
	sg_turs "$3" && [ "$(told dvd0 "$1" "$2" '.key == 6')" = 0 ] && return
	echo "$2 heard:"
	carousel trace dvd0 --host "$2" -n 20
	return 1
}

# others_hear_nothing MOMENT: this machine and host-p
others_hear_nothing() {
	hears_nothing "$1" loopback "$local_device" &&
		hears_nothing "$1" "$(drive_get dvd0 '.hosts[].name' | grep host-p)" "$portal_device"
}
