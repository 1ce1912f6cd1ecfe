# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The daemon is killed at any moment of making, changing and removing exports of the kernel. What is
# there after the next start is what the catalog says: finished or cleaned, and nothing besides.

kills=15

change() { # NUMBER
	case $1 in
	0) export_add one dvd0 host-a host-b ;;
	1) export_add two dvd0 host-a -- --chap-user guest --chap-secret-file "$scratch/secret" ;;
	2) carousel export set one --remove-initiator "$initiators:host-b" --add-initiator "$initiators:stranger" ;;
	3) carousel export set two --add-lun lto0 --no-chap ;;
	4) carousel export rm one ;;
	5) carousel export set two --initiator "$initiators:host-b" --remove-lun dvd0 ;;
	6) carousel export rm two ;;
	esac
}

# One after the other from any of them on. Some are refused, for what they change is not there.
change_exports() {
	local at=$((RANDOM % 7))
	while [ ! -e "$scratch/enough" ]; do
		change $at
		at=$(((at + 1) % 7))
	done >/dev/null 2>&1
}

# The kernel's exports in the catalog, a line each: target, and its hosts with their LUNs. One without a
# drive is not shown.
said_by_catalog() {
	api GET /api/v1/exports | jq -r '.items[] | select(.transport == "kernel" and .luns != []) |
		.target as $target | ([.luns[] | "\(.lun):\(.drive)"] | sort | join(",")) as $luns |
		(.chap.user // "") as $user | .initiators[] | "\($target) \(.) \($luns) \($user)"' | sort
}

the_link_in() { # DIRECTORY: where its one link leads to
	readlink -f "$(find "$1" -maxdepth 1 -type l)"
}

# luns_of ACL: "0:dvd0,1:lto0"; devices are named DRIVE.HASH
luns_of() {
	local lun device
	for lun in "$1"/lun_*; do
		device=$(the_link_in "$(the_link_in "$lun")")
		device=${device##*/}
		echo "${lun##*lun_}:${device%.*}"
	done | sort | paste -sd,
}

# Likewise, of what the kernel has.
said_by_kernel() {
	local acl target
	for acl in "$TARGET"/iscsi/iqn.*/tpgt_1/acls/iqn.*; do
		[ -d "$acl" ] || continue
		target=${acl%/tpgt_1/*}
		echo "${target##*/} ${acl##*/} $(luns_of "$acl") $(head -n 1 "$acl/auth/userid" | sed 's/^NULL$//')"
	done | sort
}

as_the_catalog_says() {
	diff <(said_by_catalog) <(said_by_kernel)
}

targets_are_on() {
	local group
	for group in "$TARGET"/iscsi/iqn.*/tpgt_*; do
		[ ! -d "$group" ] || grep -qx 1 "$group/enable" || return
	done
}

# kernel_exports FILTER: a number that is computed from the catalog's
kernel_exports() {
	api GET /api/v1/exports | jq "[.items[] | select(.transport == \"kernel\" and .luns != [])] | $1"
}

count() { # FILE...: of those that there are
	ls -d "$@" 2>/dev/null | wc -l
}

# Every target, and every device, is one that the catalog asks for.
nothing_besides() {
	targets_are_on &&
		test "$(count "$TARGET"/iscsi/iqn.*)" = "$(kernel_exports length)" &&
		test "$(count "$TARGET"/core/user_*/*.*)" = \
			"$(kernel_exports 'map((.luns | length) * (.initiators | length)) | add // 0')"
}

killed_once() {
	local changer
	rm -f "$scratch/enough"
	change_exports &
	changer=$!
	sleep "$((RANDOM % 3)).$((RANDOM % 10))$((RANDOM % 10))"
	kill_daemon
	touch "$scratch/enough"
	wait $changer
	start_daemon
}

killed_at_random() {
	local i
	for ((i = 0; i < kills; i++)); do
		killed_once || return
		said_by_catalog | tee -a "$scratch/seen"
		if ! wait_until 60 as_the_catalog_says || ! wait_until 60 nothing_besides; then
			echo "kill $i: other than the catalog says:"
			as_the_catalog_says
			ls -d "$TARGET"/iscsi/iqn.* "$TARGET"/core/user_*/*.*
			return 1
		fi
	done
}

printf 'a secret of the host\n' >"$scratch/secret"
: >"$scratch/seen"
check "$kills kills" killed_at_random
note "$(sort "$scratch/seen" | uniq | wc -l) different hosts of exports were in the catalog after them"
check "some left an export" test -s "$scratch/seen"
for each in one two; do carousel export rm $each >/dev/null 2>&1; done
check "an export is made" export_add one dvd0 host-a host-b
check "it works" hosts_come one
name_devices one
check "host-b reads" device_equals "$b" "$pool/alpha.iso"
check "killed with hosts logged in" kill_daemon
check "the next one starts" start_daemon
check "host-a reads" wait_until 60 device_equals "$a" "$pool/alpha.iso"
check "host-b, too" wait_until 60 device_equals "$b" "$pool/alpha.iso"
check "all is as the catalog says" as_the_catalog_says
check "the export goes" forget_export one
check "nothing is left of it" test -z "$(ls -d "$TARGET"/iscsi/iqn.* "$TARGET"/core/user_*/*.* 2>/dev/null)"
