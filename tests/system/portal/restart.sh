# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The daemon is killed, or stopped, and started again, under a mounted disc.

check "a daemon to kill" portal_daemon
check "discovery" discover
check "login" log_in test
device=$(iscsi_device test)
sg=$(iscsi_sg test)
check "it is mounted" mount -o ro "$device" "$mnt"
calm "$device"
watch_events
start_reader "$device" "$pool/alpha.iso"
check "killed with reads in flight: a host reads" rounds 1
for time in first second third; do
	check "killed the $time time: it starts again" kill_and_restart
	check "killed: the host comes back by itself" wait_until 60 recovered
	check "killed: and reads on" rounds 1
	check "killed: it was told nothing" no_unit_attention dvd0 0
done
stop_reader
check "no read saw an error or a wrong byte" all_right
check "the mount goes on" diff -r "$scratch/trees/ALPHA" "$mnt"
forget_tree "$mnt"
check "and so it does when nothing is cached" diff -r "$scratch/trees/ALPHA" "$mnt"
check "the catalog still says what is in" drive_is dvd0 .medium.id alpha
check "its lock went with the connection" drive_is dvd0 .locked false # SAM-5 6.3.4
check "no read failed in the kernel" refused sh -c 'dmesg | grep -q "I/O error"'

start_reader "$device" "$pool/alpha.iso"
check "stopped with reads in flight: a host reads" rounds 1
check "stopped: it ends cleanly" stop_daemon
sleep 2
check "stopped: it starts again" start_daemon
check "stopped: the host comes back by itself" wait_until 60 recovered
check "stopped: and reads on" rounds 1
stop_reader
check "stopped: no read saw an error or a wrong byte" all_right
check "stopped: not one unit attention" no_unit_attention dvd0 0
check "stopped: the drive is ready at once" sg_turs "$sg"
check "no media change" test "$(media_changes)" = 0
stop_watching
forget_tree "$mnt"
check "stopped: the mount goes on" diff -r "$scratch/trees/ALPHA" "$mnt"
check "no read failed in the kernel" refused sh -c 'dmesg | grep -q "I/O error"'
check "nobody is stuck" nobody_is_stuck
umount "$mnt"

# Swapped while no daemon ran, by who changed the image: the host is told.
check "image replaced: the daemon stops" stop_daemon
cp "$pool/beta.iso" "$scratch/other.iso"
cp "$pool/alpha.iso" "$scratch/kept.iso"
mv "$scratch/other.iso" "$pool/alpha.iso"
check "image replaced: it starts again" start_daemon
check "image replaced: the host comes back by itself" wait_until 60 recovered
check "image replaced: it finds no medium" wait_until 60 is_empty "$device"
check "image replaced: nothing of the old one can be read" refused dd if="$device" of=/dev/null count=1
mv "$scratch/kept.iso" "$pool/alpha.iso"
carousel eject dvd0 --force
check "the kernel is unharmed" kernel_unharmed
check "logout" log_out test
check "the daemon ends" stop_daemon
