#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every row of TRAPS.md names a test, and every test that it names runs.

    test_traps.py DIRECTORY"""

import pathlib
import re
import sys
import unittest


def runs(directory, name, test):
    source, script = directory / f"test_{name}.c", directory / f"test_{name}.py"
    if script.exists():
        return f"def {test}(self" in script.read_text()
    return source.exists() and re.search(rf"^\t\t\w+\({test}[,)]", source.read_text(), re.MULTILINE)


class Traps(unittest.TestCase):
    def setUp(self):
        lines = (DIRECTORY / "TRAPS.md").read_text().splitlines()
        self.rows = [line.split("|")[1:-1] for line in lines if line.startswith("| ")][1:]

    def test_every_trap_has_a_test(self):
        self.assertGreater(len(self.rows), 20)
        for row in self.rows:
            self.assertEqual(len(row), 3, row)
            tests = re.findall(r"`(\w+): (\w+)`", row[2])
            self.assertTrue(tests, row[0])
            self.assertEqual(len(tests), row[2].count(",") + 1, row[0])
            for name, test in tests:
                self.assertTrue(runs(DIRECTORY, name, test), f"test_{name}: {test}")

    def test_what_is_not_there_is_seen(self):
        self.assertFalse(runs(DIRECTORY, "hostile", "no_such_test"))
        self.assertFalse(runs(DIRECTORY, "nothing", "two_hosts"))
        self.assertTrue(runs(DIRECTORY, "hostile", "two_hosts"))


if __name__ == "__main__":
    DIRECTORY = pathlib.Path(sys.argv.pop(1))
    unittest.main()
