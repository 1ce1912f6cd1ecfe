#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon is killed while uploads come, at random moments, and started again. A client that goes
on where HEAD says gets each image in, once, byte for byte; nothing else is left in the pool.
Usage: uploads_kill.py CAROUSELD"""
import base64
import hashlib
import http.client
import json
import os
import random
import sys
import tempfile
import threading
import time

import killable

KILLS = 36
SIZE = 6 << 20
TUS = {"Tus-Resumable": "1.0.0"}


def image(number):
    """An ISO 9660 volume that has a descriptor, and noise."""
    data = bytearray(random.Random(number).randbytes(SIZE))
    data[: 18 * 2048] = bytes(18 * 2048)
    descriptors = killable.volume("UPLOAD", SIZE)
    data[16 * 2048: 16 * 2048 + len(descriptors)] = descriptors
    return bytes(data)


class Upload:
    def __init__(self, number):
        self.data = image(number)
        self.digest = hashlib.sha256(self.data).hexdigest()
        word = lambda text: base64.b64encode(text.encode()).decode()
        self.metadata = f"filename {word(f'disc-{number}.iso')}"
        if number % 2:
            self.metadata += f",sha256 {word(self.digest)}"
        self.id = None
        self.reached = 0
        self.complete = False

    def find(self, daemon):
        """An answer may be lost, an upload is not."""
        for item in daemon.ask("GET", "/api/v1/uploads")[1]["items"]:
            if item["metadata"] == self.metadata:
                return item["id"]
        assert self.id is None, f"the upload {self.id} is lost"
        answer, made = daemon.ask("POST", "/api/v1/uploads",
                                  TUS | {"Upload-Length": str(SIZE),
                                         "Upload-Metadata": self.metadata})
        assert answer.status == 201, made
        return made["id"]

    def send(self, daemon, pause):
        self.id = self.find(daemon)
        answer = daemon.ask("HEAD", "/api/v1/uploads/" + self.id, TUS)[0]
        offset = int(answer.headers["Upload-Offset"])
        assert self.answered <= offset <= SIZE, (self.answered, offset)
        self.reached = offset
        end = min(SIZE, offset + random.choice((100001, 1 << 20, SIZE)))
        if offset < SIZE:
            self.patch(daemon, offset, end, pause)
        self.complete = self.answered == SIZE or offset == SIZE

    answered = 0

    def patch(self, daemon, offset, end, pause):
        connection = killable.Connection(daemon.socket)
        connection.putrequest("PATCH", "/api/v1/uploads/" + self.id)
        for name, value in (TUS | {"Upload-Offset": str(offset),
                                   "Content-Length": str(end - offset),
                                   "Content-Type": "application/offset+octet-stream"}).items():
            connection.putheader(name, value)
        connection.endheaders()
        for at in range(offset, end, 50000):
            connection.send(self.data[at: min(end, at + 50000)])
            time.sleep(pause)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status in (204, 409), answer.status
        if answer.status == 204:
            self.answered = int(answer.headers["Upload-Offset"])


def work(daemon, upload, pause, until):
    """Goes on until the daemon dies, the upload is complete, or it is time to be killed."""
    try:
        while not upload.complete and not until.is_set():
            upload.send(daemon, pause)
    except (OSError, http.client.HTTPException, ValueError):
        pass


def round_of_death(daemon, upload):
    over = threading.Event()
    failures = []

    def client():
        try:
            work(daemon, upload, random.choice((0, 0, 0.002)), over)
        except AssertionError as failure:
            failures.append(failure)

    thread = threading.Thread(target=client)
    thread.start()
    if random.random() < 0.4:  # about the time at which it becomes a medium
        while thread.is_alive() and not upload.complete:
            time.sleep(0.0005)
        time.sleep(random.random() * 0.08)
    else:
        time.sleep(random.random() * 0.25)
    daemon.kill()
    over.set()
    thread.join()
    if failures:
        raise failures[0]


def await_jobs(daemon):
    end = time.monotonic() + killable.PATIENCE
    while time.monotonic() < end:
        # One that was whole gets its job when the daemon is up already.
        uploads = daemon.ask("GET", "/api/v1/uploads")[1]["items"]
        jobs = daemon.ask("GET", "/api/v1/jobs?limit=1000")[1]["items"]
        if all(u["job"] or u["offset"] < SIZE for u in uploads) and all(j["ended"] for j in jobs):
            return jobs
        time.sleep(0.05)
    raise SystemExit("jobs do not end")


def check(daemon, directory, uploads):
    for job in await_jobs(daemon):
        assert job["state"] == "succeeded", job
    media = daemon.ask("GET", "/api/v1/media?limit=1000")[1]["items"]
    assert sorted(m["sha256"] for m in media) == sorted(u.digest for u in uploads), media
    assert all(m["owned"] and m["state"] == "ok" for m in media)
    files = os.listdir(directory + "/pool")
    assert sorted(files) == sorted(os.path.basename(m["path"]) for m in media), files
    for name in files:
        with open(f"{directory}/pool/{name}", "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        assert digest in {u.digest for u in uploads}, name
    left = daemon.ask("GET", "/api/v1/uploads")[1]["items"]
    assert all(u["job"] and u["offset"] == SIZE for u in left), left


def main(program):
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
    random.seed(seed)
    print("SEED =", seed, flush=True)
    with tempfile.TemporaryDirectory(prefix="carousel-kill-") as directory:
        os.mkdir(directory + "/pool")
        daemon = killable.Daemon(program, directory)
        uploads = [Upload(0)]
        for _ in range(KILLS):
            daemon.start()
            if uploads[-1].complete:
                uploads.append(Upload(len(uploads)))
            round_of_death(daemon, uploads[-1])
        daemon.start()
        work(daemon, uploads[-1], 0, threading.Event())
        assert uploads[-1].complete
        try:
            check(daemon, directory, uploads)
            daemon.kill()
            daemon.start()
            check(daemon, directory, uploads)
        except AssertionError:
            print(open(directory + "/log").read()[-4000:])
            raise
        daemon.process.terminate()
        assert daemon.process.wait(killable.PATIENCE) == 0
        print(f"{len(uploads)} uploads, {KILLS} kills")


main(sys.argv[1])
