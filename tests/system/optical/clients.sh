# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Programs that burn, copy and describe discs, on one of each family.

# make_sparse NAME LABEL SIZE: an ISO image with much nothing behind it
make_sparse() {
	make_iso "$2" 500 && truncate -s "$3" "$pool/$1.iso"
}

insert() { # MEDIUM DRIVE LABEL
	replaced "$2" "$1" && wait_until 60 label_is "$(drive_device "$2")" "$3" && udevadm settle
}

quietly() { # COMMAND...: nothing of it is refused by the drive
	local said
	said=$("$@" 2>&1) || return
	printf '%s\n' "$said"
	! grep -qiE 'illegal request|invalid (field|command)|sense key|cannot|error' <<<"$said"
}

well_formed() {
	local said
	said=$("$@" 2>&1) || return
	[ -n "$said" ] && ! grep -iE 'invalid|malformed|too short|truncated|unexpected|illegal' <<<"$said"
}

make_sparse epsilon EPSILON 900M
make_sparse zeta ZETA 20G
check "a daemon" fresh_daemon dvd0
check "with a BD drive" carousel drive add bd0 --personality bd-rom
check "which is a drive of this machine" wait_until 60 has_node bd0
calm_polling
device=$(drive_device bd0)
sg=$(drive_sg bd0)

check "a CD is loaded" insert alpha bd0 ALPHA
blocks=$(($(stat -c %s "$pool/alpha.iso") / 2048))
check "wodim: what the drive can do" shows 'Does read DVD-ROM media' \
	'Loading mechanism type: tray' 'Current read +speed: +8467 kB/s' 'Does support C2 error pointers' -- wodim "dev=$device" -prcap
check "wodim: the TOC" shows "first: 1 last 1" "track:lout lba: +$blocks" -- wodim "dev=$device" -toc
# Where to write next it asks writers only, and says so of drives that read.
check "wodim: where the last session begins" \
	shows 'session offset: 0$' 'Cannot read first writable address' -- wodim "dev=$device" -v -msinfo
check "cdrdao: the drive" shows 'CAROUSEL' 'BD-ROM DRIVE' 'Maximum reading speed' -- \
	cdrdao drive-info --device "$device" --driver generic-mmc
check "cdrdao: the disc" shows 'CD-RW +: no' -- \
	cdrdao disk-info --device "$device" --driver generic-mmc
check "cd-drive: it reads CDs and DVDs" shows 'CAROUSEL' 'Can read C2 Errors +: Yes' 'Can read DVD-ROM +: Yes' -- \
	cd-drive -i "$device"

# read_toc OPTION...: writes and prints it
read_toc() {
	rm -f "$scratch/disc.toc"
	cdrdao read-toc "$@" --device "$device" --driver generic-mmc "$scratch/disc.toc" && cat "$scratch/disc.toc"
}

for option in "" --fast-toc; do
	check "cdrdao: the tracks, read ${option:-with their sub-channels}" \
		shows '^CD_ROM$' '^TRACK MODE1$' "length in bytes: $((blocks * 2048))\$" -- read_toc ${option:+"$option"}
done

# A copy of all raw sectors: sync, header, EDC and ECC are the drive's work.
copy_raw() {
	rm -f "$scratch/raw.bin" "$scratch/raw.toc"
	cdrdao read-cd --device "$device" --driver generic-mmc --read-raw \
		--datafile "$scratch/raw.bin" "$scratch/raw.toc"
}

raw_is_right() {
	python3 - "$scratch/raw.bin" "$pool/alpha.iso" <<-'PY'
		import sys
		raw, iso = open(sys.argv[1], "rb"), open(sys.argv[2], "rb")
		table = []
		for i in range(256):
		    for _ in range(8):
		        i = i >> 1 ^ (0xd8018001 if i & 1 else 0)
		    table.append(i)
		bcd = lambda n: n // 10 << 4 | n % 10
		lba = 0
		while block := iso.read(2048):
		    sector, frame = raw.read(2352), lba + 150
		    head = bytes([0] + [255] * 10 + [0, bcd(frame // 4500), bcd(frame // 75 % 60), bcd(frame % 75), 1])
		    assert sector[:16] == head, f"head of {lba}"
		    assert sector[16:2064] == block, f"data of {lba}"
		    if lba % 50 == 0:
		        edc = 0
		        for byte in sector[:2064]:
		            edc = edc >> 8 ^ table[(edc ^ byte) & 255]
		        assert sector[2064:2068] == edc.to_bytes(4, "little"), f"EDC of {lba}"
		    lba += 1
		print(lba, "sectors")
	PY
}

check "cdrdao: copies the raw sectors" copy_raw
check "and they are those of a real disc" shows "$blocks sectors" -- raw_is_right
check "sg_get_config: every feature is well formed" well_formed sg_get_config "$sg"

check "a DVD is loaded" insert epsilon bd0 EPSILON
check "dvd+rw-mediainfo: a DVD-ROM" shows 'Mounted Media: +10h, DVD-ROM' 'Legacy lead-out at: +460800\*2KB' -- \
	dvd+rw-mediainfo "$device"
check "and nothing is refused" quietly dvd+rw-mediainfo "$device"
# "Media Book Type" is 00h of every DVD-ROM: dvd+rw-mediainfo 7.1 takes it from the answer before this.
check "the book it is told is a DVD-ROM's, its layer one" \
	shows 'STRUCTURE\[#0h\]:.01 02 01 00 00 03 00 00 00 0a 07 ff' -- dvd+rw-mediainfo "$device" full

check "a BD is loaded" insert zeta bd0 ZETA
check "dvd+rw-mediainfo: a BD-ROM" shows 'Mounted Media: +40h, BD-ROM' 'Disc status: +complete' \
	'READ CAPACITY: +10485760\*2048' -- dvd+rw-mediainfo "$device"
check "sg_get_config: the current profile is BD-ROM" shows 'Current profile: BD-ROM' -- sg_get_config "$sg"
check "the last block of it is read" cmp <(dd if="$device" bs=2048 skip=10485759 status=none) \
	<(head -c 2048 /dev/zero)
check "the kernel is unharmed" kernel_unharmed
check "the daemon ends" end_daemon
rm "$pool/epsilon.iso" "$pool/zeta.iso" "$scratch/raw.bin"
