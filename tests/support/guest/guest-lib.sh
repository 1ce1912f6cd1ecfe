# shellcheck shell=bash
# For scripts that run inside the guest: . tests/support/guest/guest-lib.sh
#
# What checks.sh has, and
#
# load_target_modules [MODULE...]
#                         the target core, TCMU, loopback and iSCSI, the SCSI drivers, and MODULE...
# loopback_create NAME DEVICE
#                         links configfs directory DEVICE as LUN 0 of a loopback port of its own;
#                         prints its SCSI address without the LUN ("2:0:1")
# loopback_remove NAME    undoes it

if [ "${GUEST-}" != 1 ]; then
	echo "this runs inside the guest only: tests/support/guest/guest -- $0" >&2
	exit 77
fi

export TARGET=/sys/kernel/config/target
# shellcheck source=tests/support/checks.sh
. "$(dirname "${BASH_SOURCE[0]}")/../checks.sh"

load_target_modules() {
	modprobe -a target_core_user tcm_loop iscsi_target_mod sg sr_mod st ch "$@" &&
		udevadm settle
}

loopback_hba() {
	local hash
	hash=$(printf '%s' "$1" | md5sum | cut -c1-8)
	echo "$TARGET/loopback/naa.50014050$hash"
}

loopback_create() {
	local hba
	hba=$(loopback_hba "$1")
	mkdir -p "$hba/tpgt_1" &&
		printf '%s' "naa.6001405${hba##*naa.5001405}" | cut -c1-20 >"$hba/tpgt_1/nexus" &&
		mkdir "$hba/tpgt_1/lun/lun_0" &&
		ln -s "$2" "$hba/tpgt_1/lun/lun_0/device" &&
		cat "$hba/tpgt_1/address"
}

loopback_remove() {
	local hba
	hba=$(loopback_hba "$1")
	rm "$hba/tpgt_1/lun/lun_0/device" &&
		rmdir "$hba/tpgt_1/lun/lun_0" &&
		printf NULL >"$hba/tpgt_1/nexus" &&
		rmdir "$hba/tpgt_1" "$hba"
}
