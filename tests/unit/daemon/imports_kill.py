#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon is killed while it imports, at random moments, and started again: copies and images
where they are, small ones and large ones. Each becomes one medium, with its digest; each copy is one
file; every job ends, and nothing else is left in the pool.
Usage: imports_kill.py CAROUSELD"""
import hashlib
import json
import os
import random
import sys
import tempfile
import time

import killable

KILLS = 54
SMALL, LARGE = 2 << 20, 110 << 20


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Daemon(killable.Daemon):
    def __init__(self, program, directory):
        super().__init__(program, directory, f"pools = {directory}/source\npool_auto_import = no\n")

    def get(self, path):
        answer, found = self.ask("GET", path)
        assert answer.status < 400, found
        return found

    def post(self, path, body):
        answer, made = self.ask("POST", path, {"Content-Type": "application/json"}, json.dumps(body))
        assert answer.status < 400, made

    def jobs(self):
        return [job for job in self.get("/api/v1/jobs?limit=500")["items"]
                if job["kind"] == "import"]

    def await_end(self):
        end = time.monotonic() + killable.PATIENCE
        while time.monotonic() < end:
            if all(job["state"] not in ("queued", "running") for job in self.jobs()):
                return
            time.sleep(0.02)
        raise SystemExit(f"jobs do not end: {self.jobs()}")


def begin(daemon, image):
    """A request whose answer was lost may have been heard."""
    path = image["path"]
    if any(job["parameters"]["path"] == path for job in daemon.jobs()):
        return
    body = {"path": path}
    if image["copy"]:
        body |= {"copy": True, "pool": daemon.directory + "/pool"}
    daemon.post("/api/v1/imports", body)


def copies_of(images):
    return sorted(os.path.basename(image["path"]) for image in images if image["copy"])


def left_in_pool(directory):
    return sorted(os.listdir(directory + "/pool"))


def await_tidiness(directory, images):
    """The scan after the start sweeps up."""
    end = time.monotonic() + killable.PATIENCE
    while left_in_pool(directory) != copies_of(images) and time.monotonic() < end:
        time.sleep(0.1)


def check(daemon, images):
    directory = daemon.directory
    media = daemon.get("/api/v1/media?limit=500")["items"]
    known = {medium["path"]: medium for medium in media}
    assert len(media) == len(images), sorted(known)
    for job in daemon.jobs():
        assert job["state"] == "succeeded", job
    assert len(daemon.jobs()) == len(images)
    assert left_in_pool(directory) == copies_of(images), left_in_pool(directory)
    for image in images:
        path = image["path"]
        if image["copy"]:
            path = f"{directory}/pool/{os.path.basename(path)}"
        assert digest(path) == image["digest"], path
        assert os.stat(path).st_nlink == 1, path
        assert known[path]["sha256"] == image["digest"], known[path]
        assert known[path]["owned"] == image["copy"], known[path]
        assert known[path]["state"] == "ok", known[path]


def main():
    seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
    chance = random.Random(seed)
    print(f"SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        for name in ("state", "run", "pool", "source"):
            os.mkdir(f"{directory}/{name}")
        daemon = Daemon(sys.argv[1], directory)
        daemon.start()
        images, kills = [], 0
        while kills < KILLS:
            number, large = len(images), len(images) % 8 == 4
            path = f"{directory}/source/disc-{number}.iso"
            killable.make_image(path, f"IMPORT{number}", number,
                                LARGE if large else SMALL)
            image = {"path": path, "digest": digest(path), "copy": number % 3 != 2}
            images.append(image)
            for _ in range(chance.randint(1, 3)):
                begin(daemon, image)
                time.sleep(chance.uniform(0, 1.5 if large else 0.12))
                daemon.kill()
                kills += 1
                daemon.start()
            begin(daemon, image)
            daemon.await_end()
        await_tidiness(directory, images)
        daemon.await_end()
        check(daemon, images)
        daemon.kill()
        print(f"{kills} kills, {len(images)} images")


main()
