# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts of this directory share beside what the optical drive's do (optical/common.sh).
#
# The daemon      portal_daemon: with a drive and a portal, as nobody
# The initiator   start_initiator, forget_targets, discover, log_in, log_out, node_set, session_has
# What it sees    iscsi_device, iscsi_sg

port=3260
prefix=iqn.2026-01.org.example.test
host=iqn.1993-08.org.debian:01:guest

# --- The daemon ----------------------------------------------------------------------------------

# portal_daemon LINE...: a daemon with the drive dvd0, an export "test" of it, of which the lines say
# more, and what lies in the pool. It has no privilege at all.
portal_daemon() {
	rm -rf "$state" "$runtime"
	install -d -o nobody -g nogroup "$state" "$runtime"
	chmod a+rx "$scratch" "$pool"
	{
		printf '[daemon]\nstate_dir = %s\nruntime_dir = %s\n' "$state" "$runtime"
		printf '[web]\nlisten =\n[media]\npools = %s\npool_auto_import = no\n' "$pool"
		printf '[portal]\nlisten = 127.0.0.1:%s\nname_prefix = %s\n' "$port" "$prefix"
		printf '[drive dvd0]\n[export test]\nluns = dvd0\n'
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$configuration"
	chmod a+r "$configuration"
	start_daemon && carousel media add "$pool" >/dev/null && carousel load alpha dvd0
}

kill_and_restart() {
	kill_daemon
	sleep 0.5
	start_daemon
}

# export_put JSON: changes the export, all of it
export_put() {
	api_status PUT /api/v1/exports/test "$1" >"$scratch/answer"
	[ "$(head -n 1 "$scratch/answer")" = 200 ] || {
		cat "$scratch/answer"
		return 1
	}
}

# --- The initiator -------------------------------------------------------------------------------

start_initiator() {
	mkdir -p /run/lock/iscsi
	rm -rf /etc/iscsi/nodes /etc/iscsi/send_targets /etc/iscsi/ifaces
	echo "InitiatorName=$host" >/etc/iscsi/initiatorname.iscsi
	iscsid
	wait_until 60 iscsiadm -m iface
}

# interface NAME INITIATOR: an iface record with an initiator name of its own
interface() {
	iscsiadm -m iface -I "$1" -o new && iscsiadm -m iface -I "$1" -o update \
		-n iface.initiatorname -v "$2"
}

discover() {
	iscsiadm -m discovery -t sendtargets -p "127.0.0.1:$port" "$@"
}

# node NAME OPTION...: iscsiadm on the target of an export
node() {
	local target=$prefix:$1
	shift
	iscsiadm -m node -T "$target" -p "127.0.0.1:$port" "$@"
}

node_set() { # EXPORT KEY VALUE
	node "$1" -o update -n "$2" -v "$3"
}

log_in() { # EXPORT [OPTION...]
	node "$@" --login && udevadm settle
}

log_out() { # EXPORT [OPTION...]
	node "$@" --logout && udevadm settle
}

log_out_all() {
	iscsiadm -m node --logout >/dev/null 2>&1
	rm -rf /etc/iscsi/nodes /etc/iscsi/send_targets /etc/iscsi/ifaces
	udevadm settle
}

# session_has TEXT...: each, a regular expression, is in what the initiator says of its session
session_has() {
	shows "$@" -- iscsiadm -m session -P 3
}

recovered() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" = LOGGED_IN ]
}

# --- What it sees --------------------------------------------------------------------------------

# iscsi_scsi_device EXPORT [IFACE]: the SCSI device of its LUN 0
iscsi_scsi_device() {
	local session
	for session in /sys/class/iscsi_session/session*; do
		[ "$(cat "$session/targetname")" = "$prefix:$1" ] || continue
		[ -z "${2-}" ] || [ "$(cat "$session/ifacename")" = "$2" ] || continue
		ls -d "$session"/device/target*/*:0
		return
	done
	return 1
}

iscsi_device() {
	local block
	block=$(iscsi_scsi_device "$@")/block
	[ -d "$block" ] && echo "/dev/$(ls "$block")"
}

iscsi_sg() {
	local generic
	generic=$(iscsi_scsi_device "$@")/scsi_generic
	[ -d "$generic" ] && echo "/dev/$(ls "$generic")"
}

# --- Readers -------------------------------------------------------------------------------------

# start_reader DEVICE IMAGE: reads the device again and again, past the page cache; a line per round
# in $scratch/rounds, errors in $scratch/reader-errors
start_reader() {
	touch "$scratch/reading"
	: >"$scratch/rounds"
	: >"$scratch/reader-errors"
	read_rounds "$1" "$(sha1sum <"$2")" >>"$scratch/rounds" 2>>"$scratch/reader-errors" &
	reader=$!
}

read_rounds() {
	while [ -e "$scratch/reading" ]; do
		if [ "$(dd if="$1" bs=64k iflag=direct status=none | sha1sum)" = "$2" ]; then
			echo right
		else
			echo wrong
		fi
	done
}

# rounds N: it has done N more
rounds() {
	local before
	before=$(wc -l <"$scratch/rounds")
	wait_until 90 rounds_are $((before + $1))
}

rounds_are() {
	[ "$(wc -l <"$scratch/rounds")" -ge "$1" ]
}

stop_reader() {
	rm -f "$scratch/reading"
	wait "$reader"
}

all_right() {
	[ -s "$scratch/rounds" ] && ! cat "$scratch/rounds" "$scratch/reader-errors" | grep -v right
}

# --- What udev was told --------------------------------------------------------------------------

watch_events() {
	udevadm settle
	udevadm monitor --kernel --property --subsystem-match=block >"$scratch/uevents" 2>&1 &
	monitor=$!
	wait_until 60 grep -q "will print" "$scratch/uevents"
}

stop_watching() {
	kill $monitor
	wait $monitor 2>/dev/null
}

change_announced() {
	grep -q '^DISK_MEDIA_CHANGE=1' "$scratch/uevents"
}

media_changes() {
	grep -c '^DISK_MEDIA_CHANGE=1' "$scratch/uevents"
}
