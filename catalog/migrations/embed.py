#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the SQL of the migrations as a C table: embed.py OUTPUT 0001_name.sql 0002_name.sql ..."""
import os
import re
import sys


def c_string(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join('\t\t"%s\\n"' % line for line in escaped.splitlines())


def main(output, sources):
    rows = []
    for number, source in enumerate(sorted(sources, key=os.path.basename), start=1):
        name = os.path.basename(source)
        match = re.fullmatch(r"(\d{4})_[a-z0-9_]+\.sql", name)
        if not match or int(match.group(1)) != number:
            sys.exit("%s: expected the name %04d_WHAT_IT_DOES.sql" % (name, number))
        with open(source, encoding="utf-8") as file:
            rows.append('\t{"%s",\n%s},\n' % (name, c_string(file.read())))
    with open(output, "w", encoding="utf-8") as file:
        file.write('#include "migrate.h"\n\n')
        file.write("const struct catalog_migration catalog_migrations[] = {\n")
        file.write("".join(rows) + "};\n\n")
        file.write("const int catalog_schema = %d;\n" % len(rows))


main(sys.argv[1], sys.argv[2:])
