#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Images that change while they are imported: appended to, rewritten in place, cut, replaced. One
that settles soon gets in, one that does not is refused; no digest is of other bytes than the file has.
Usage: image_changes.py CAROUSELD"""
import hashlib
import itertools
import os
import sys
import tempfile
import threading
import time

import killable

SIZE = 24 << 20
SHORT, LONG = 0.6, killable.PATIENCE  # seconds that somebody writes, at most


serial = itertools.count()


def append(path, number):
    with open(path, "ab") as file:
        file.write(bytes([number % 256]) * 2048)


def rewrite(path, number):
    with open(path, "r+b") as file:
        file.seek(SIZE // 2)
        file.write(bytes([number % 256]) * 2048)


def replace(path, number):
    killable.make_image(path + ".part", "OTHER", number, SIZE)
    os.rename(path + ".part", path)


def cut(path, number):
    os.truncate(path, SIZE - 2048 * (number % 1000 + 1))


def keep_changing(change, path, over, span):
    number, end = 1, time.monotonic() + span
    while time.monotonic() < end and not over.is_set():
        change(path, number)
        number += 1
        time.sleep(0.001)


def import_while(daemon, change, span, copy):
    path = f"{daemon.directory}/pool/{change.__name__}-{next(serial)}.iso"
    killable.make_image(path, "CHANGES", 0, SIZE)
    over = threading.Event()
    change(path, 0)
    writer = threading.Thread(target=keep_changing, args=(change, path, over, span))
    writer.start()
    ask = {"path": path, "copy": copy} | ({"pool": daemon.directory + "/copies"} if copy else {})
    made = daemon.send("POST", "/api/v1/imports", ask, 202)
    daemon.await_jobs()
    over.set()
    writer.join()
    return path, daemon.send("GET", f"/api/v1/jobs/{made['id']}", None, 200)


def check(daemon, change, span, copy):
    path, job = import_while(daemon, change, span, copy)
    where = f"{daemon.directory}/copies/{os.path.basename(path)}" if copy else path
    media = daemon.send("GET", "/api/v1/media?limit=500", None, 200)["items"]
    known = [medium for medium in media if medium["path"] == where]
    if job["state"] == "failed":
        code = "image_truncated" if change is cut else "image_changed"
        assert job["error"]["code"] == code and job["error"]["remedy"], job
        assert not copy or os.listdir(daemon.directory + "/copies") == [], job
        assert all(not medium["sha256"] for medium in known), known
        return "failed"
    assert job["state"] == "succeeded" and len(known) == 1, (job, known)
    with open(where, "rb") as file:  # it may have grown since
        content = file.read(known[0]["size"])
    assert len(content) == known[0]["size"], known
    assert hashlib.sha256(content).hexdigest() == known[0]["sha256"], known
    assert not copy or os.stat(where).st_size == known[0]["size"], known
    if copy:
        os.unlink(where)
    return "succeeded"


def ends_so(daemon, expected, *change):
    """A writer that a busy machine holds up lets it be read meanwhile: then once more."""
    ends = []
    while expected not in ends:
        assert len(ends) < 10, (expected, change, ends)
        ends.append(check(daemon, *change))


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        for name in "pool", "copies":
            os.mkdir(f"{directory}/{name}")
        daemon = killable.Daemon(program, directory,
                                 f"pools = {directory}/copies\npool_watch = no\n")
        daemon.start()
        for copy in False, True:
            ends_so(daemon, "succeeded", append, SHORT, copy)
        ends_so(daemon, "succeeded", rewrite, SHORT, True)
        assert check(daemon, cut, SHORT, False) == "failed"
        ends_so(daemon, "failed", append, LONG, True)
        check(daemon, replace, SHORT, True)
        daemon.end()


main(sys.argv[1])
