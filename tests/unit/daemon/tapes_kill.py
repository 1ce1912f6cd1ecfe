#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon is killed while it makes tapes, at random moments, and started again: the same request
again makes them, and nothing else is left beside them. Usage: tapes_kill.py CAROUSELD"""
import contextlib
import http.client
import os
import random
import sys
import tempfile
import threading
import time

import killable

KILLS = 16
COUNT = 40


def make(daemon, prefix):
    return daemon.send("POST", "/api/v1/tapes", {"prefix": prefix, "count": COUNT}, 201)


def make_until_death(daemon, prefix):
    with contextlib.suppress(OSError, http.client.HTTPException):
        make(daemon, prefix)


def tapes_of(daemon, prefix):
    media = daemon.send("GET", "/api/v1/media?limit=1000", None, 200)["items"]
    return sorted(medium["id"] for medium in media if medium["id"].startswith(prefix.lower()))


def round_of_death(daemon, prefix):
    thread = threading.Thread(target=make_until_death, args=(daemon, prefix))
    thread.start()
    time.sleep(random.random() * 0.15)
    daemon.kill()
    thread.join()
    daemon.start()
    if not tapes_of(daemon, prefix):
        make(daemon, prefix)
    assert tapes_of(daemon, prefix) == [f"{prefix.lower()}{n:03}l8" for n in range(1, COUNT + 1)]


def main(program):
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
    random.seed(seed)
    print("SEED =", seed, flush=True)
    with tempfile.TemporaryDirectory(prefix="carousel-kill-") as directory:
        os.mkdir(directory + "/pool")
        daemon = killable.Daemon(program, directory)
        daemon.start()
        for number in range(KILLS):
            round_of_death(daemon, f"K{number:02}")
        files = os.listdir(directory + "/state/tapes")
        assert len(files) == KILLS * COUNT, sorted(files)
        daemon.process.terminate()
        assert daemon.process.wait(killable.PATIENCE) == 0


main(sys.argv[1])
