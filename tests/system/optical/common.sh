# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts of this directory share. `run` sources it after guest-lib.sh.
#
# What daemon.sh has, and
#
# Discs          make_udf
# The daemon     configure, fresh_daemon, taken_out, replaced, end_daemon
# The host side  drive_device, has_node, drive_sg, label_is, device_equals, forget,
#                udev_keeps_locked
# The kernel     kernel_quiet, nobody_is_stuck

POLL_MS=1000 # how often the kernel polls drives for events

# shellcheck source=tests/system/daemon.sh
. "$here/../daemon.sh"

# --- Discs ---------------------------------------------------------------------------------------

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
		printf '[web]\nlisten = 127.0.0.1:7480\n[media]\npools = %s\npool_auto_import = no\n' "$pool"
		for drive; do
			printf '[drive %s]\n' "${drive%%:*}"
			[[ $drive != *:* ]] || tr , '\n' <<<"${drive#*:}"
		done
	} >"$configuration"
}

# A daemon that knows of nothing but the drives named and what lies in the pool.
fresh_daemon() {
	rm -rf "$state" "$runtime"
	configure "$@"
	start_daemon && carousel media add "$pool" >/dev/null && calm_polling
}

# Drives of a fresh daemon appear one by one; the kernel polls each as often as the tests expect, and
# gives a daemon that is started again more than its 30 s.
calm_polling() {
	local block
	udevadm settle
	for block in /sys/block/sr*; do
		calm "$block"
	done
}

# calm DEVICE
calm() {
	echo "$POLL_MS" >"/sys/block/${1##*/}/events_poll_msecs" &&
		echo 300 >"/sys/block/${1##*/}/device/timeout"
}

# taken_out DRIVE, replaced DRIVE MEDIUM: by asking the host that locks the drive, again when it is too
# slow for one time
taken_out() {
	carousel eject "$1" --wait --timeout 120
}

replaced() {
	carousel load "$2" "$1" --replace --wait --timeout 120
}

# Takes every drive away from the kernel and ends the daemon.
end_daemon() {
	local drive
	for drive in $(drive_names); do
		carousel drive rm "$drive" --force >/dev/null
	done
	stop_daemon
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

has_node() { # DRIVE
	[ -b "$(drive_device "$1")" ]
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

# --- The kernel ----------------------------------------------------------------------------------

# kernel_quiet [BUT]: nothing worse than a notice since the last call, but lines that match BUT
kernel_quiet() {
	local lines
	lines=$(dmesg --level=emerg,alert,crit,err | grep -vE -- "${1-^$}")
	dmesg --clear
	[ -z "$lines" ] || {
		echo "$lines"
		return 1
	}
}

# What the kernel says when it polls a drive, or somebody has it open, while it goes. A pattern.
# shellcheck disable=SC2034
drive_went='scsi [0-9:]+: rejecting I/O to dead device'

# For tests that provoke I/O errors. A log-out of Linux' own initiator warns now and then, on 6.1, that
# its work queue (__iscsi_unbind_session, WQ_MEM_RECLAIM) flushes another (pm_runtime_work).
kernel_unharmed() {
	local lines
	lines=$(dmesg | grep -E 'BUG|WARNING|Oops|blocked for more|ring is broken|timing out command' |
		grep -v 'check_flush_dependency')
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
	wait_until 60 refused uninterruptible || {
		uninterruptible
		return 1
	}
}
