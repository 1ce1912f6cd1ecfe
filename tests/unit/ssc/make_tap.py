#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tapes in files of SIMH's format, from the document alone and with nothing of Carousel's.

make_tap.py DIRECTORY            writes simh-standard.tap, simh-e11.tap and simh-extended.tap
make_tap.py --compare DIRECTORY  says whether they are there as they would be written

The document is "SIMH Magtape Representation and Handling" of 17 January 2022.
"""
import os
import struct
import sys

TAPE_MARK, GAP, END_OF_MEDIUM = 0, 0xFFFFFFFE, 0xFFFFFFFF


def word(value):
    return struct.pack("<I", value)


def record(data, class_=0, padded=True):
    length = word(class_ << 28 | len(data))
    return length + data + (b"\0" if padded and len(data) % 2 else b"") + length


def data(length, seed):
    return bytes((seed + i * 7) % 256 for i in range(length))


# Labels, a file, two tape marks at the end: as a tape of its time.
TAPE = [data(80, 1), data(80, 2), None, data(512, 3), data(511, 4), data(1, 5), None, None]


def tape(padded):
    return b"".join(word(TAPE_MARK) if one is None else record(one, padded=padded) for one in TAPE)


def extended():
    return b"".join([
        record(b"what this is", 0xE),
        word(0x71234567),  # a private marker
        record(data(80, 1)),
        word(GAP) * 3,
        record(data(100, 2), 8),  # damaged
        record(data(7, 3), 1),  # private, of odd length
        # Its 110 bytes were written over the gap and left half a marker.
        record(data(102, 4)),
        word(GAP)[2:], word(GAP) * 2,
        record(data(3, 5), 9),  # reserved
        word(0xF0000001),
        word(TAPE_MARK),
        record(data(33, 6)),
        word(END_OF_MEDIUM),
        record(data(10, 7)),  # of an earlier use of the file
    ])


FILES = {
    "simh-standard.tap": tape(True),
    "simh-e11.tap": tape(False),
    "simh-extended.tap": extended(),
}


def main():
    compare = sys.argv[1] == "--compare"
    directory = sys.argv[-1]
    different = 0
    for name, content in FILES.items():
        path = os.path.join(directory, name)
        if not compare:
            with open(path, "wb") as file:
                file.write(content)
            continue
        with open(path, "rb") as file:
            if file.read() != content:
                print(path + " is not what would be written")
                different = 1
    return different


sys.exit(main())
