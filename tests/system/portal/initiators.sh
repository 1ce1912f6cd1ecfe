# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Two initiators of one kernel, by their names, at one drive; and one that is not on the list.

name=iqn.1993-08.org.debian:01

senses_of() { # INITIATOR MARK
	carousel trace dvd0 --host "$(host_of "$1")" -n 256 -o json |
		jq -r '.[] | select(.sense != null) | "\(.sense.key)/\(.sense.asc)/\(.sense.ascq)"'
}

host_of() { # INITIATOR
	drive_get dvd0 '.hosts[].name' | grep "^$1,"
}

changes_of() {
	senses_of "$1" | grep -c '^6/40/0$' # 06/28/00
}

check "a daemon with an export for some" portal_daemon "initiators=$name:host-*"
for each in host-a host-b stranger; do
	check "an interface for $each" interface $each $name:$each
done
check "discovery: $name:host-a and -b find it" shows "$prefix:test" -- discover -I host-a -I host-b
check "discovery: a stranger finds nothing" refused sh -c \
	"iscsiadm -m discovery -t sendtargets -p 127.0.0.1:$port -I stranger -o nonpersistent | grep -q test"
check "host-a logs in" log_in test -I host-a
check "host-b logs in" log_in test -I host-b
check "two sessions" sessions_are 2
a=$(iscsi_device test host-a)
b=$(iscsi_device test host-b)
check "two drives for one" test "$a" != "$b"
check "host-a reads the image" device_equals "$a" "$pool/alpha.iso"
check "host-b reads the image" device_equals "$b" "$pool/alpha.iso"
check "one serial number" test "$(sg_vpd -p 0x80 "$a")" = "$(sg_vpd -p 0x80 "$b")"

check "a stranger knows the way" iscsiadm -m node -T $prefix:test -p 127.0.0.1:$port -I stranger -o new
check "a stranger is refused" says 'authorization failure|24' -- log_in test -I stranger
check "the daemon says who, and from where" \
	grep -qE "$name:stranger.*127.0.0.1|127.0.0.1.*$name:stranger" "$log"
check "the others are not disturbed" device_equals "$a" "$pool/alpha.iso"

for each in "$a" "$b"; do calm "$each"; done
check "swap under both" replaced dvd0 beta
check "host-a has the new label" wait_until 60 udev_label_is "$a" BETA
check "host-b has the new label" wait_until 60 udev_label_is "$b" BETA
check "host-a was told once" test "$(changes_of $name:host-a)" = 1
check "host-b was told once" test "$(changes_of $name:host-b)" = 1
check "host-a reads the new image" device_equals "$a" "$pool/beta.iso"
check "host-b reads the new image" device_equals "$b" "$pool/beta.iso"

udevadm settle
sg_prevent --allow "$a" # udev locks every disc that it sees
sg_prevent --prevent=1 "$b"
check "host-b locks the drive" drive_is dvd0 .locked true
check "host-b logs out" log_out test -I host-b
check "and with it goes its lock" wait_until 60 drive_is dvd0 .locked false
check "host-a stays" device_equals "$a" "$pool/beta.iso"
check "host-a logs out" log_out test -I host-a
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" stop_daemon
