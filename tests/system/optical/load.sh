# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A disc from the catalog is loaded, over each way in, and read back byte for byte.

http=http://127.0.0.1:7480/api/v1

over_tcp() {
	curl -sS -o /dev/null -w '%{http_code}' "$@"
}

tcp_status_is() {
	local wanted=$1 status
	shift
	status=$(over_tcp "$@")
	[ "$status" = "$wanted" ] || {
		echo "$status"
		return 1
	}
}

load_over_tcp() {
	tcp_status_is "$1" -X PUT "${@:2}" -H 'Content-Type: application/json' \
		-d '{"medium": "gamma"}' $http/drives/dvd0/medium
}

# Every file of the disc LABEL, mounted at $mnt.
files_equal() {
	diff -r --exclude=lost+found "$scratch/trees/$1" "$mnt"
}

# The last 64 KiB, past every cache.
end_equals() {
	local blocks
	blocks=$(($(stat -c %s "$2") / 2048))
	cmp <(dd if="$1" bs=2048 skip=$((blocks - 32)) iflag=direct status=none) \
		<(tail -c 65536 "$2")
}

ends_there() {
	local size
	size=$(blockdev --getsize64 "$1")
	[ "$(dd if="$1" bs=2048 skip=$((size / 2048)) status=none | wc -c)" = 0 ]
}

check "a daemon for loading" fresh_daemon dvd0
device=$(drive_device dvd0)

check "over the command line: a disc is loaded" carousel load alpha dvd0
check "the host sees its label" wait_until 60 label_is "$device" ALPHA
check "status says what is where" shows 'dvd0.*alpha' -- carousel status
check "the device is the image, every byte and no more" device_equals "$device" "$pool/alpha.iso"
check "its very end can be read" end_equals "$device" "$pool/alpha.iso"
check "reading at the end gives the end of the file" ends_there "$device"
check "the ISO 9660 file system is mounted" mount -o ro "$device" "$mnt"
check "every file is what was put in" files_equal ALPHA
check "it is unmounted" umount "$mnt"
check "read past the page cache, it is the image" \
	cmp <(dd if="$device" bs=64k iflag=direct status=none) "$pool/alpha.iso"
check "most reads were served without a thread switch" \
	test "$(drive_get dvd0 '.counters.inline_reads > .counters.pool_reads')" = true
forget "$pool/alpha.iso"
reads=$(drive_get dvd0 .counters.pool_reads)
check "read from the disk, it is the image" \
	cmp <(dd if="$device" bs=64k iflag=direct status=none) "$pool/alpha.iso"
check "and workers read it" test "$(drive_get dvd0 .counters.pool_reads)" -gt "$reads"
check "loading it again changes nothing" carousel load alpha dvd0
check "another disc is refused while it is in" says 'holds alpha' replace -- carousel load beta dvd0
check "the command line ejects it" taken_out dvd0
check "the host sees it gone" wait_until 60 is_empty "$device"
check "ejecting nothing is no error" carousel eject dvd0

check "over the unix socket: a disc is loaded" shows '^200$' '"state": *"loaded"' -- \
	api_status PUT /api/v1/drives/dvd0/medium '{"medium": "beta"}'
check "the host sees its label" wait_until 60 label_is "$device" BETA
check "the device is the image" device_equals "$device" "$pool/beta.iso"
check "over the unix socket: it is ejected" wait_until 60 shows '^200$' -- \
	api_status DELETE /api/v1/drives/dvd0/medium
check "the host sees it gone" wait_until 60 is_empty "$device"

check "over TCP without a token: refused" load_over_tcp 401
check "over TCP with a wrong token: refused" load_over_tcp 401 -H "Authorization: Bearer 0123"
check "nothing came of it" drive_is dvd0 .state empty
check "the token is the owner's only" test "$(stat -c %a "$state/token")" = 600
check "over TCP with the token: a disc is loaded" \
	load_over_tcp 200 -H "Authorization: Bearer $(cat "$state/token")"
check "liveness is anybody's to ask" tcp_status_is 200 http://127.0.0.1:7480/healthz
check "the host sees its label" wait_until 60 label_is "$device" GAMMA
check "the device is the image" device_equals "$device" "$pool/gamma.iso"
check "the UDF file system is mounted" mount -o ro -t udf "$device" "$mnt"
check "every file is what was put in" files_equal GAMMA
check "it is unmounted" umount "$mnt"

check "an unknown medium is said to be so" says 'nowhere' 'medium_not_found|no medium' -- \
	carousel load nowhere dvd0
check "an unknown drive is said to be so" says 'dvd9' -- carousel load alpha dvd9
check "the kernel complains of nothing" kernel_quiet
check "the daemon ends" end_daemon
