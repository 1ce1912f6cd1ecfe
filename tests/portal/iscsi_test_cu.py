#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libiscsi's iscsi-test-cu against the portal's optical drive.

  iscsi_test_cu.py check CAROUSELD GOLDEN_DIR    runs it; exit status 0, 1, or 77 when it is missing
  iscsi_test_cu.py list FILE                     which tests its output FILE shows to have been executed

No test may fail. CUnit counts a test as passed that printed [SKIPPED]; here it was not executed. The
tests that were are golden/iscsi_test_cu.txt, and every one of golden/iscsi_test_cu_tgt.txt must be
among them: those that tgt's optical drive executes (tgt.sh makes that list).

Some tests of access under a reservation also send WRITE(10), which no read-only drive has. When that is
all that they complain of, they were not executed; what else they look at went well.

--test=ALL: the other families are the same tests again.
--dataloss: without it the tests of persistent reservations do not send what they test, and fail
themselves, whatever the target. There is nothing on a disc to be lost.
"""
import os
import re
import shutil
import subprocess
import sys

import servers

TIME_LIMIT = 1000


UNWRITABLE = "[FAILED] WRITE10 command: failed with sense: SENSE KEY:ILLEGAL_REQUEST(5) ASCQ:INVALID_OPERATION_CODE(0x2000)"


def needs_write(part):
    complaints = re.findall(r"\[FAILED\].*", part)
    return bool(complaints) and all(complaint == UNWRITABLE for complaint in complaints)


def results(text):
    """{suite.test: set of "passed", "FAILED", "skipped"}; a family of suites may run one again."""
    found, suite = {}, ""
    for part in re.split(r"\n(?=Suite: |  Test: )", text):
        if heading := re.match(r"Suite: (\S+)", part):
            suite = heading[1]
        elif test := re.match(r"  Test: (\S+) \.\.\.", part):
            # What follows the verdict belongs to the preparation of the next suite.
            verdicts = list(re.finditer(r"(?:^|(?<=\.\.\.))(passed|FAILED)(?=$|    \[)", part, re.M))
            assert verdicts, part
            skipped = "[SKIPPED]" in part[: verdicts[-1].start()]
            of_test = found.setdefault(f"{suite}.{test[1]}", set())
            of_test.add("unwritable" if needs_write(part) else verdicts[-1][1])
            if skipped or needs_write(part):
                of_test.add("skipped")
    return found


def executed(found):
    return sorted(name for name, seen in found.items() if "skipped" not in seen)


def read_list(path):
    with open(path) as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def write_list(path, names):
    with open(path) as file:
        comments = [line for line in file if line.startswith("#")]
    with open(path, "w") as file:
        file.writelines(comments)
        file.writelines(name + "\n" for name in names)


def run(program):
    with servers.Daemon(program) as server:
        command = ["iscsi-test-cu", "--test=ALL", "--dataloss", "--verbose",
                   "-i", servers.INITIATOR, "-I", servers.INITIATOR + "-2",
                   f"iscsi://{server.address}/{servers.TARGET}/0"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=TIME_LIMIT, check=False)
        assert server.is_up(), server.said()
    return done.returncode, done.stdout.decode(errors="replace")


def check(program, golden):
    if not shutil.which("iscsi-test-cu"):
        print("iscsi-test-cu is not installed")
        return 77
    status, text = run(program)
    found = results(text)
    names = executed(found)
    failed = sorted(name for name, seen in found.items() if "FAILED" in seen)
    own = os.path.join(golden, "iscsi_test_cu.txt")
    if os.environ.get("GOLDEN_UPDATE"):
        write_list(own, names)
    problems = [f"{name} FAILED" for name in failed]
    problems += [f"{name} is in the list and was not executed" for name in read_list(own) if name not in names]
    problems += [f"{name} was executed and is not in the list" for name in names if name not in read_list(own)]
    problems += [f"{name}, which tgt executes, was not"
                 for name in read_list(os.path.join(golden, "iscsi_test_cu_tgt.txt")) if name not in names]
    summary = re.search(r"tests\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", text)
    if not summary:
        problems.append("it did not come to its end")
    if status != 0 and not any("unwritable" in seen for seen in found.values()):
        problems.append(f"its exit status is {status}")
    if problems:
        print(text)
    for problem in problems:
        print(problem)
    print(f"{len(found)} tests, {len(names)} executed, {len(failed)} failed")
    return 1 if problems else 0


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "check":
        return check(sys.argv[2], sys.argv[3])
    if len(sys.argv) == 3 and sys.argv[1] == "list":
        with open(sys.argv[2], errors="replace") as file:
            print("\n".join(executed(results(file.read()))))
        return 0
    print(__doc__)
    return 2


sys.exit(main())
