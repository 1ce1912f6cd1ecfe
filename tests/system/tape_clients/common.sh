# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts of this directory share beside what the optical drive's and the portal's do.
#
# The daemon     tape_daemon, attach_portal, tapes_made, begin, at_rest
# The drive      $via, $drive, $tape (does not rewind on close), $rewinding (does), $generic, $cartridge
#                (the barcode in it, as an id)
# The tape       rewind, at_object, drive_at
# Data           data, put, get, same, size_is
# Others         background, ended
# What st says   fails_with
# The recorder   senses
# Bacula         btape_configure, btape_ends

# --- The daemon ----------------------------------------------------------------------------------

# The second drive is none of this machine: the portal alone shows it.
tape_daemon() {
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
		[drive lto0]
		personality = lto-8
		export = loopback
		[drive lto1]
		personality = lto-8
		export = none
		[export tapes]
		luns = lto1
	CONF
	start_daemon
}

# An initiator that waits for a daemon that comes back is not to give up before the tests do.
attach_portal() {
	discover && node_set tapes node.session.timeo.replacement_timeout 600 && log_in tapes
}

# tapes_made PREFIX COUNT BYTES: prints their ids
tapes_made() {
	api POST /api/v1/tapes "{\"prefix\":\"$1\",\"count\":$2,\"capacity\":$3}" >"$scratch/answer"
	jq -re '.media[]' "$scratch/answer" || {
		cat "$scratch/answer" >&2
		return 1
	}
}

tape_sysfs() {
	case $via in
	loopback) drive_sysfs lto0 ;;
	portal) iscsi_scsi_device tapes ;;
	esac
}

# name_devices: what the variables above are now
name_devices() {
	local device node
	device=$(tape_sysfs) || return
	for node in "$device"/scsi_tape/nst*; do
		[[ $node =~ /(nst([0-9]+))$ ]] || continue
		tape=/dev/${BASH_REMATCH[1]}
		rewinding=/dev/st${BASH_REMATCH[2]}
	done
	generic=/dev/$(ls "$device/scsi_generic")
	[ -c "$tape" ] && [ -c "$rewinding" ] && [ -c "$generic" ]
}

# begin: the drive of $via with a blank tape of its own, st with the options it has when it is new
begin() {
	case $via in
	loopback) drive=lto0 ;;
	portal) drive=lto1 ;;
	esac
	wait_until 60 name_devices &&
		cartridge=$(tapes_made "BLK" 1 10000000000) &&
		carousel load "$cartridge" "$drive" --replace --force &&
		mt -f "$tape" load &&
		mt -f "$tape" setblk 0 &&
		mt -f "$tape" stsetoptions buffer-writes async-writes read-ahead scsi2logical
}

# at_rest: ends what a file left behind
at_rest() {
	local other
	for other in "${others[@]}"; do
		pkill -KILL -P "$other"
		kill -KILL "$other" 2>/dev/null
	done
	others=()
}

# --- The tape ------------------------------------------------------------------------------------

rewind() {
	mt -f "$tape" rewind
}

# at_object NUMBER: where the host thinks the tape is
at_object() {
	local said
	said=$(mt -f "$tape" tell)
	echo "$said"
	[ "$said" = "At block $1." ]
}

# drive_at FILTER VALUE: what the daemon knows of the tape
drive_at() {
	drive_is "$drive" ".tape.$1" "$2"
}

# --- Data ----------------------------------------------------------------------------------------

data() { # NAME BYTES
	head -c "$2" /dev/urandom >"$scratch/$1"
}

put() { # NAME DD-OPTION...
	dd if="$scratch/$1" of="$tape" status=none "${@:2}"
}

get() { # NAME DD-OPTION...
	dd if="$tape" of="$scratch/$1" status=none "${@:2}"
}

same() { # NAME NAME [BYTES]
	cmp ${3:+-n "$3"} "$scratch/$1" "$scratch/$2"
}

size_is() { # NAME BYTES
	local bytes
	bytes=$(stat -c %s "$scratch/$1")
	echo "$1: $bytes bytes"
	[ "$bytes" = "$2" ]
}

# --- Others --------------------------------------------------------------------------------------

others=() # what goes on

# background NAME COMMAND...: goes on beside the tests; what it says is in $scratch/NAME.said
background() {
	local name=$1
	shift
	rm -f "$scratch/$name.status"
	{
		"$@" >"$scratch/$name.said" 2>&1
		echo $? >"$scratch/$name.ending"
		mv "$scratch/$name.ending" "$scratch/$name.status"
	} &
	others+=($!)
}

# ended NAME SECONDS: its status, when it has ended by then
ended() {
	wait_for "$scratch/$1.status" "$2" || {
		echo "it does not end"
		return 1
	}
	cat "$scratch/$1.said"
	return "$(cat "$scratch/$1.status")"
}

# --- What st says --------------------------------------------------------------------------------

# fails_with TEXT COMMAND...: it fails, and says so in these words
fails_with() {
	local text=$1
	shift
	if "$@" >"$scratch/said" 2>&1; then
		echo "it did not fail"
		cat "$scratch/said"
		return 1
	fi
	cat "$scratch/said"
	grep -qF -- "$text" "$scratch/said"
}

# --- The recorder --------------------------------------------------------------------------------

# senses MARK LINE: what the drive told its hosts since the mark, neighbours that are equal as one
senses() {
	local told
	told=$(all_senses "$drive" "$1" | uniq | paste -sd' ')
	echo "told: $told"
	[ "$told" = "$2" ]
}

# --- Bacula --------------------------------------------------------------------------------------

btape_configuration=$scratch/bacula-sd.conf

# btape_configure BYTES: for $tape, in blocks of so many bytes
btape_configure() {
	cat >"$btape_configuration" <<-CONF
		Storage {
		  Name = test
		  Working Directory = $scratch
		  Pid Directory = $scratch
		}
		Director {
		  Name = test
		  Password = none
		}
		Device {
		  Name = drive
		  Media Type = LTO-8
		  Archive Device = $tape
		  Device Type = Tape
		  Automatic Mount = yes
		  Always Open = yes
		  Removable Media = yes
		  Random Access = no
		  Maximum Block Size = $1
		}
		Messages {
		  Name = Standard
		  Director = test = all
		}
	CONF
}

btape_ends() {
	tail -n 40 "$scratch/btape"
	! grep -E 'ERR=|[Ff]ailed|FAILED|failure|Fatal|NOT correct' "$scratch/btape"
}
