#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A library is backed up while its daemon runs, and comes back from the copy.
# Usage: backup.sh CAROUSELD CAROUSEL
set -u
carouseld=$1 carousel=$2
PATH=$(dirname "$carouseld"):$PATH
# shellcheck source=tests/unit/daemon/with_scratch.sh
. "$(dirname "$0")/with_scratch.sh"

mkdir "$scratch"/{state,run,media,backups}
cat >"$scratch/conf" <<-END
	[daemon]
	state_dir = $scratch/state
	runtime_dir = $scratch/run
	kernel_target = no
	[web]
	listen =
	[portal]
	listen =
	[media]
	pools = $scratch/media
END

start() {
	: >"$scratch/log"
	"$carouseld" -c "$scratch/conf" 2>"$scratch/log" &
	pid=$!
	until grep -qE 'is up|cannot start' "$scratch/log"; do sleep 0.1; done
	grep -q 'is up' "$scratch/log" || { cat "$scratch/log" >&2; fail "the daemon does not start"; }
}

stop() {
	kill "$pid"
	wait "$pid"
}

ask() { "$carousel" --socket "$scratch/run/carousel.sock" "$@"; }

# refused STATUS TEXT COMMAND...
refused() {
	local status=$1 text=$2
	shift 2
	said=$("$@" 2>&1)
	[ $? = "$status" ] || fail "\"$*\" does not exit with $status: $said"
	[[ $said == *"$text"* ]] || fail "\"$*\" does not say \"$text\": $said"
	[ "$(wc -l <<<"$said")" = 2 ] || fail "\"$*\" does not take two lines: $said"
}

start
genisoimage -quiet -V BACKUP -o "$scratch/media/a.iso" "$0" || fail "there is no image"
ask media add "$scratch/media/a.iso" 2>/dev/null || fail "the image is not added"
ask drive add dvd0 --no-loopback 2>/dev/null || fail "the drive is not made"
ask load a dvd0 2>/dev/null || fail "the disc is not loaded"
ask media tag a golden || fail "the disc is not tagged"

# ---- while it runs, and while things change
for i in {1..20}; do ask drive add "more$i" --no-loopback 2>/dev/null; done &
changing=$!
ask backup "$scratch/backups/one.db" 2>"$scratch/said" || fail "there is no backup"
wait $changing
grep -q 'not in it: back up their directories' "$scratch/said" || fail "it does not say what is missing"
[ "$(stat -c %a "$scratch/backups/one.db")" = 600 ] || fail "others may read the backup"
[ ! -e "$scratch/state/catalog.db.backup" ] || fail "a copy lies about in the state directory"
ask backup "$scratch/backups" -o json | grep -q '"file": ".*/carousel-2.*Z.db"' || fail "a directory will not do"
refused 1 'there is a file' ask backup "$scratch/backups/one.db"
refused 2 'not written to stdout' ask backup -
refused 1 'cannot make' ask backup "$scratch/nowhere/one.db"
ls "$scratch"/backups/*.tmp 2>/dev/null && fail "something was left behind"

# ---- not while it runs
refused 4 "$scratch/state" "$carousel" restore "$scratch/backups/one.db" -c "$scratch/conf"

# ---- what went on afterwards is gone, and kept beside
ask eject dvd0 2>/dev/null
ask media rm a 2>/dev/null
ask drive add late --no-loopback 2>/dev/null
stop
# The name of the catalog is never free: a daemon that found none would begin a new one.
python3 - "$scratch/state" "$scratch/watched" <<-'END' >"$scratch/names" &
	import ctypes, os, struct, sys, time
	IN_MOVED_FROM, IN_DELETE, IN_CREATE = 0x40, 0x200, 0x100
	fd = ctypes.CDLL(None).inotify_init()
	assert ctypes.CDLL(None).inotify_add_watch(fd, sys.argv[1].encode(), IN_MOVED_FROM | IN_DELETE | IN_CREATE) >= 0
	open(sys.argv[2], "w").close()
	name = ""
	while name != "watched-to-here":
	    data = os.read(fd, 1 << 16)
	    while data:
	        _, mask, _, length = struct.unpack_from("iIII", data)
	        name = data[16 : 16 + length].rstrip(b"\0").decode()
	        print("made" if mask & IN_CREATE else "gone", name, flush=True)
	        data = data[16 + length :]
END
watching=$!
until [ -e "$scratch/watched" ]; do sleep 0.1; done
"$carousel" restore "$scratch/backups/one.db" -c "$scratch/conf" 2>"$scratch/said" || fail "it is not restored: $(cat "$scratch/said")"
touch "$scratch/state/watched-to-here"
wait $watching || fail "the state directory was not watched"
grep -qx 'made catalog.db.restoring' "$scratch/names" || fail "nothing was seen of the restoration"
grep -qx 'gone catalog.db' "$scratch/names" && fail "for an instant there was no catalog"
rm "$scratch/state/watched-to-here"
grep -q 'catalog.db.before-restore' "$scratch/said" || fail "it does not say where the catalog before is"
[ "$(stat -c %a "$scratch/state/catalog.db")" = 600 ] || fail "others may read what was restored"
start
ask drive show dvd0 | grep -q '^medium *a ' || fail "the disc is not in its drive again"
[ "$(ask media ls --tag golden -o name)" = a ] || fail "the tag is gone"
ask drive show late >/dev/null 2>&1 && fail "what was made after the backup is there"
stop

# The one before is a backup as good as any.
"$carousel" restore "$scratch/state/catalog.db.before-restore" -c "$scratch/conf" 2>/dev/null || fail "there is no way back"
start
ask drive show late >/dev/null || fail "the way back does not lead there"
stop

# ---- what cannot be restored changes nothing
before=$(sha256sum "$scratch/state/catalog.db")
refused 3 'cannot read' "$carousel" restore "$scratch/no-such.db" -c "$scratch/conf"
: >"$scratch/empty.db"
refused 1 'is empty' "$carousel" restore "$scratch/empty.db" -c "$scratch/conf"
refused 1 'is empty, or no file' "$carousel" restore "$scratch/media" -c "$scratch/conf"
refused 1 'damaged, or no backup' "$carousel" restore "$scratch/media/a.iso" -c "$scratch/conf"
cp "$scratch/backups/one.db" "$scratch/cut.db"
truncate -s -20000 "$scratch/cut.db"
refused 1 'damaged, or no backup' "$carousel" restore "$scratch/cut.db" -c "$scratch/conf"
cp "$scratch/backups/one.db" "$scratch/foreign.db"
printf '\x00\x00\x00\x07' | dd of="$scratch/foreign.db" bs=1 seek=68 conv=notrunc 2>/dev/null # application_id
refused 1 'damaged, or no backup' "$carousel" restore "$scratch/foreign.db" -c "$scratch/conf"
cp "$scratch/backups/one.db" "$scratch/later.db"
printf '\x00\x00\x7f\xff' | dd of="$scratch/later.db" bs=1 seek=60 conv=notrunc 2>/dev/null # user_version
refused 1 'of a later carouseld' "$carousel" restore "$scratch/later.db" -c "$scratch/conf"
[ "$(sha256sum "$scratch/state/catalog.db")" = "$before" ] || fail "what was refused has changed the catalog"
ls "$scratch"/state/catalog.db.restoring* 2>/dev/null && fail "a copy lies about"

pid=$$ # nothing to stop any more
trap 'rm -rf "$scratch"' EXIT
exit $failed
