#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Catalogs that cannot be used: overwritten, cut, of another program, newer, unreadable. The daemon
does not start, says what to do, and leaves the file as it found it.
Usage: catalog_damaged.py CAROUSELD"""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import killable


def overwrite(path):
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        file.seek(size // 4)
        file.write(b"\xa5" * (size // 2))


def cut(path):
    os.truncate(path, os.path.getsize(path) // 2)


def replace_by_text(path):
    with open(path, "w") as file:
        file.write("This is not a database.\n" * 400)


def make_newer(path):
    catalog = sqlite3.connect(path)
    catalog.execute("PRAGMA user_version = 9999")
    catalog.close()


def replace_by_other(path):
    os.unlink(path)
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()


def replace_by_directory(path):
    os.unlink(path)
    os.mkdir(path)


def replace_by_fifo(path):
    os.unlink(path)
    os.mkfifo(path)


FAULTS = [  # what is done to it, what is said, what to do
    (overwrite, "malformed", "Restore a backup"),
    (cut, "malformed", "Restore a backup"),
    (replace_by_text, "not a database", "move the file away"),
    (make_newer, "schema 9999", "Start the carouseld that wrote it"),
    (replace_by_other, "database of another program", "Move the file away"),
    (replace_by_directory, "catalog.db", "carouseld may write"),
    (replace_by_fifo, "not a regular file", "Move it away"),
]


def contents(path):
    if not os.path.isfile(path):
        return os.stat(path).st_mode, os.stat(path).st_ino
    with open(path, "rb") as file:
        return file.read()


def start(program, directory):
    return subprocess.run([program, "-c", directory + "/conf"], capture_output=True, text=True,
                          timeout=killable.PATIENCE, check=False)


def check(program, directory, sound, fault):
    spoil, what, remedy = fault
    state = directory + "/state"
    shutil.rmtree(state)
    shutil.copytree(sound, state)
    spoil(state + "/catalog.db")
    before = contents(state + "/catalog.db")
    ended = start(program, directory)
    said = ended.stderr
    assert ended.returncode == 1, (spoil.__name__, ended.returncode, said)
    assert what in said, (spoil.__name__, said)
    assert remedy in said, (spoil.__name__, said)
    assert contents(state + "/catalog.db") == before, f"{spoil.__name__}: the file was written to"


def damage_while_running(daemon, state):
    """What was read before is in memory; what is read now is looked at."""
    daemon.start()
    overwrite(state + "/catalog.db")
    answer, problem = daemon.try_to("GET", "/api/v1/history?limit=500")
    seen = [(answer.status, problem)]
    for number in range(20):
        seen.append(daemon_status(daemon.try_to("POST", "/api/v1/drives",
                                                {"name": f"n{number}", "loopback": False})))
    assert daemon.try_to("GET", "/healthz")[0].status == 200
    for status, problem in seen:
        assert status < 400 or problem["code"] == "catalog_damaged", (status, problem)
        assert status < 400 or "Restore a backup" in problem["remedy"], problem
    daemon.kill()


def daemon_status(both):
    return both[0].status, both[1]


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(directory + "/pool")
        daemon = killable.Daemon(program, directory)
        daemon.start()
        for number in range(60):
            daemon.send("POST", "/api/v1/drives", {"name": f"d{number}", "loopback": False}, 201)
        daemon.end()
        sound = directory + "/sound"
        shutil.copytree(directory + "/state", sound)
        for fault in FAULTS:
            # without the mark of a clean stop all of the file is looked at before the start
            shutil.rmtree(directory + "/run", ignore_errors=True)
            check(program, directory, sound, fault)
        shutil.rmtree(directory + "/state")
        shutil.copytree(sound, directory + "/state")
        damage_while_running(daemon, directory + "/state")


main(sys.argv[1])
