# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# SeaBIOS boots discs of other projects (El Torito), from QEMU's own drive in front of ours and from
# ours passed through.

cp /usr/lib/grub-rescue/grub-rescue-cdrom.iso "$pool/grub.iso"
cp /usr/lib/memtest86+/memtest86+x64.iso "$pool/memtest.iso"
check "a daemon without privileges, and an export of two drives" vm_daemon dvd0 dvd1
check "GRUB's rescue disc is loaded" carousel load grub dvd0
check "memtest86+ is loaded" carousel load memtest dvd1

for way in own_drive passed_through; do
	check "$way: the command line tells how" test "$($way 0 | grep -c "iscsi://127.0.0.1:$port/$target/0")" = 1
	# shellcheck disable=SC2046 # words
	check "$way: a machine with GRUB's disc" machine grub $($way 0)
	# shellcheck disable=SC2046 # words
	check "$way: a machine with memtest86+" machine memtest $($way 1)
	check "$way: GRUB shows its menu" screen grub expect 600 'GNU GRUB +version'
	screen grub key c
	check "$way: GRUB gives its prompt" screen grub expect 600 '^grub> *$'
	screen grub type 'ls /boot'
	check "$way: GRUB reads the disc" screen grub expect 600 'grub/'
	check "$way: memtest86+ runs" screen memtest expect 900 'Memtest86\+ v[0-9]'
	screen grub show
	screen memtest show
	check "$way: two sessions" sessions_are 2
	check "$way: GRUB's machine ends" end_machine grub
	check "$way: memtest86+'s machine ends" end_machine memtest
	check "$way: and with them their sessions" wait_until 60 sessions_are 0
done
