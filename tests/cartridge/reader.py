#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of native cartridges, written from ssc/FORMAT.md and from nothing else.

    reader.py FILE             what is on it: one line an object, and what is wrong
    reader.py --frames FILE    the log, frame by frame, from the first zone that is left
    reader.py --compare MAKE   has MAKE write cartridges and say what is on them; finds the same?

It checks everything it reads: frames against their CRCs and what they follow, blocks after
decompression, the index against the frames themselves. Slow, and simple on purpose.
"""
import ctypes
import os
import struct
import subprocess
import sys
import tempfile

SLOT, ZONES_AT, HEADER = 4096, 65536, 64
ZONE, NEXT, DATA, FILEMARK, COMMIT, CHECKPOINT, LEAF, NODE, META = range(1, 10)
NAMES = "? ZONE NEXT DATA FILEMARK COMMIT CHECKPOINT LEAF NODE META".split()
FLAG_EPOCH = 0x10
SEARCH = 512 << 20
NEVER = 1 << 63


def make_table():
    table = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        table.append(i)
    return table


TABLE = make_table()


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Bad(Exception):
    """What is there is not what the specification says."""


def lz4_block(data, length):
    """The LZ4 block format: token, literals, offset, match, until the data ends with literals."""
    out, at = bytearray(), 0

    def long_length(nibble):
        nonlocal at
        total = nibble
        while nibble == 15:
            byte = data[at]
            at += 1
            total += byte
            if byte != 255:
                break
        return total

    while at < len(data):
        token = data[at]
        at += 1
        literals = long_length(token >> 4)
        out += data[at : at + literals]
        at += literals
        if at >= len(data):
            break
        offset = data[at] | data[at + 1] << 8
        at += 2
        match = long_length(token & 15) + 4
        if not 0 < offset <= len(out) or len(out) + match > length:
            raise Bad("not an LZ4 block")
        for _ in range(match):
            out.append(out[-offset])
    return bytes(out)


def zstd_frame(data, length):
    zstd = ctypes.CDLL("libzstd.so.1")
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    out = ctypes.create_string_buffer(max(length, 1))
    got = zstd.ZSTD_decompress(out, ctypes.c_size_t(length), data, ctypes.c_size_t(len(data)))
    if got != length:
        raise Bad("not a Zstandard frame of that length")
    return out.raw[:length]


class Frame:
    def __init__(self, header, address):
        (magic, self.type, partition, self.flags, self.sequence, self.address, self.object,
            self.length, self.parameter, self.stored_crc, self.logical_crc, self.epoch,
            self.previous, reserved, self.crc) = struct.unpack(">4sBBHQQQIIIIIIII", header)
        if magic != b"CFRM" or self.address != address or not ZONE <= self.type <= META:
            raise Bad("no frame")
        if partition or reserved or self.flags & ~0x1F or self.flags & 0xF > 2:
            raise Bad("unknown flags")
        self.end = address + HEADER + (self.length + 63) // 64 * 64


class Commit:
    def __init__(self, data):
        (self.eod, self.filemarks, self.bytes, self.used, self.durable, self.mount, self.when,
            _) = struct.unpack(">8Q", data[:64])
        self.counters = struct.unpack(">16Q", data[64:192])


class Cartridge:
    def __init__(self, path):
        self.file = open(path, "rb")
        self.size = os.fstat(self.file.fileno()).st_size
        self.troubles = []
        self.damaged = False
        self.read_superblock()
        self.begin()

    def pread(self, offset, length):
        data = os.pread(self.file.fileno(), length, offset)
        return data + bytes(length - len(data))

    # ---- slots

    def read_superblock(self):
        reason = "no cartridge"
        for copy in range(2):
            slot = self.pread(copy * SLOT, SLOT)
            if slot[:8] != b"CARTRDGE":
                continue
            self.seed = crc32c(slot[24:40])
            if crc32c(slot[:4092], self.seed) != struct.unpack(">I", slot[4092:])[0]:
                reason = "a damaged superblock"
                self.troubles.append(f"superblock {copy} is damaged")
                continue
            version, _, _, self.read_only, incompatible = struct.unpack(">HHIII", slot[8:24])
            if incompatible:
                raise Bad("features that this reader does not know")
            self.version = version
            (self.made, self.capacity, self.zone_size, self.block_max, self.leaf_objects,
                self.node_children, self.attributes_max) = struct.unpack(">QQQIIII", slot[40:80])
            self.density, self.medium_type = slot[81], slot[82]
            self.barcode = slot[96:128].rstrip(b"\0").decode("ascii", "replace")
            self.medium = slot[128:160].rstrip(b"\0").decode("ascii", "replace")
            self.zones_max = 3 * (self.capacity // self.zone_size) + 32
            return
        raise Bad(reason)

    def read_roots(self):
        roots = []
        for copy in range(2):
            slot = self.pread((2 + copy) * SLOT, SLOT)
            if slot[:8] != b"CARTROOT":
                continue
            if crc32c(slot[:4092], self.seed) != struct.unpack(">I", slot[4092:])[0]:
                continue
            generation, checkpoint, zone, durable, clean = struct.unpack(">QQQQI", slot[8:44])
            roots.append((generation, checkpoint, zone, durable, clean == 1))
        return sorted(roots, reverse=True)

    # ---- frames

    def zone_offset(self, index):
        return ZONES_AT + index * self.zone_size

    def frame_at(self, offset, address):
        """Valid but for what it follows: the frame and its stored bytes."""
        room = self.zone_size - address % self.zone_size
        if room < HEADER:
            raise Bad("no room for a frame")
        header = self.pread(offset, HEADER)
        frame = Frame(header, address)
        if crc32c(header[:60], self.seed) != frame.crc:
            raise Bad("header CRC")
        if HEADER + frame.length > room:
            raise Bad("a frame that crosses zones")
        stored = self.pread(offset + HEADER, frame.length)
        if crc32c(stored, self.seed) != frame.stored_crc:
            raise Bad("CRC of the stored bytes")
        return frame, stored

    def follow(self, place):
        """Frames from a place on, while they are valid. A place: zone index, address, sequence and
        CRC of the frame before, epoch, and whether a ZONE frame must come."""
        zone, address, sequence, crc, epoch, expect_zone = place
        while True:
            offset = self.zone_offset(zone) + address % self.zone_size
            try:
                frame, stored = self.frame_at(offset, address)
            except Bad:
                break
            if frame.sequence != sequence + 1 or frame.previous != crc:
                break
            if frame.epoch != epoch and not frame.flags & FLAG_EPOCH:
                break
            if (frame.type == ZONE) != expect_zone:
                break
            yield frame, stored, zone
            sequence, crc, epoch = frame.sequence, frame.crc, frame.epoch
            address, expect_zone = frame.end, frame.type == NEXT
            if expect_zone:
                zone = frame.parameter
                address = (frame.address // self.zone_size + 1) * self.zone_size
                if zone >= self.zones_max:
                    break
        self.stopped = (zone, address)

    # ---- the index

    def at(self, address):
        use = address // self.zone_size
        if use not in self.zones:
            raise Bad(f"address {address} is in no zone of the log")
        return self.zone_offset(self.zones[use]) + address % self.zone_size

    def list_leaf(self, first, data):
        at = struct.unpack(">4Q", data[:32])
        if at[0] != first or len(data) != 32 + 8 * self.leaf_objects:
            raise Bad("a leaf of other objects")
        return struct.unpack(f">{self.leaf_objects}Q", data[32:])

    def list_child(self, level, child):
        first, _, _, _, address = child
        frame, data = self.frame_at(self.at(address), address)
        if frame.type != (LEAF if level == 0 else NODE) or frame.object != first:
            raise Bad("an index frame of another kind")
        if level == 0:
            return list(self.list_leaf(first, data))
        if struct.unpack(">I", data[:4])[0] != level:
            raise Bad("a node of another level")
        if len(data) != 8 + 40 * self.node_children:
            raise Bad("a node of another length")
        entries = []
        for i in range(self.node_children):
            child = struct.unpack(">5Q", data[8 + 40 * i : 48 + 40 * i])
            entries += self.list_child(level - 1, child)
        return entries

    def take_checkpoint(self, data):
        """Everything that is listed: one entry an object. What is under an unreadable part of the
        index is None."""
        commit = Commit(data)
        levels, count, zones, attributes = struct.unpack(">4I", data[192:208])
        first = struct.unpack(">Q", data[208:216])[0]
        at = 240
        leaf = struct.unpack(f">{count}Q", data[at : at + 8 * count])
        at += 8 * count
        nodes = []
        for level in range(levels):
            children = struct.unpack(">I", data[at : at + 4])[0]
            at += 8
            nodes.append([struct.unpack(">5Q", data[at + 40 * i : at + 40 * i + 40])
                for i in range(children)])
            at += 40 * children
        self.zones = {}
        for i in range(zones):
            use, index = struct.unpack(">QQ", data[at : at + 16])
            self.zones[use] = index
            at += 16
        self.attributes = data[at : at + attributes]
        if at + attributes != len(data):
            raise Bad("a checkpoint of another length")
        self.entries = []
        for level in reversed(range(levels)):
            for child in nodes[level]:
                if child[0] != len(self.entries):
                    raise Bad("children that do not join")
                try:
                    self.entries += self.list_child(level, child)
                except Bad as bad:
                    self.troubles.append(f"index of level {level} from object {child[0]}: {bad}")
                    self.entries += [None] * (self.leaf_objects * self.node_children**level)
        if first != len(self.entries):
            raise Bad("an open leaf that does not join")
        self.entries += leaf
        if len(self.entries) != commit.eod:
            raise Bad("a checkpoint that lists other objects than it counts")
        self.commit = commit

    # ---- beginning

    def begin(self):
        roots = self.read_roots()
        for number, (_, checkpoint, zone, durable, clean) in enumerate(roots):
            self.root_durable, self.clean = durable, clean
            offset = self.zone_offset(zone) + checkpoint % self.zone_size
            try:
                frame, data = self.frame_at(offset, checkpoint)
                if frame.type != CHECKPOINT:
                    raise Bad("something else")
                self.take_checkpoint(data)
            except (Bad, struct.error) as bad:
                self.troubles.append(f"checkpoint at {checkpoint}: {bad}")
                self.damaged = True
                continue
            self.walk((zone, frame.end, frame.sequence, frame.crc, frame.epoch, False))
            self.judge(max(root[3] for root in roots))
            return
        raise Bad("neither root leads to a checkpoint")

    def walk(self, place):
        """Does what frames do. What a replacement does is kept apart until it is committed."""
        durable, pending, pending_attributes = self.commit.durable, None, None
        self.lowest_pending, self.sequence = NEVER, place[2]
        for frame, stored, zone in self.follow(place):
            listed = self.entries if pending is None else pending
            self.sequence = frame.sequence
            if frame.type == ZONE:
                self.zones[frame.address // self.zone_size] = zone
            elif frame.type in (DATA, FILEMARK):
                if frame.object > len(listed):
                    self.troubles.append(f"object {frame.object} is behind the end of data")
                    break
                if frame.object < len(listed):
                    pending = listed = listed[: frame.object]
                    self.lowest_pending = min(self.lowest_pending, frame.object)
                listed.append(frame.address // 64 << 1 | (frame.type == FILEMARK))
            elif frame.type == META and pending is None:
                self.attributes = stored
            elif frame.type == META:
                pending_attributes = stored
            elif frame.type in (COMMIT, CHECKPOINT):
                self.entries, pending, self.lowest_pending = listed, None, NEVER
                if pending_attributes is not None:
                    self.attributes, pending_attributes = pending_attributes, None
                self.commit = Commit(stored)
                durable = max(durable, self.commit.durable)
                del self.entries[self.commit.eod :]
                if len(self.entries) != self.commit.eod:
                    self.troubles.append(f"a commit counts {self.commit.eod} objects, "
                        f"there are {len(self.entries)}")
        self.durable = durable

    def judge(self, durable):
        durable = max(durable, self.durable)
        zone, address = self.stopped
        self.lowest_behind, self.missing = NEVER, 0
        if self.damaged or not (self.clean and address == self.root_durable):
            durable = max(durable, self.search(zone, address))
        if address < durable:
            self.damaged = True
            self.troubles.append(f"the log ends at {address} and was durable to {durable}")
        self.doubtful = NEVER
        if self.damaged:
            self.doubtful = min(self.lowest_pending, max(self.lowest_behind - self.missing, 0))

    def note_behind(self, frame):
        """What is missing may have replaced what is there."""
        if frame.sequence > self.sequence:
            self.missing += frame.sequence - self.sequence - 1
            self.sequence = frame.sequence
        if frame.type not in (LEAF, NODE):
            self.lowest_behind = min(self.lowest_behind, frame.object)

    def search(self, zone, address):
        """What commits behind the end say was durable."""
        durable, left = 0, SEARCH
        while zone is not None:
            use = address // self.zone_size
            while address + HEADER <= (use + 1) * self.zone_size and left > 0:
                offset = self.zone_offset(zone) + address % self.zone_size
                if offset >= self.size:
                    break
                try:
                    frame, stored = self.frame_at(offset, address)
                    self.note_behind(frame)
                    if frame.type in (COMMIT, CHECKPOINT):
                        durable = max(durable, Commit(stored).durable)
                    step = frame.end - address
                except Bad:
                    step = 64
                address, left = address + step, left - step
            address = (use + 1) * self.zone_size
            zone = self.find_zone(use + 1)
        return durable

    def find_zone(self, use):
        for index in range(self.zones_max):
            offset = self.zone_offset(index)
            if offset >= self.size:
                return None
            try:
                frame, _ = self.frame_at(offset, use * self.zone_size)
            except Bad:
                continue
            if frame.type == ZONE:
                return index
        return None

    # ---- objects

    def read(self, number):
        """A block, or None for a filemark."""
        entry = self.entries[number]
        if number >= self.doubtful:
            raise Bad("what is missing may have replaced it")
        if entry is None:
            raise Bad("its part of the index cannot be read")
        address = (entry >> 1) * 64
        frame, stored = self.frame_at(self.at(address), address)
        if frame.object != number or frame.type != (FILEMARK if entry & 1 else DATA):
            raise Bad("another object's frame")
        if frame.type == FILEMARK:
            return None
        how = frame.flags & 15
        block = stored
        if how == 1:
            block = lz4_block(stored, frame.parameter)
        elif how == 2:
            block = zstd_frame(stored, frame.parameter)
        if len(block) != frame.parameter or crc32c(block, self.seed) != frame.logical_crc:
            raise Bad("a block that is not what was written")
        return block

    def rebuild(self):
        """The index once more, from the frames alone: the zones in the order of their uses."""
        listed = []
        for use in sorted(self.zones):
            zone, address = self.zones[use], use * self.zone_size
            try:
                frame, _ = self.frame_at(self.zone_offset(zone), address)
            except Bad as bad:
                self.troubles.append(f"zone {zone}: {bad}")
                return None
            place = (zone, address, frame.sequence - 1, frame.previous, frame.epoch, True)
            for frame, stored, at_zone in self.follow(place):
                if at_zone != zone or (at_zone, frame.address) == self.end:
                    break
                if frame.type in (DATA, FILEMARK):
                    del listed[frame.object :]
                    listed.append(frame.address // 64 << 1 | (frame.type == FILEMARK))
                elif frame.type in (COMMIT, CHECKPOINT):
                    del listed[Commit(stored).eod :]
        return listed


def describe(cartridge, out):
    """The lines that MAKE prints too."""
    filemarks = size = 0
    for number in range(len(cartridge.entries)):
        try:
            block = cartridge.read(number)
        except Bad as bad:
            print(f"{number} unreadable: {bad}", file=out)
            continue
        if block is None:
            filemarks += 1
            print(f"{number} filemark", file=out)
        else:
            size += len(block)
            print(f"{number} block {len(block)} {crc32c(block):08x}", file=out)
    commit = cartridge.commit
    print(f"eod {len(cartridge.entries)} filemarks {filemarks} bytes {size}", file=out)
    print(f"attributes {cartridge.attributes.hex() or '-'}", file=out)
    print(f"barcode {cartridge.barcode} medium {cartridge.medium}", file=out)
    print("damaged" if cartridge.damaged else "whole", file=out)
    if commit.eod == len(cartridge.entries) and not cartridge.damaged:
        if (filemarks, size) != (commit.filemarks, commit.bytes):
            cartridge.troubles.append("the last commit counts other filemarks or bytes")


def check_rebuilt(cartridge):
    cartridge.end = cartridge.stopped
    rebuilt = cartridge.rebuild()
    if rebuilt is not None and not cartridge.damaged and rebuilt != cartridge.entries:
        cartridge.troubles.append("the index does not list what the frames say")


def show_frames(path):
    cartridge = Cartridge(path)
    for use in sorted(cartridge.zones):
        zone, address = cartridge.zones[use], use * cartridge.zone_size
        frame, _ = cartridge.frame_at(cartridge.zone_offset(zone), address)
        place = (zone, address, frame.sequence - 1, frame.previous, frame.epoch, True)
        for frame, stored, at_zone in cartridge.follow(place):
            if at_zone != zone:
                break
            print(f"{frame.address:>12} zone {zone:<5} {frame.sequence:>8} {NAMES[frame.type]:<10} "
                f"object {frame.object} stored {frame.length} parameter {frame.parameter}"
                f"{' EPOCH' if frame.flags & FLAG_EPOCH else ''}")


class Lines(list):
    def write(self, text):
        self.append(text)


def compare(make):
    """Each scenario is an argument of MAKE, which lists them when it gets none."""
    failed = 0
    scenarios = subprocess.run([make], check=True, capture_output=True, text=True).stdout.split()
    with tempfile.TemporaryDirectory() as directory:
        for scenario in scenarios:
            path = os.path.join(directory, scenario)
            wanted = subprocess.run([make, scenario, path], check=True, capture_output=True,
                text=True).stdout
            found, cartridge = Lines(), Cartridge(path)
            describe(cartridge, found)
            check_rebuilt(cartridge)
            same = "".join(found) == wanted and not cartridge.troubles
            print(f"{'ok' if same else 'NOT OK'} {scenario}: {len(cartridge.entries)} objects")
            for trouble in cartridge.troubles:
                print(f"   {trouble}")
            if not same:
                failed += 1
                pairs = zip("".join(found).splitlines(), wanted.splitlines())
                for ours, theirs in [(a, b) for a, b in pairs if a != b][:5]:
                    print(f"   reader: {ours}\n   writer: {theirs}")
    if not scenarios:
        print("MAKE knows no scenario")
        return 1
    return 1 if failed else 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--compare":
        return compare(arguments[1])
    if len(arguments) == 2 and arguments[0] == "--frames":
        show_frames(arguments[1])
        return 0
    if len(arguments) != 1:
        print(__doc__)
        return 2
    try:
        cartridge = Cartridge(arguments[0])
    except Bad as bad:
        print(f"{arguments[0]}: {bad}")
        return 1
    describe(cartridge, sys.stdout)
    check_rebuilt(cartridge)
    for trouble in cartridge.troubles:
        print(f"! {trouble}")
    return 1 if cartridge.troubles or cartridge.damaged else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
