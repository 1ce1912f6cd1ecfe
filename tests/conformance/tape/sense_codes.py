#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists the sense codes that the sources of a room name: SENSE_CODES.PY ROOM HEADER DEPFILE."""

import pathlib
import re
import sys

room, header, depfile = sys.argv[1:]
sources = sorted(pathlib.Path(room).glob("*.c"))
codes = set()
for source in sources:
    codes.update(re.findall(r"\bSENSE_[A-Z0-9_]+\b", source.read_text()))
codes -= {"SENSE_NONE"}
pathlib.Path(header).write_text("#define ROOM_SENSES " + ", ".join(sorted(codes)) + "\n")
pathlib.Path(depfile).write_text(f"{header}: " + " ".join(map(str, sources)) + "\n")
