#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The daemon itself, run by anybody, reads its configuration again on SIGHUP.
# Usage: reload.sh CAROUSELD CAROUSEL
set -u
carouseld=$1 carousel=$2
# shellcheck source=tests/unit/daemon/with_scratch.sh
. "$(dirname "$0")/with_scratch.sh"

mkdir "$scratch"/{state,run,media,more}
configuration() {
	cat <<-END
		[daemon]
		state_dir = $scratch/state
		runtime_dir = $scratch/run
		kernel_target = no
		[web]
		listen =
		[portal]
		listen = 127.0.0.1:$port
		[media]
		pools = $scratch/media
		pool_auto_import = no
		[drive dvd0]
	END
}

start_on_free_port
await 'is up with 1 drive'
ask() { "$carousel" --socket "$scratch/run/carousel.sock" "$@"; }

head -c 2048000 /dev/zero >"$scratch/more/a.iso"
ask media add "$scratch/more/a.iso" 2>/dev/null && fail "an image outside of the pools was added"

{
	configuration
	echo "[media]"
	echo "pools = $scratch/more"
	echo "[drive dvd1]"
	echo "[export library]"
	echo "luns = dvd0 dvd1"
} >"$scratch/conf"
kill -HUP $pid
await 'export library was made'
grep -q 'drive dvd1 was made' "$scratch/log" || fail "no drive was made"
ask drive ls | grep -q dvd1 || fail "the drive is not there"
ask media add "$scratch/more/a.iso" 2>&1 | grep -q pools && fail "the pools are what they were"

# What is taken of uploads counts at once, and the remedy names the setting.
genisoimage -quiet -V UPLOAD -o "$scratch/sent.iso" "$scratch/more/a.iso" || fail "there is no image"
refuses() { # SETTING: an upload is refused because of it, soon
	kill -HUP $pid
	for i in {1..100}; do
		ask media upload "$scratch/sent.iso" --name "$1-$i.iso" >"$scratch/said" 2>&1
		grep -q "$1 in \[media\]" "$scratch/said" && return
		sleep 0.1
	done
	fail "$1 does not count: $(cat "$scratch/said")"
}
ask media upload "$scratch/sent.iso" 2>"$scratch/said" || fail "nothing can be sent: $(cat "$scratch/said")"
sed -i '/^pools = .*more$/a upload_limit = 2MB' "$scratch/conf"
refuses upload_limit
sed -i 's/^upload_limit.*/pool_reserve = 8000PB/' "$scratch/conf"
refuses pool_reserve

echo "nonsense" >>"$scratch/conf"
kill -HUP $pid
await 'stays as it was'

sed -i -e '/nonsense/d' -e 's/^listen = 127.*/listen = 127.0.0.1:1/' "$scratch/conf"
kill -HUP $pid
await 'what changed in \[portal\] counts after a restart'
ask drive ls | grep -q dvd1 || fail "the daemon does not answer any more"

# What is wrong is seen before a start.
refuse() { # TEXT WORD: --check-config says it
	printf '%b' "$1" >"$scratch/wrong"
	"$carouseld" -c "$scratch/wrong" --check-config 2>"$scratch/said" && fail "\"$1\" passes the check"
	grep -q -- "$2" "$scratch/said" || fail "--check-config does not say \"$2\""
}
"$carouseld" -c "$scratch/conf" --check-config || fail "the configuration in use does not pass the check"
refuse '[export a]\nluns = x:dvd0\n' 'x:dvd0'
refuse '[export a]\nchap_secret_file = /nowhere\n' '/nowhere'
refuse '[export a]\n\nnetworks = 10.0.0.1/8\n' 'wrong:3: '

# What it says of itself, beside the one that serves.
state=$(sed -n 's/^state_dir = //p' "$scratch/conf")
"$carouseld" -c "$scratch/conf" --show-config | grep -qx "tape_dir = $state/tapes" ||
	fail "--show-config does not say where tapes are"
[[ $("$carouseld" -c "$scratch/conf" --check-catalog) == "$state/catalog.db is sound" ]] ||
	fail "--check-catalog does not find the catalog sound"

"$carouseld" -c "$scratch/conf" --withdraw 2>"$scratch/said" && fail "drives of a daemon that runs are withdrawn"
grep -q 'another carouseld' "$scratch/said" || fail "--withdraw does not say that a carouseld runs"

# The doctor finds the daemon by its configuration, and the configuration by the daemon.
doctor() { # LEVEL TEXT OPTION...: it says that
	"$carousel" doctor --all "${@:3}" >"$scratch/doctor"
	grep -q -- "^$1 .*$2" "$scratch/doctor" || { fail "doctor ${*:3} does not say: $1: $2"; cat "$scratch/doctor" >&2; }
}
doctor fine "$state/catalog.db is sound" -c "$scratch/conf"
doctor fine "$state/catalog.db is sound" --socket "$scratch/run/carousel.sock"
doctor fine "$scratch/conf is as it should be" --socket "$scratch/run/carousel.sock"
doctor warning 'nobody listens at 127.0.0.1:1' -c "$scratch/conf"
mv "$scratch/media" "$scratch/elsewhere"
doctor warning "$scratch/media is not there" -c "$scratch/conf"
mv "$scratch/elsewhere" "$scratch/media"

kill $pid
wait $pid || fail "the daemon ended with $?"
"$carouseld" -c "$scratch/conf" --withdraw 2>"$scratch/said" || fail "--withdraw ended with $?"
grep -q 'nothing to withdraw: .*kernel_target = no' "$scratch/said" || fail "--withdraw does not say why it does nothing"

printf '[daemon]\nstate_dir = %s\n' "$scratch/damaged" >"$scratch/damaged.conf"
mkdir "$scratch/damaged"
[[ $("$carouseld" -c "$scratch/damaged.conf" --check-catalog) == *'is not there yet' ]] ||
	fail "--check-catalog does not say that there is no catalog yet"
echo "no catalog" >"$scratch/damaged/catalog.db"
"$carouseld" -c "$scratch/damaged.conf" --check-catalog 2>"$scratch/said" && fail "what is no catalog passes the check"
grep -q 'Restore a backup' "$scratch/said" || fail "--check-catalog does not say what to do"

doctor problem 'catalog.db' -c "$scratch/damaged.conf"

# An export of before the portal was opened to others: its operator is told why they are kept out.
sed -i "s/^listen = 127.*/listen = 0.0.0.0:$port/" "$scratch/conf"
"$carouseld" -c "$scratch/conf" 2>>"$scratch/log" &
pid=$!
await 'export library: Only this machine may log in'
kill $pid
wait $pid || fail "the daemon that listens everywhere ended with $?"
grep -qE 'ERROR: (Address|Undefined|Thread)|runtime error' "$scratch/log" && fail "a sanitizer spoke"
((failed)) && cat "$scratch/log" >&2
exit $failed
