# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with in-guest
# The subjects, each served over tcm_loop and each from the same image file.
#
#   start_NAME IMAGE        leaves the block device's name ("sr0") in $device, and the process that
#                           serves it, if any, in $server
#   counters_NAME           prints the subject's own counters as JSON, if it has any
#
# $bench_build is the build tree of Carousel.

work=/run/bench

# block_device ADDRESS: "2:0:1:0" to "sr0"; udev and sr have to notice it first.
block_device() {
	local at=/sys/class/scsi_device/$1/device/block
	wait_until 20 test -d "$at" || return 1
	ls "$at"
}

start_fileio() {
	local core=$TARGET/core/fileio_0/image size
	size=$(stat -c %s "$1")
	mkdir -p "$core" &&
		printf 'fd_dev_name=%s,fd_dev_size=%s' "$1" "$size" >"$core/control" &&
		printf 1 >"$core/enable" &&
		device=$(block_device "$(loopback_create fileio "$core"):0")
	server=
}

counters_fileio() {
	echo '{}'
}

start_fbo() {
	local core=$TARGET/core/user_900/image size
	size=$(stat -c %s "$1")
	mkdir -p /run/dbus "$core"
	[ -S /run/dbus/system_bus_socket ] || dbus-daemon --system --fork || return
	tcmu-runner >"$work/tcmu-runner.log" 2>&1 &
	server=$!
	# Its bus name is the last thing it takes, so a device made before would wait for no reply.
	wait_until 20 dbus-send --system --print-reply --dest=org.kernel.TCMUService1 \
		/org/kernel/TCMUService1 org.freedesktop.DBus.ObjectManager.GetManagedObjects || return
	printf 'dev_config=fbo/%s,dev_size=%s' "$1" "$size" >"$core/control" &&
		printf 1 >"$core/enable" &&
		device=$(block_device "$(loopback_create fbo "$core"):0")
}

counters_fbo() {
	echo '{}'
}

carousel_api() {
	curl -sS --fail-with-body --unix-socket "$work/carousel/carousel.sock" \
		"http://localhost/api/v1/$1" "${@:2}"
}

carousel_ready() {
	curl -sf --unix-socket "$work/carousel/carousel.sock" http://localhost/readyz
}

carousel_address() {
	carousel_api drives/dvd0 | sed -n 's/.*"address": *"\([0-9:]*\)[ "].*/\1/p'
}

start_carousel() {
	mkdir -p "$work/carousel" "$work/state"
	cat >"$work/carousel.conf" <<-END
		[daemon]
		state_dir = $work/state
		runtime_dir = $work/carousel
		log_level = warning
		[web]
		listen =
		[media]
		pools = ${1%/*}
		[drive dvd0]
		export = loopback
		medium = $1
	END
	"$bench_build/daemon/carouseld" --config "$work/carousel.conf" 2>"$work/carouseld.log" &
	server=$!
	if ! wait_until 30 carousel_ready; then
		cat "$work/carouseld.log" >&2
		return 1
	fi
	device=$(block_device "$(carousel_address)")
}

counters_carousel() {
	carousel_api drives/dvd0
}
