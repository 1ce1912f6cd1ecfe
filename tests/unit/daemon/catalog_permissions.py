#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A state directory or catalog that the daemon's user may not read or write, that lies on a read-only
file system, or is taken from it while it runs: it says so, what to do, and with which exit code; and
all that was answered is there when it is as it was. Needs root, or a user of its own.
Usage: catalog_permissions.py CAROUSELD"""
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import killable

SKIPPED = 77
NOBODY = 65534
USER = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all"]
ISOLATED = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])


class Daemon(killable.Daemon):
    """Of a user whom modes mean something to."""

    def command(self):
        return (USER if os.geteuid() == 0 else []) + super().command()


def start(daemon, prefix=()):
    """One that is not to come up."""
    return subprocess.run([*prefix, *daemon.command()], capture_output=True, text=True,
                          timeout=killable.PATIENCE, check=False)


@contextlib.contextmanager
def mode(path, bits):
    before = os.stat(path).st_mode & 0o7777
    os.chmod(path, bits)
    try:
        yield
    finally:
        os.chmod(path, before)


@contextlib.contextmanager
def replaced_by_file(path):
    os.rename(path, path + ".away")
    with open(path, "w", encoding="ascii") as file:
        file.write("not a directory\n")
    try:
        yield
    finally:
        os.unlink(path)
        os.rename(path + ".away", path)


def catalog_of(directory):
    with open(directory + "/state/catalog.db", "rb") as file:
        return file.read()


def assert_refused(daemon, directory, fault, *texts, prefix=()):
    before = catalog_of(directory)
    with fault:
        ended = start(daemon, prefix)
    assert ended.returncode == 1, (texts, ended.returncode, ended.stderr)
    for text in texts:
        assert text in ended.stderr, (text, ended.stderr)
    assert catalog_of(directory) == before, "the catalog was written to"


def refused_at_start(daemon, directory):
    state, catalog = directory + "/state", directory + "/state/catalog.db"
    refuse = lambda fault, *texts: assert_refused(daemon, directory, fault, *texts)
    refuse(mode(state, 0), f"{state}/lock: Permission denied", "carouseld may write there")
    refuse(mode(state, 0o500), f"catalog {catalog}", "write the file and its directory")
    for bits in 0, 0o200, 0o400:
        refuse(mode(catalog, bits), f"catalog {catalog} cannot be written: Permission denied",
               "read and write the file and its directory")
        left = set(os.listdir(state)) - {"catalog.db", "lock"}
        assert not left, f"what is left keeps it from starting: {left}"
    refuse(replaced_by_file(state), f"{state} is not a directory", "Move it away")


def refused_on_read_only(daemon, directory):
    state = directory + "/state"
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    prefix = (*ISOLATED, "sh", "-c", script, "sh", state)
    if subprocess.run([*prefix, "true"], check=False).returncode:
        print("not tried: a read-only file system (no user namespaces here)")
        return
    assert_refused(daemon, directory, contextlib.nullcontext(),
                   f"{state}/lock: Read-only file system", "Mount its file system for writing",
                   prefix=prefix)


def companions_of_a_reader(daemon, directory):
    """Whoever opened the catalog when it could only be read left what nobody may write to."""
    catalog = directory + "/state/catalog.db"
    for name in catalog + "-wal", catalog + "-shm":
        with open(name, "wb"):
            os.chmod(name, 0o400)
            if os.geteuid() == 0:
                os.chown(name, NOBODY, NOBODY)
    daemon.start()
    add_drive(daemon, "writable")
    daemon.end()


def add_drive(daemon, name):
    daemon.send("POST", "/api/v1/drives", {"name": name, "loopback": False}, 201)


def verification(daemon):
    """A job opens the catalog for itself."""
    made = daemon.send("POST", "/api/v1/verifications", {}, 202)
    daemon.await_jobs()
    return daemon.send("GET", f"/api/v1/jobs/{made['id']}", None, 200)


def taken_while_running(daemon, directory):
    """What is open stays open: changes go on and last, and what has to be opened says what is wrong."""
    state = directory + "/state"
    faults = [mode(state, 0), mode(state + "/catalog.db", 0), replaced_by_file(state)]
    daemon.start()
    for number, fault in enumerate(faults):
        with fault:
            add_drive(daemon, f"during{number}")
            job = verification(daemon)
            # SQLite may open what is open already without asking for it again
            assert job["state"] == "failed" or number == 1, (number, job)
            if job["state"] == "failed":
                assert job["error"]["code"] == "permission", (number, job)
                assert "carouseld" in job["error"]["remedy"], (number, job)
            assert daemon.try_to("GET", "/healthz")[0].status == 200
        assert verification(daemon)["state"] == "succeeded", number
    daemon.kill()


def stopped_without_directory(daemon, directory):
    """A clean stop needs nothing that is not open."""
    daemon.start()
    with mode(directory + "/state", 0):
        add_drive(daemon, "last")
        daemon.end()


def newer_while_running(daemon, directory):
    daemon.start()
    catalog = sqlite3.connect(directory + "/state/catalog.db")
    version = catalog.execute("PRAGMA user_version").fetchone()[0]
    catalog.execute("PRAGMA user_version = 9999")
    catalog.close()
    job = verification(daemon)
    assert job["state"] == "failed" and "schema 9999" in job["error"]["detail"], job
    daemon.end()
    ended = start(daemon)
    assert ended.returncode == 1 and "Start the carouseld that wrote it" in ended.stderr, ended
    catalog = sqlite3.connect(directory + "/state/catalog.db")
    catalog.execute(f"PRAGMA user_version = {version}")
    catalog.close()


def own(directory):
    for path, directories, files in os.walk(directory):
        for name in directories + files:
            shutil.chown(os.path.join(path, name), NOBODY, NOBODY)
    shutil.chown(directory, NOBODY, NOBODY)


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        for name in "pool", "state", "run":
            os.mkdir(f"{directory}/{name}")
        os.chmod(directory, 0o755)
        os.chmod(directory + "/state", 0o700)
        if os.geteuid() == 0:
            own(directory)
        daemon = Daemon(program, directory)
        try:
            daemon.start()
            add_drive(daemon, "before")
            daemon.end()
            refused_at_start(daemon, directory)
            refused_on_read_only(daemon, directory)
            companions_of_a_reader(daemon, directory)
            taken_while_running(daemon, directory)
            stopped_without_directory(daemon, directory)
            newer_while_running(daemon, directory)
            daemon.start()
            names = {drive["name"]
                     for drive in daemon.send("GET", "/api/v1/drives", None, 200)["items"]}
            assert names == {"before", "writable", "during0", "during1", "during2", "last"}, names
            daemon.end()
        finally:
            daemon.process.kill()
            daemon.process.wait()


if os.geteuid() == 0 and subprocess.run(USER + ["true"], check=False).returncode:
    print("setpriv cannot change the user here")
    sys.exit(SKIPPED)
main(sys.argv[1])
