#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The watch of a pool reaches its limits: too many directories, more events than the kernel keeps, a
pool that is taken away and comes back. The operator is told, and nothing that came is overlooked.
Usage: watch_limits.py CAROUSELD"""
import os
import signal
import subprocess
import sys
import tempfile
import time

import killable

SKIPPED = 77
ISOLATED = ["unshare", "--map-root-user"]
LIMIT = "/proc/sys/user/max_inotify_watches"  # of the user namespace
DIRECTORIES = 8


def await_that(what, condition):
    end = time.monotonic() + killable.PATIENCE
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.1)
    raise SystemExit(f"not seen: {what}")


def pool_of(daemon):
    return daemon.send("GET", "/api/v1/status", None, 200)["pools"][0]


def media(daemon):
    return {m["id"]: m["state"]
            for m in daemon.send("GET", "/api/v1/media?limit=500", None, 200)["items"]}


def set_limit(number):
    with open(LIMIT, "w") as file:
        file.write(f"{number}\n")


def too_many_directories(daemon, pool):
    """Told with the setting to raise; what lies deeper is found by scans. Begins anew when it may."""
    assert pool_of(daemon)["watch"] == "rescan", pool_of(daemon)
    assert "fs.inotify.max_user_watches" in pool_of(daemon)["reason"], pool_of(daemon)
    killable.make_image(f"{pool}/directory-{DIRECTORIES - 1}/deep.iso", "DEEP", 1, 1 << 17)
    daemon.send("POST", "/api/v1/scans", {}, 202)
    await_that("a file where it is not watched", lambda: "deep" in media(daemon))
    set_limit(1000)
    daemon.process.send_signal(signal.SIGHUP)
    await_that("the watch, when it may", lambda: pool_of(daemon)["watch"] == "watched")


def more_events_than_kept(daemon, pool):
    with open("/proc/sys/fs/inotify/max_queued_events") as file:
        kept = int(file.read())
    if kept > 200000:
        print(f"{kept} events are kept: no overflow is tried")
        return
    daemon.process.send_signal(signal.SIGSTOP)
    with open(pool + "/noise-0", "w") as file:
        file.write("noise")
    for number in range(kept // 2 + 100):  # two events each
        os.rename(f"{pool}/noise-{number % 2}", f"{pool}/noise-{(number + 1) % 2}")
    killable.make_image(pool + "/late.iso", "LATE", 2, 1 << 17)
    daemon.process.send_signal(signal.SIGCONT)
    await_that("a file whose event was dropped", lambda: "late" in media(daemon))


def pool_away_and_back(daemon, pool):
    known = media(daemon)
    os.rename(pool, pool + "-away")
    await_that("that it is absent", lambda: pool_of(daemon)["watch"] == "absent")
    assert media(daemon) == known, "a pool that is not there says nothing of its files"
    os.rename(pool + "-away", pool)
    await_that("that it is back", lambda: pool_of(daemon)["watch"] == "watched")
    killable.make_image(pool + "/back.iso", "BACK", 3, 1 << 17)
    await_that("a file in it", lambda: "back" in media(daemon))
    assert all(state == "ok" for state in media(daemon).values()), media(daemon)


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        pool = directory + "/pool"
        os.mkdir(pool)
        for number in range(DIRECTORIES):
            os.mkdir(f"{pool}/directory-{number}")
        set_limit(DIRECTORIES // 2)
        daemon = killable.Daemon(program, directory)
        daemon.start()
        await_that("the watch", lambda: pool_of(daemon)["watch"] == "rescan")
        too_many_directories(daemon, pool)
        more_events_than_kept(daemon, pool)
        pool_away_and_back(daemon, pool)
        with open(daemon.log.name) as file:
            assert "are noticed by scans only" in file.read()
        daemon.end()


if len(sys.argv) > 2:
    main(sys.argv[1])
elif subprocess.run(ISOLATED + ["test", "-w", LIMIT], check=False).returncode:
    print("limits of a user namespace cannot be set here")
    sys.exit(SKIPPED)
else:
    os.execvp(ISOLATED[0], ISOLATED + [sys.executable] + sys.argv + ["isolated"])
