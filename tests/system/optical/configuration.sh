# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A configuration that is wrong, and a second daemon: a clear error, an exit status, nothing lost.

# ends_saying STATUS TEXT...: the daemon ends by itself with the status, having said each TEXT
ends_saying() {
	local wanted=$1 output status text
	shift
	output=$(timeout 120 "$carouseld" --config "$configuration" 2>&1)
	status=$?
	printf '%s\n' "$output" "status $status"
	[ $status = "$wanted" ] || return
	for text; do
		grep -qE -- "$text" <<<"$output" || {
			echo "it does not say: $text"
			return 1
		}
	done
}

append() {
	printf '%s\n' "$@" >>"$configuration"
}

configure
append '[daemon]' 'stat_dir = /tmp'
check "an unknown key: its file, line, name, and those there are" \
	ends_saying 2 "$configuration:[0-9]+" 'stat_dir' 'state_dir'
configure dvd0 dvd0
check "two drives of one name" ends_saying 2 "$configuration:[0-9]+" 'dvd0' 'one section'
configure
append '[drives]'
check "an unknown section" ends_saying 2 'drives' '\[drive NAME\]'
configure dvd0:export=everywhere
check "a value that is none of those allowed" ends_saying 2 'everywhere' 'loopback or none'
configure
append 'this is no line'
check "a line that cannot be understood" ends_saying 2 "$configuration:[0-9]+" 'key = value'
configure dvd0:personality=gramophone
check "a personality that is not there" ends_saying 2 'gramophone' 'dvd-rom'
configuration=$scratch/missing.conf
check "no such file" ends_saying 2 'missing.conf' 'No such file'
configuration=$scratch/carousel.conf
check "an unknown option" says 'Usage' -- "$carouseld" --sate
configure dvd0
check "a good one passes the check" "$carouseld" --config "$configuration" --check-config
check "the sample is a good one" sh -c \
	"'$carouseld' --print-config >'$scratch/sample.conf' && '$carouseld' --config '$scratch/sample.conf' --check-config"

check "a daemon" fresh_daemon dvd0
check "a disc is loaded" carousel load alpha dvd0
check "a second daemon on the same state is refused, naming the first" \
	ends_saying 1 "process $(cat "$scratch/pid")" "$state" 'state_dir'
check "the first is unharmed: it answers" drive_is dvd0 .medium.id alpha
check "and serves" wait_until 60 device_equals "$(drive_device dvd0)" "$pool/alpha.iso"
check "it holds its socket" test -S "$socket"
check "it ends" end_daemon

check "the catalog is from a newer carouseld" sh -c \
	"python3 -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(\"pragma user_version=999\")' '$state/catalog.db'"
check "that is said, with what to do" ends_saying 1 'catalog.db' 'schema 999' 'later'
dd if=/dev/urandom of="$state/catalog.db" bs=4096 seek=1 count=4 conv=notrunc status=none
check "the catalog is damaged: said, with what to do" ends_saying 1 'catalog'
check "the kernel is unharmed" kernel_unharmed
