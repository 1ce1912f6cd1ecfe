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
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

KILLS = 36
SIZE = 6 << 20
PATIENCE = 60
TUS = {"Tus-Resumable": "1.0.0"}


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def image(number):
    """An ISO 9660 volume that has a descriptor, and noise."""
    data = bytearray(random.Random(number).randbytes(SIZE))
    data[: 18 * 2048] = bytes(18 * 2048)
    both = lambda kind, value: struct.pack("<" + kind, value) + struct.pack(">" + kind, value)
    volume = bytearray(2048)
    volume[0:7] = b"\1CD001\1"
    volume[40:72] = b"UPLOAD".ljust(32)
    volume[80:88] = both("I", SIZE // 2048)
    volume[120:124] = volume[124:128] = both("H", 1)
    volume[128:132] = both("H", 2048)
    volume[156:190] = (bytes([34, 0]) + both("I", 20) + both("I", 2048) + bytes(7) + bytes([2])
                       + bytes(2) + both("H", 1) + bytes([1, 0]))
    volume[881] = 1
    data[16 * 2048: 17 * 2048] = volume
    data[17 * 2048: 17 * 2048 + 7] = b"\xffCD001\1"
    return bytes(data)


class Daemon:
    def __init__(self, program, directory):
        self.program, self.directory = program, directory
        self.socket = directory + "/run/carousel.sock"
        self.log = open(directory + "/log", "ab")
        with open(directory + "/conf", "w") as file:
            file.write(f"[daemon]\nstate_dir = {directory}/state\nruntime_dir = {directory}/run\n"
                       f"kernel_target = no\n[web]\nlisten =\nsocket_group =\n[portal]\n"
                       f"listen =\n[kernel]\nlisten =\n[media]\npools = {directory}/pool\n")

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

    def ask(self, method, path, headers=None):
        connection = Connection(self.socket)
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, json.loads(body) if body else None


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
        connection = Connection(daemon.socket)
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
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        jobs = daemon.ask("GET", "/api/v1/jobs?limit=1000")[1]["items"]
        if all(job["ended"] for job in jobs):
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
        daemon = Daemon(program, directory)
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
        assert daemon.process.wait(PATIENCE) == 0
        print(f"{len(uploads)} uploads, {KILLS} kills")


main(sys.argv[1])
