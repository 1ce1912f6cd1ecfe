# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The connection breaks in mid-transfer, under a mounted disc.

cut() {
	ss -K -tn "dport = :$port" >/dev/null
}

broken() {
	[ "$(cat /sys/class/iscsi_session/session*/state)" != LOGGED_IN ]
}

check "a daemon with an export" portal_daemon
check "discovery" discover
node_set test 'node.conn[0].timeo.noop_out_interval' 2
node_set test 'node.conn[0].timeo.noop_out_timeout' 3
check "login" log_in test
device=$(iscsi_device test)
sg=$(iscsi_sg test)
check "it is mounted" mount -o ro "$device" "$mnt"
calm "$device"
watch_events
mark=$(trace_mark dvd0)
start_reader "$device" "$pool/alpha.iso"
check "a host reads" rounds 1
for time in first second third; do
	check "cut the $time time" cut
	check "the host comes back by itself" wait_until 60 recovered
	check "and reads on" rounds 1
done
kill -STOP "$(cat "$scratch/pid")"
check "the daemon stands still: the host gives up the connection" wait_until 60 broken
sleep 3
kill -CONT "$(cat "$scratch/pid")"
check "the daemon goes on: so does the host" wait_until 60 recovered
check "and reads on" rounds 2
stop_reader
check "no read saw an error or a wrong byte" all_right
check "the mount goes on" diff -r "$scratch/trees/ALPHA" "$mnt"
forget_tree "$mnt"
check "and so it does when nothing is cached" diff -r "$scratch/trees/ALPHA" "$mnt"
check "not one unit attention" no_unit_attention dvd0 "$mark"
check "no media change" test "$(media_changes)" = 0
stop_watching
check "still one session" wait_until 60 sessions_are 1
check "and one host of the drive" test "$(drive_get dvd0 '.hosts[].name' | grep -c @test)" = 1
check "its lock went with the connection" drive_is dvd0 .locked false # SAM-5 6.3.4
check "nobody is stuck" nobody_is_stuck
check "the drive is ready at once" sg_turs "$sg"

# A swap that the host misses, for it is cut off just then.
umount "$mnt"
check "the disc is swapped while the connection is cut" sh -c "ss -K -tn 'dport = :$port' >/dev/null; '$carousel_program' load beta dvd0 --replace"
check "the host comes back" wait_until 60 recovered
check "and has the new label" wait_until 60 udev_label_is "$device" BETA
check "and the new image" device_equals "$device" "$pool/beta.iso"
check "no read failed in the kernel" refused sh -c 'dmesg | grep -q "I/O error"'
check "the kernel is unharmed" kernel_unharmed
check "logout" log_out test
check "the daemon ends" stop_daemon
