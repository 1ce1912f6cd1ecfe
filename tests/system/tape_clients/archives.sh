# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# tar and cpio: one archive, several, an archive that grows.

tree=$(make_tree "$via" 3000)
later=$(make_tree "$via-later" 500)

archive_is() { # TREE: the archive that the tape is in front of, against the tree
	tar -df "$tape" -b 128 -C "$1" .
}

check "tar: an archive" tar -cf "$tape" -b 128 -C "$tree" .
rewind
check "tar: compared" archive_is "$tree"
rewind
check "tar: listed" shows 'deep/er/odd-size.bin' -- tar -tvf "$tape" -b 128

# tar reads to the end of its archive, not over the filemark behind it.
mt -f "$tape" eod
check "tar: a second one behind it" tar -cf "$tape" -b 128 -C "$later" .
check "tar: a third" tar -cf "$tape" -b 20 -C "$tree" README
check "mt asf 1: the second" mt -f "$tape" asf 1
check "tar: compared" archive_is "$later"
check "mt asf 2: the third" mt -f "$tape" asf 2
check "tar: of its own blocking factor, which tar finds out" shows '^README$' -- tar -tf "$tape"
rewind
check "tar: the first" archive_is "$tree"
mt -f "$tape" asf 2
check "tar: extracted" sh -c "mkdir -p $scratch/extracted && tar -xf $tape -C $scratch/extracted"
check "tar: right" cmp "$scratch/extracted/README" "$tree/README"

# Appending to an archive reads to its end, spaces back over a block, and writes from there.
rewind
check "tar: an archive to append to" tar -cf "$tape" -b 20 -C "$later" README
rewind
check "tar -r: appended to" tar -rf "$tape" -b 20 -C "$tree" deep
rewind
check "tar -r: both are in it" shows '^README$' '^deep/er/odd-size.bin$' -- tar -tf "$tape" -b 20
rewind
check "tar -W: verified while it is written" tar -cWf "$tape" -b 128 -C "$tree" .

rewind
check "cpio: written" sh -c "cd $tree && find . | cpio --quiet -o -H newc -C 65536 -F $tape"
rewind
rm -rf "$scratch/extracted"
check "cpio: extracted" sh -c "mkdir -p $scratch/extracted && cd $scratch/extracted &&
	cpio --quiet -idm -C 65536 -F $tape"
check "cpio: right" diff -r "$tree" "$scratch/extracted"
rm -rf "$scratch/extracted" "$tree" "$later"
