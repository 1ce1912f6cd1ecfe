#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon is killed while it imports, at random moments, and started again: copies and images
where they are, small ones and large ones. Each becomes one medium, with its digest; each copy is one
file; every job ends, and nothing else is left in the pool.
Usage: imports_kill.py CAROUSELD"""
import hashlib
import http.client
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

KILLS = 54
SMALL, LARGE = 2 << 20, 110 << 20
PATIENCE = 60


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def make_image(path, number, size):
    """An ISO 9660 volume that has a descriptor, and bytes of its own."""
    both = lambda kind, value: struct.pack("<" + kind, value) + struct.pack(">" + kind, value)
    volume = bytearray(2048)
    volume[0:7] = b"\1CD001\1"
    volume[40:72] = f"IMPORT{number}".encode().ljust(32)
    volume[80:88] = both("I", size // 2048)
    volume[120:124] = volume[124:128] = both("H", 1)
    volume[128:132] = both("H", 2048)
    volume[156:190] = (bytes([34, 0]) + both("I", 20) + both("I", 2048) + bytes(7) + bytes([2])
                       + bytes(2) + both("H", 1) + bytes([1, 0]))
    volume[881] = 1
    with open(path, "wb") as file:
        file.truncate(size)
        file.seek(16 * 2048)
        file.write(volume + b"\xffCD001\1")
        file.seek(20 * 2048)
        file.write(random.Random(number).randbytes(1 << 20))


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Daemon:
    def __init__(self, program, directory):
        self.program, self.directory = program, directory
        self.socket = directory + "/run/carousel.sock"
        self.log = open(directory + "/log", "ab")
        with open(directory + "/conf", "w") as file:
            file.write(f"[daemon]\nstate_dir = {directory}/state\nruntime_dir = {directory}/run\n"
                       f"kernel_target = no\n[web]\nlisten =\nsocket_group =\n[portal]\n"
                       f"listen =\n[kernel]\nlisten =\n[media]\npools = {directory}/pool\n"
                       f"pools = {directory}/source\npool_auto_import = no\n")

    def start(self):
        self.process = subprocess.Popen([self.program, "-c", self.directory + "/conf"],
                                        stdout=self.log, stderr=self.log)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                Connection(self.socket).connect()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"the daemon ended: {open(self.log.name).read()[-2000:]}")
                time.sleep(0.005)
        raise SystemExit("the daemon does not listen")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, method, path, body=None):
        connection = Connection(self.socket)
        connection.request(method, path, json.dumps(body) if body else None,
                           {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status < 400, text
        return json.loads(text)

    def jobs(self):
        return [job for job in self.ask("GET", "/api/v1/jobs?limit=500")["items"]
                if job["kind"] == "import"]

    def await_end(self):
        end = time.monotonic() + PATIENCE
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
    daemon.ask("POST", "/api/v1/imports", body)


def check(daemon, images):
    directory = daemon.directory
    media = daemon.ask("GET", "/api/v1/media?limit=500")["items"]
    known = {medium["path"]: medium for medium in media}
    assert len(media) == len(images), sorted(known)
    for job in daemon.jobs():
        assert job["state"] == "succeeded", job
    assert len(daemon.jobs()) == len(images)
    copies = [os.path.basename(image["path"]) for image in images if image["copy"]]
    left = sorted(name for name in os.listdir(directory + "/pool"))
    assert left == sorted(copies), left
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
            make_image(path, number, LARGE if large else SMALL)
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
        time.sleep(5)  # the scan after the start sweeps up
        daemon.await_end()
        check(daemon, images)
        daemon.kill()
        print(f"{kills} kills, {len(images)} images")


main()
