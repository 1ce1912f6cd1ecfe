#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Another program holds the catalog's lock for writing, for longer than the daemon waits: what would
change it is refused with 503 and changes nothing, reads are answered, and jobs go on afterwards.
Usage: catalog_busy.py CAROUSELD"""
import os
import sqlite3
import sys
import tempfile
import threading
import time

import killable

IMAGES = 4
AT_ONCE = 12
HELD = 30  # seconds; refusals one after another would take 5 s each


def prepare(daemon, directory):
    for number in range(IMAGES):
        killable.make_image(f"{directory}/pool/disc-{number}.iso", f"BUSY{number}", number)
    daemon.start()
    daemon.send("POST", "/api/v1/imports", {"path": f"{directory}/pool/disc-0.iso"}, 202)
    daemon.await_jobs()
    daemon.send("POST", "/api/v1/drives", {"name": "d0", "loopback": False}, 201)


def refused(daemon, number, begun, failures):
    """One loads, the others write notes: each waits for the lock by itself."""
    if number == 0:
        answer, problem = daemon.try_to("PUT", "/api/v1/drives/d0/medium", {"medium": "disc-0"})
    else:
        answer, problem = daemon.try_to("PATCH", "/api/v1/media/disc-0", {"notes": f"{number}"})
    if (answer.status, problem.get("code")) != (503, "catalog_busy"):
        failures.append((answer.status, problem))
    elif not answer.headers["Retry-After"] or "fuser" not in problem["remedy"]:
        failures.append((answer.headers["Retry-After"], problem))
    elif time.monotonic() - begun > HELD:
        failures.append(f"answered after {time.monotonic() - begun} s")


def while_locked(daemon):
    begun, failures = time.monotonic(), []
    askers = [threading.Thread(target=refused, args=(daemon, number, begun, failures))
              for number in range(AT_ONCE)]
    for asker in askers:
        asker.start()
    reads = 0
    while all(asker.is_alive() for asker in askers):
        daemon.send("GET", "/api/v1/media/disc-0", None, 200)
        reads += all(asker.is_alive() for asker in askers)
    assert reads > 1, "a reader waits for those who write"
    for asker in askers:
        asker.join()
    assert not failures, failures
    assert not daemon.send("GET", "/api/v1/drives/d0", None, 200)["medium"]
    assert not daemon.send("GET", "/api/v1/media/disc-0", None, 200)["notes"]


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(directory + "/pool")
        daemon = killable.Daemon(program, directory, "pool_auto_import = no\n")
        prepare(daemon, directory)
        for number in range(1, IMAGES):
            path = f"{directory}/pool/disc-{number}.iso"
            daemon.send("POST", "/api/v1/imports", {"path": path}, 202)
        other = sqlite3.connect(f"{directory}/state/catalog.db", isolation_level=None, timeout=30)
        other.execute("BEGIN IMMEDIATE")
        while_locked(daemon)
        other.execute("ROLLBACK")
        loaded = daemon.send("PUT", "/api/v1/drives/d0/medium", {"medium": "disc-0"}, 200)
        assert loaded["medium"]["id"] == "disc-0", loaded
        for job in daemon.await_jobs():
            assert job["state"] == "succeeded", job
        media = daemon.send("GET", "/api/v1/media", None, 200)["items"]
        assert sorted(m["id"] for m in media) == [f"disc-{n}" for n in range(IMAGES)], media
        assert all(m["sha256"] for m in media), media
        daemon.end()


main(sys.argv[1])
