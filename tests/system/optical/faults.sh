# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Image files that are not what they should be: refused with a cause and a remedy, or a medium error
# where a host reads them, and never wrong data.

# add_refused CODE TEXT PATH: over the command line and over REST
add_refused() {
	says "$2" -- carousel media add "$3" &&
		shows '^422$' "\"code\": *\"$1\"" '"remedy": *"[A-Z]' -- \
			api_status POST /api/v1/media "{\"path\": \"$3\"}"
}

bad=$pool/bad
mkdir -p "$bad/directory.iso" "$scratch/outside"
: >"$bad/empty.iso"
head -c 300000 /dev/zero >"$bad/zeros.iso"
head -c 1000 "$pool/beta.iso" >"$bad/tiny.iso"
head -c 1000000 "$pool/beta.iso" >"$bad/truncated.iso"
mkfifo "$bad/fifo.iso"
mknod "$bad/device.iso" c 1 5
cp "$pool/beta.iso" "$scratch/outside/secret.iso"
ln -s "$scratch/outside/secret.iso" "$bad/escape.iso"
ln -s "$scratch/outside" "$bad/escape"
ln -s nowhere "$bad/dangling.iso"

check "a daemon for bad images" fresh_daemon dvd0
device=$(drive_device dvd0)
sg=$(drive_sg dvd0)

check "a missing file" add_refused file_missing missing.iso "$bad/missing.iso"
check "a link to nothing" add_refused file_missing dangling.iso "$bad/dangling.iso"
check "an empty file" add_refused image_empty 'empty' "$bad/empty.iso"
check "a file that is no disc" add_refused image_unrecognised 'ISO 9660' "$bad/zeros.iso"
check "a file shorter than any disc" add_refused image_unrecognised 'ISO 9660|short' "$bad/tiny.iso"
check "a truncated disc" add_refused image_truncated 'truncated' "$bad/truncated.iso"
check "a FIFO, without waiting for it" add_refused not_a_regular_file 'regular file' "$bad/fifo.iso"
check "a device" add_refused not_a_regular_file 'regular file' "$bad/device.iso"
check "a file outside the pools" add_refused outside_media_pools 'pool' "$scratch/outside/secret.iso"
check "a link out of the pools" add_refused outside_media_pools 'pool' "$bad/escape.iso"
check "a path through a linked directory" add_refused outside_media_pools 'pool' "$bad/escape/secret.iso"
check "a path with .." add_refused outside_media_pools 'pool' "$bad/../../outside/secret.iso"
check "a relative path" says 'absolute' -- api_fails POST /api/v1/media '{"path": "alpha.iso"}'
cp "$pool/beta.iso" "$bad/good.iso"
check "a directory of bad files: the good one is added, the refusals are counted" \
	says '^1 added' '6 refused' "$bad/" -- carousel media add "$bad"
check "the good one is in the catalog" shows good -- carousel media ls
check "nothing of it harmed the catalog" shows alpha beta gamma -- carousel media ls

rm "$bad/good.iso"
check "a file that vanished since it was added is refused when it is loaded" says 'good.iso' -- carousel load good dvd0
check "the drive is as it was" drive_is dvd0 .state empty
cp "$pool/alpha.iso" "$bad/replaced.iso"
carousel media add "$bad/replaced.iso" >/dev/null
cp "$pool/beta.iso" "$bad/replaced.iso"
check "a file that is another than when it was added is refused, saying what to do" says 'replaced.iso' '[Ss]can|add' -- carousel load replaced dvd0
check "the drive is as it was" drive_is dvd0 .state empty
check "added again it is loaded" sh -c \
	"'$carousel_program' media add '$bad/replaced.iso' && '$carousel_program' load replaced dvd0"
check "the host sees it" wait_until 60 udev_label_is "$device" BETA
check "it is taken out" taken_out dvd0

# Cut off while it is in the drive.
cp "$pool/alpha.iso" "$bad/shrinks.iso"
check "a file that will shrink is loaded" sh -c \
	"'$carousel_program' media add '$bad/shrinks.iso' && '$carousel_program' load shrinks dvd0"
check "the host sees it" wait_until 60 udev_label_is "$device" ALPHA
udevadm settle
truncate -s 1000000 "$bad/shrinks.iso"
forget "$device" "$bad/shrinks.iso"
check "what is gone is an error to who reads it" says 'Input/output error|No data available' -- \
	dd if="$device" of=/dev/null bs=2048 skip=1000 count=8 iflag=direct
check "it is a medium error to the host, which names the block" \
	says 'Medium Error' 'Unrecovered read error' '0x3e8|1000' -- \
	sg_raw -r 16384 "$sg" 28 00 00 00 03 e8 00 00 08 00
check "the catalog has the fault" wait_until 60 medium_has_fault shrinks
check "carousel shows it" shows 'changed|fault' -- carousel media show shrinks
check "the daemon logged it" grep -q 'shrinks.*changed' "$log"
check "it is taken out" carousel eject dvd0 --force
check "a good disc is loaded after it" carousel load beta dvd0
check "and read" wait_until 60 device_equals "$device" "$pool/beta.iso"
check "nobody is stuck" nobody_is_stuck
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" end_daemon
rm -r "$bad"
