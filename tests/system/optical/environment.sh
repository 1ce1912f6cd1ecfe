# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the daemon needs is not there: it says what, and what to do. First of all files, while the
# target's modules are not loaded.

# starts_saying TEXT... : with the configuration as it is, it ends with status 1 and says each TEXT
cannot_start_saying() {
	local output status text
	output=$(timeout 120 "${as[@]}" "$carouseld" --config "$configuration" 2>&1)
	status=$?
	printf '%s\n' "$output" "status $status"
	[ $status = 1 ] || return
	for text; do
		grep -qE -- "$text" <<<"$output" || {
			echo "it does not say: $text"
			return 1
		}
	done
}

# For who must have the kernel's target: without this line the daemon goes on without it, says why,
# and serves hosts over iSCSI.
configure_kernel_target() {
	configure dvd0
	sed -i '/^\[daemon\]/a kernel_target = yes' "$configuration"
}

as=()
rm -rf "$state" "$runtime"
configure_kernel_target

if [ -d /sys/module/target_core_user ]; then
	skip "no kernel module" "it is loaded already"
else
	echo 'install target_core_user /bin/false' >/etc/modprobe.d/carousel-test.conf
	check "no kernel module: said, with what to do" \
		cannot_start_saying 'target_core_user' 'modprobe|Boot'
	check "it runs without the kernel's target when told so" start_daemon --no-kernel-target
	check "the catalog works" carousel media add "$pool/alpha.iso"
	check "its drive is none of this machine" drive_is dvd0 .address null
	check "it stops" stop_daemon
	rm /etc/modprobe.d/carousel-test.conf
fi

umount /sys/kernel/config
check "configfs is not mounted: said, with the command that mounts it" \
	cannot_start_saying 'configfs' 'mount -t configfs'
mount -t configfs configfs /sys/kernel/config

rm -rf "$state" "$runtime"
install -d -o nobody -g nogroup "$state" "$runtime"
configure_kernel_target
chmod a+rx "$scratch"
chmod a+r "$configuration"
as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
check "not root: said, with what to do" cannot_start_saying '[Rr]oot|[Pp]ermission'
as=()
rm -rf "$state" "$runtime"
configure dvd0
sed -i "s#^state_dir.*#state_dir = $scratch/no/such/state#" "$configuration"
check "a state directory that cannot be made" cannot_start_saying 'no/such/state' 'parent'
check "the kernel is unharmed" kernel_unharmed
