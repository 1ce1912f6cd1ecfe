# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The operator changes tapes while a host has the drive, has it open, has it locked; the tab; a host's
# own unload.

mapfile -t others < <(tapes_made OPR 1 10000000000)
other=${others[0]}

dd_open() { # reads a block with file 9, which is open from before to after
	dd of=/dev/null bs=64k count=1 status=none <&9
}

data operator 655360
put operator bs=64k
rewind

mark=$(trace_mark "$drive")
check "closed: another tape is loaded" carousel load "$other" "$drive" --replace
check "closed: the host finds a blank one" sh -c "mt -f $tape status | grep -q BOT"
check "closed: nothing on it" drive_at end 0
check "closed: told once" test "$(trace_count "$drive" "$mark" 6/28/00)" = 1
check "closed: the first one is back" carousel load "$cartridge" "$drive" --replace
check "closed: with what was written" sh -c "dd if=$tape bs=64k status=none | cmp - $scratch/operator"
rewind

exec 9<"$tape"
check "open: the host reads" dd_open
check "open: ejected, for nothing locks it" carousel eject "$drive"
check "open: the next read fails" fails_with 'error' dd_open
check "open: another tape is loaded" carousel load "$other" "$drive"
check "open: the next read fails: it is not the host's tape" fails_with 'error' dd_open
exec 9<&-
check "open: a new open finds it" sh -c "mt -f $tape rewind && mt -f $tape status | grep -q BOT"
check "open: the first tape again" carousel load "$cartridge" "$drive" --replace

mt -f "$tape" stsetoptions auto-lock
exec 9<"$tape"
check "locked: the host reads" dd_open
check "locked: it is" drive_is "$drive" .locked true
case $via in
loopback) holder='loopback' ;;
portal) holder="$host" ;;
esac
check "locked: eject is refused, and says who locks it" says "$holder" 'force' -- carousel eject "$drive"
check "locked: by its own status" test "$(carousel eject "$drive" >/dev/null 2>&1; echo $?)" = 4
check "locked: so is another tape" says "$holder" -- carousel load "$other" "$drive" --replace
check "locked: the host reads on" dd_open
check "locked: forced" carousel eject "$drive" --force
check "locked: the next read fails" fails_with 'error' dd_open
exec 9<&-
mt -f "$tape" stclearoptions auto-lock
check "locked: the tape is loaded again" carousel load "$cartridge" "$drive"
check "locked: it is not any more" drive_is "$drive" .locked false
check "locked: nothing of it is lost" sh -c "mt -f $tape rewind && dd if=$tape bs=64k status=none | cmp - $scratch/operator"

check "the tab: not while it is in a drive" says "in drive $drive|in use" -- carousel tape protect "$cartridge"
check "the tab: ejected" carousel eject "$drive"
check "the tab: set" carousel tape protect "$cartridge"
check "the tab: loaded" carousel load "$cartridge" "$drive"
check "the tab: mt sees it" sh -c "mt -f $tape status | grep -q WR_PROT"
check "the tab: nobody opens it to write" fails_with 'Read-only file system' put operator bs=64k
check "the tab: mt weof" fails_with 'Read-only file system' mt -f "$tape" weof
check "the tab: the drive itself refuses" says 'Data protect|write protected' -- \
	sg_raw -v "$generic" 10 00 00 00 01 00
check "the tab: it can be read" sh -c "mt -f $tape rewind && dd if=$tape bs=64k status=none | cmp - $scratch/operator"
check "the tab: ejected" carousel eject "$drive"
check "the tab: cleared" carousel tape permit "$cartridge"
check "the tab: loaded" carousel load "$cartridge" "$drive"
check "the tab: it can be written to" put operator bs=64k

check "unloaded by the host" mt -f "$tape" offline
check "unloaded: the operator has it threaded again" carousel load "$cartridge" "$drive"
check "unloaded: the host reads it" sh -c "dd if=$tape bs=64k status=none | cmp - $scratch/operator"
check "unloaded by the host" mt -f "$tape" offline
check "unloaded: the operator takes it away" carousel eject "$drive"
check "unloaded: there is nothing to load" fails_with 'Input/output error' mt -f "$tape" load
check "unloaded: the drive is empty" drive_is "$drive" .state empty
case $drive in
lto0) elsewhere=lto1 ;;
*) elsewhere=lto0 ;;
esac
check "it is loaded once more" carousel load "$cartridge" "$drive"
check "a tape is in one drive at a time" says "$drive" -- carousel load "$cartridge" $elsewhere --replace
check "its history is known" shows 'load' 'eject' -- carousel history --medium "$cartridge"
