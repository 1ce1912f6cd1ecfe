# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Bacula's own test of a tape drive.

mapfile -t small < <(tapes_made "B${via:0:2}" 2 40000000)
btape_configuration=$scratch/bacula-sd.conf
cat >"$btape_configuration" <<-CONF
	Storage {
	  Name = test
	  Working Directory = $scratch
	  Pid Directory = $scratch
	}
	Director {
	  Name = test
	  Password = none
	}
	Device {
	  Name = drive
	  Media Type = LTO-8
	  Archive Device = $tape
	  Device Type = Tape
	  Automatic Mount = yes
	  Always Open = yes
	  Removable Media = yes
	  Random Access = no
	  Maximum File Size = 10 MB
	}
	Messages {
	  Name = Standard
	  Director = test = all
	}
CONF

# btape_says ANSWER...: each is typed at its next prompt; what it prints is in $scratch/btape
btape_says() {
	printf '%s\n' "$@" quit | timeout 200 btape -c "$btape_configuration" "$tape" >"$scratch/btape" 2>&1
	tail -n 60 "$scratch/btape"
}

btape_passes() { # TEXT...
	local text
	for text; do
		grep -qE -- "$text" "$scratch/btape" || {
			echo "btape does not say: $text"
			return 1
		}
	done
	! grep -qiE 'ERR=|failed|test did not|error' "$scratch/btape"
}

btape_test() {
	btape_says test y y && btape_passes 'completed'
}

check "btape test" btape_test
cp "$scratch/btape" "$GUEST_OUT/btape-test-$via" 2>/dev/null
