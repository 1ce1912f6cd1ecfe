# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts of this directory share. `run` sources it after guest-lib.sh.
#
# Discs          make_iso, make_udf: image files below $pool
# The daemon     configure, start_daemon, stop_daemon, kill_daemon, fresh_daemon, end_daemon
# Asking it      carousel (the program under test), api (curl over its socket), drive_get
# The host side  drive_device, drive_sg, label_is, device_equals, forget,
#                udev_keeps_locked
# The recorder   trace_mark, trace_senses: what a drive told its host since the mark
# The kernel     kernel_quiet, nobody_is_stuck

POLL_MS=1000 # how often the kernel polls drives for events

pool=$scratch/pool
state=$scratch/state
# The socket's path must be short.
runtime=/run/carousel-test
configuration=$scratch/carousel.conf
log=$scratch/daemon.log
socket=$runtime/carousel.sock
export CAROUSEL_URL=unix:$socket

note() {
	echo "note: $*"
}

refused() {
	! "$@"
}

# --- Discs ---------------------------------------------------------------------------------------

# make_tree LABEL KIB: a directory with files of the label's own, KIB of them not compressible
make_tree() {
	local tree=$scratch/trees/$1
	mkdir -p "$tree/deep/er"
	head -c "$2K" /dev/urandom >"$tree/data.bin"
	head -c 3000 /dev/urandom >"$tree/deep/er/odd-size.bin"
	echo "This is the disc $1." >"$tree/README"
	echo "$tree"
}

# make_iso LABEL KIB [FILE]
make_iso() {
	genisoimage -quiet -R -J -V "$1" -o "${3:-$pool/${1,,}.iso}" "$(make_tree "$1" "$2")"
}

# make_udf LABEL KIB: UDF alone, no ISO 9660 beside it
make_udf() {
	local image=$pool/${1,,}.iso tree
	tree=$(make_tree "$1" "$2")
	truncate -s "$(($2 + 2048))K" "$image"
	mkdir -p "$scratch/mnt-udf"
	mkudffs -b 2048 --media-type=hd -l "$1" "$image" >/dev/null &&
		mount -o loop -t udf "$image" "$scratch/mnt-udf" &&
		cp -r "$tree/." "$scratch/mnt-udf/" &&
		umount "$scratch/mnt-udf"
}

# --- The daemon ----------------------------------------------------------------------------------

# configure [DRIVE...]: each DRIVE is a name, or NAME:KEY=VALUE[,KEY=VALUE...]
configure() {
	local drive
	{
		printf '[daemon]\nstate_dir = %s\nruntime_dir = %s\n' "$state" "$runtime"
		printf '[web]\nlisten = 127.0.0.1:7480\n[media]\npools = %s\n' "$pool"
		for drive; do
			printf '[drive %s]\n' "${drive%%:*}"
			[[ $drive != *:* ]] || tr , '\n' <<<"${drive#*:}"
		done
	} >"$configuration"
}

# Drives are shown before the API answers.
is_up() {
	[ "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket "$socket" http://localhost/healthz)" = 200 ]
}

# Started and ended from subshells too, so its number and its exit status are in files.
launch() {
	rm -f "$scratch/pid" "$scratch/status"
	printf -- '-- started %s --\n' "$*" >>"$log"
	(
		"$carouseld" --config "$configuration" "$@" &
		echo $! >"$scratch/pid"
		wait $!
		echo $? >"$scratch/status"
	) >>"$log" 2>&1 </dev/null &
	wait_for "$scratch/pid" 5
}

daemon_lives() {
	[ -s "$scratch/pid" ] && [ ! -e "$scratch/status" ]
}

up_or_gone() {
	is_up || ! daemon_lives
}

# start_daemon [OPTION...]: returns when the API answers, or fails when the daemon ended
start_daemon() {
	launch "$@"
	wait_until 40 up_or_gone
	is_up && return
	tail -n 5 "$log"
	return 1
}

# Ends it as an operator does. The status is the daemon's, 124 when it does not end in 20 seconds.
stop_daemon() {
	kill -TERM "$(cat "$scratch/pid")" || return
	if ! wait_for "$scratch/status" 20; then
		echo "it did not stop on SIGTERM"
		kill_daemon
		return 124
	fi
	return "$(cat "$scratch/status")"
}

kill_daemon() {
	kill -KILL "$(cat "$scratch/pid")"
	wait_for "$scratch/status" 5
}

# A daemon that knows of nothing but the drives named and what lies in the pool.
fresh_daemon() {
	rm -rf "$state" "$runtime"
	configure "$@"
	start_daemon && carousel media add "$pool" >/dev/null && calm_polling
}

# Drives of a fresh daemon appear one by one; the kernel polls each as often as the tests expect.
calm_polling() {
	local block
	udevadm settle
	for block in /sys/block/sr*; do
		echo "$POLL_MS" >"$block/events_poll_msecs"
	done
}

# Takes every drive away from the kernel and ends the daemon.
end_daemon() {
	local drive
	for drive in $(drive_names); do
		carousel drive rm "$drive" --force >/dev/null
	done
	stop_daemon
}

# --- Asking it -----------------------------------------------------------------------------------

carousel() {
	"$carousel_program" "$@"
}

# api METHOD PATH [BODY]: prints the answer
api() {
	curl -sS --unix-socket "$socket" -X "$1" "http://localhost$2" \
		${3:+-H 'Content-Type: application/json' -d "$3"}
}

# api_status METHOD PATH [BODY]: prints the status, and the answer on the next line
api_status() {
	curl -sS --unix-socket "$socket" -X "$1" "http://localhost$2" -w '\n%{http_code}\n' \
		${3:+-H 'Content-Type: application/json' -d "$3"} | tac
}

# api_fails METHOD PATH [BODY]: prints the answer and fails, for `says`
api_fails() {
	api "$@"
	return 1
}

medium_has_fault() {
	[ "$(api GET "/api/v1/media/$1" | jq -r '.fault // ""')" != "" ]
}

drive_names() {
	api GET /api/v1/drives | jq -r '.items[].name'
}

# drive_get DRIVE FILTER: a member of the drive's description
drive_get() {
	api GET "/api/v1/drives/$1" | jq -r "$2"
}

drive_is() {
	[ "$(drive_get "$1" "$2")" = "$3" ] || {
		api GET "/api/v1/drives/$1"
		return 1
	}
}

# says TEXT... -- COMMAND...: the command fails, and each TEXT (a regular expression) is in what it
# says
says() {
	local texts=() output text status
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	output=$("$@" 2>&1)
	status=$?
	printf '%s\n' "$output" "status $status"
	[ $status -ne 0 ] || return 1
	for text in "${texts[@]}"; do
		grep -qE -- "$text" <<<"$output" || {
			echo "it does not say: $text"
			return 1
		}
	done
}

# shows TEXT... -- COMMAND...: likewise, of a command that succeeds
shows() {
	local texts=() output text status
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	output=$("$@" 2>&1)
	status=$?
	printf '%s\n' "$output" "status $status"
	[ $status -eq 0 ] || return 1
	for text in "${texts[@]}"; do
		grep -qE -- "$text" <<<"$output" || {
			echo "it does not show: $text"
			return 1
		}
	done
}

# --- The host side -------------------------------------------------------------------------------

# drive_sysfs DRIVE: the SCSI device
drive_sysfs() {
	local address
	address=$(drive_get "$1" '.address // ""')
	[ -n "$address" ] && echo "/sys/class/scsi_device/${address%% *}/device"
}

drive_device() {
	local block
	block=$(drive_sysfs "$1")/block
	[ -d "$block" ] && echo "/dev/$(ls "$block")"
}

drive_sg() {
	local generic
	generic=$(drive_sysfs "$1")/scsi_generic
	[ -d "$generic" ] && echo "/dev/$(ls "$generic")"
}

# label_is DEVICE LABEL: as udev's helper sees it now
label_is() {
	[ "$(blkid -p -s LABEL -o value "$1")" = "$2" ]
}

udev_label_is() {
	udevadm info --query=property --name="$1" | grep -qx "ID_FS_LABEL=$2"
}

# The device holds the image, every byte, and nothing behind it.
device_equals() {
	local size
	size=$(blockdev --getsize64 "$1")
	[ "$size" = "$(stat -c %s "$2")" ] || {
		echo "$1 has $size bytes, $2 $(stat -c %s "$2")"
		return 1
	}
	cmp "$1" "$2"
}

# forget FILE...: takes files and block devices out of the page cache. Dropping all of it would make
# the machine read its programs again.
forget() {
	local file
	for file; do
		[ ! -b "$file" ] || blockdev --flushbufs "$file"
		[ ! -w "$file" ] || sync "$file" # what is not written yet stays
		dd if="$file" iflag=nocache count=0 status=none
	done
}

forget_tree() {
	local files
	mapfile -d '' files < <(find "$1" -type f -print0)
	forget "${files[@]}"
}

# No medium, for who asks the drive itself.
is_empty() {
	sg_turs "$1" 2>&1 | grep -qi 'not ready' && ! sg_turs "$1" >/dev/null 2>&1
}

# A host that does not react to the operator's button: udev without that rule.
udev_keeps_locked() {
	grep -v DISK_EJECT_REQUEST /usr/lib/udev/rules.d/60-cdrom_id.rules \
		>/etc/udev/rules.d/60-cdrom_id.rules
	udevadm control --reload
}

udev_lets_go() {
	rm -f /etc/udev/rules.d/60-cdrom_id.rules
	udevadm control --reload
}

# --- The recorder --------------------------------------------------------------------------------

# trace_json DRIVE [COMMANDS]
trace_json() {
	carousel trace "$1" -n "${2:-256}" -o json
}

# trace_mark DRIVE: the number of the last command, for the functions below
trace_mark() {
	trace_json "$1" 1 | jq '.[0].number // 0'
}

# all_senses DRIVE MARK: sense since the mark as "2/3a/01", a line a command; fails when it cannot
# be had, so that a test for "none" does not take that for none
all_senses() (
	set -o pipefail
	trace_json "$1" | jq -r --argjson mark "$2" '
		.[] | select(.number > $mark and .sense != null)
		| "\(.sense.key) \(.sense.asc) \(.sense.ascq)"' |
		awk '{ printf "%x/%02x/%02x\n", $1, $2, $3 }'
)

# trace_senses DRIVE MARK: likewise without refusals (5/..), of equal neighbours one, on one line
trace_senses() {
	all_senses "$1" "$2" | grep -v '^5/' | uniq | paste -sd' '
}

# trace_count DRIVE MARK SENSE: how often
trace_count() {
	local senses
	senses=$(all_senses "$1" "$2") && grep -cx "$3" <<<"$senses"
}

no_unit_attention() {
	local senses
	senses=$(all_senses "$1" "$2") || return
	! grep '^6/' <<<"$senses"
}

# --- The kernel ----------------------------------------------------------------------------------

# kernel_quiet: nothing worse than a notice since the last call
kernel_quiet() {
	local lines
	lines=$(dmesg --level=emerg,alert,crit,err)
	dmesg --clear
	[ -z "$lines" ] || {
		echo "$lines"
		return 1
	}
}

# For tests that provoke I/O errors.
kernel_unharmed() {
	local lines
	lines=$(dmesg | grep -E 'BUG|WARNING|Oops|blocked for more|ring is broken|timing out command')
	dmesg --clear
	[ -z "$lines" ] || {
		echo "$lines"
		return 1
	}
}

uninterruptible() {
	ps -eo stat=,pid=,comm= | grep '^D'
}

# Nobody waits for a drive for good.
nobody_is_stuck() {
	wait_until 10 refused uninterruptible || {
		uninterruptible
		return 1
	}
}
