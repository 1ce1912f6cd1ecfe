# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts of this directory share, beside daemon.sh.
#
# vm_daemon DRIVE...      a daemon without privileges, whose export "vm" has the drives as its LUNs
# machine NAME OPTION...  starts a virtual machine
# own_drive LUN           options: QEMU's own DVD drive, and behind it the disc in ours
# passed_through LUN      options: our drive itself, every command of the machine comes to it
# screen NAME ACTION...   looks at its screen, see there
# tell NAME COMMAND       a line to the installer on its serial line
# hears NAME SECONDS TEXT waits until it says TEXT (a regular expression) there
# end_machine NAME

target=iqn.2026-01.org.example.test:vm

# --- The daemon ----------------------------------------------------------------------------------

# Below those that the kernel gives to whoever connects, so that nobody has it while the daemon is
# started again.
free_port() {
	python3 -c 'import random, socket
while True:
    try:
        with socket.socket() as s:
            port = random.randrange(10000, 32000)
            s.bind(("127.0.0.1", port))
            break
    except OSError:
        pass
print(port)'
}

vm_daemon() {
	rm -rf "$state" "$runtime"
	mkdir -p "$state" "$runtime"
	{
		printf '[daemon]\nstate_dir = %s\nruntime_dir = %s\n' "$state" "$runtime"
		printf '[web]\nlisten =\n[media]\npools = %s\npool_auto_import = no\n' "$pool"
		printf '[portal]\nlisten = 127.0.0.1:%s\n' "$port"
		printf '[drive %s]\n' "$@"
		printf '[export vm]\ntarget = %s\nluns = %s\n' "$target" "$*"
	} >"$configuration"
	if [ "$(id -u)" = 0 ]; then
		chown nobody:nogroup "$state" "$runtime"
		chmod -R a+rX "$pool" "$configuration"
	fi
	start_daemon && carousel media add "$pool" >/dev/null
}

port=$(free_port)

# --- Machines ------------------------------------------------------------------------------------

# As `carousel export show` tells people to attach LUN 0: the options of the command below a heading.
shown_options() { # HEADING LUN
	carousel export show vm | sed -e ':join' -e '/\\$/N; s/\\\n//; tjoin' |
		awk -v heading="$1" '$1 == "QEMU," { found = $0 ~ heading } found && $1 == "qemu-system-x86_64"' |
		sed -e 's/^ *qemu-system-x86_64 //' -e "s,/0\,,/$2\,,"
}

own_drive() {
	shown_options 'drive of its own' "$1"
}

passed_through() {
	shown_options 'passed through' "$1"
}

# shellcheck disable=SC2054 # QEMU's commas
machine() {
	local name=$1
	shift
	rm -f "$scratch/$name".*
	mkfifo "$scratch/$name.in" "$scratch/$name.out"
	cat "$scratch/$name.out" >/dev/null 2>&1 &
	local qemu=(qemu-system-x86_64 -accel "tcg,thread=multi" -cpu max -m 512 -nodefaults
		-vga std -display none -boot d -no-reboot
		-iscsi "initiator-name=iqn.2008-11.org.linux-kvm:$name"
		-qmp "unix:$scratch/$name.qmp,server=on,wait=off"
		-chardev "pipe,id=serial,path=$scratch/$name,logfile=$scratch/$name.serial"
		-device isa-serial,chardev=serial)
	"${qemu[@]}" "$@" >"$scratch/$name.log" 2>&1 </dev/null &
	echo $! >"$scratch/$name.pid"
	wait_until 60 machine_answers "$name" || {
		cat "$scratch/$name.log"
		return 1
	}
}

machine_answers() {
	[ -S "$scratch/$1.qmp" ] && screen "$1" show
}

screen() {
	local name=$1
	shift
	"$here/screen" "$scratch/$name.qmp" "$@"
}

tell() {
	echo "$2" >>"$scratch/$1.in"
}

said() {
	tr -d '\r' <"$scratch/$1.serial" | grep -qE -- "$2"
}

hears() {
	wait_until "$2" said "$1" "$3" || {
		echo "after $2 s there is no \"$3\" in:"
		tail -n 20 "$scratch/$1.serial"
		return 1
	}
}

# How often it has said so.
times_said() {
	tr -d '\r' <"$scratch/$1.serial" | grep -cE -- "$2"
}

# ask NAME COMMAND TEXT: tells it, and waits for one more TEXT than there was
ask() {
	local before
	before=$(times_said "$1" "$3")
	tell "$1" "$2"
	wait_until 300 said_more "$1" "$3" "$before" || {
		echo "asked to $2, it did not say $3:"
		tail -n 20 "$scratch/$1.serial"
		return 1
	}
}

said_more() {
	[ "$(times_said "$1" "$2")" -gt "$3" ]
}

# What the installer says of a disc.
disc() { # LABEL IMAGE
	echo "installer: disc $1 sectors $(($(stat -c %s "$2") / 512)) sha256 $(sha256sum "$2" | cut -d' ' -f1)"
}

end_machine() {
	screen "$1" quit
	wait_until 60 refused kill -0 "$(cat "$scratch/$1.pid")"
	rm -f "$scratch/$1.pid"
}
