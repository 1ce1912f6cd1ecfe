#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What iscsi-ls, iscsi-inq and iscsi-readcapacity16 see of the portal.
set -eu

for tool in iscsi-ls iscsi-inq iscsi-readcapacity16; do
	if ! command -v "$tool" >/dev/null; then
		echo "$tool is not installed"
		exit 77
	fi
done

directory=$(mktemp -d)
mkfifo "$directory/in" "$directory/out"
"$1" <"$directory/in" >"$directory/out" &
exec 9>"$directory/in"
read -r address <"$directory/out"
# The server ends when its input does.
trap 'exec 9>&-; wait; rm -r "$directory"' EXIT

target=iqn.2026-01.test:one
initiator=iqn.2026-01.test:initiator

expect() { # TEXT COMMAND...: the command succeeds and its output has TEXT
	text=$1
	shift
	"$@" >"$directory/seen" 2>&1 || {
		cat "$directory/seen"
		echo "failed: $*"
		exit 1
	}
	grep -qF -- "$text" "$directory/seen" || {
		cat "$directory/seen"
		echo "no \"$text\" in the output of: $*"
		exit 1
	}
}

expect "Target:$target Portal:$address,1" iscsi-ls -i "$initiator" "iscsi://$address"
expect "Lun:5" iscsi-ls -s -i "$initiator" "iscsi://$address"
expect "Peripheral Device Type:MMC" iscsi-inq -i "$initiator" "iscsi://$address/$target/0"
expect "Peripheral Qualifier:CONNECTED" iscsi-inq -i "$initiator" "iscsi://$address/$target/5"
expect "DEVICE_IDENTIFICATION" iscsi-inq -e 1 -c 0 -i "$initiator" "iscsi://$address/$target/0"
expect "RETURNED LOGICAL BLOCK ADDRESS:8191" \
	iscsi-readcapacity16 -i "$initiator" "iscsi://$address/$target/0"
expect "1024000" iscsi-readcapacity16 -s -i "$initiator" "iscsi://$address/$target/5"
