# SPDX-License-Identifier: Apache-2.0
"""A daemon that is killed and started again, and images for it; for imports_kill.py, uploads_kill.py and load.py."""
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import struct
import subprocess
import time

PATIENCE = 60


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def volume(name, size):
    """The descriptor of an ISO 9660 volume, which lies in sector 16, and the one that ends the list."""
    both = lambda kind, value: struct.pack("<" + kind, value) + struct.pack(">" + kind, value)
    primary = bytearray(2048)
    primary[0:7] = b"\1CD001\1"
    primary[40:72] = name.encode().ljust(32)
    primary[80:88] = both("I", size // 2048)
    primary[120:124] = primary[124:128] = both("H", 1)
    primary[128:132] = both("H", 2048)
    primary[156:190] = (bytes([34, 0]) + both("I", 20) + both("I", 2048) + bytes(7) + bytes([2])
                        + bytes(2) + both("H", 1) + bytes([1, 0]))
    primary[881] = 1
    return bytes(primary) + b"\xffCD001\1"


def make_image(path, name, seed, size=2 << 20):
    """An ISO 9660 volume that has a descriptor, and bytes of its own."""
    with open(path, "wb") as file:
        file.truncate(size)
        file.seek(16 * 2048)
        file.write(volume(name, size))
        file.seek(20 * 2048)
        file.write(random.Random(seed).randbytes(1 << 20))


# Of this process alone, so that no other test takes a port of it: all of 127/8 is this machine.
HOST = f"127.{128 | os.getpid() >> 16}.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"


def free_port():
    """One of HOST, and that the kernel gives to nobody who asks for any meanwhile."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((HOST, random.SystemRandom().randrange(20000, 32768)))
            return probe.getsockname()[1]


class Daemon:
    def __init__(self, program, directory, media="", web="listen =", environment=None):
        self.program, self.directory = program, directory
        self.environment = os.environ | (environment or {})
        self.socket = directory + "/run/carousel.sock"
        self.log = open(directory + "/log", "ab")
        with open(directory + "/conf", "w") as file:
            file.write(f"[daemon]\nstate_dir = {directory}/state\nruntime_dir = {directory}/run\n"
                       f"kernel_target = no\n[web]\n{web}\nsocket_group =\n[portal]\n"
                       f"listen =\n[kernel]\nlisten =\n[media]\npools = {directory}/pool\n{media}")

    def command(self):
        return [self.program, "-c", self.directory + "/conf"]

    def start(self):
        self.process = subprocess.Popen(self.command(), stdout=self.log, stderr=self.log,
                                        env=self.environment)
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

    def ask(self, method, path, headers=None, body=None):
        connection = Connection(self.socket)
        with contextlib.suppress(BrokenPipeError):  # an answer may come before all is sent
            connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer, json.loads(text) if text else None

    def try_to(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        return self.ask(method, path, headers, json.dumps(body) if body is not None else None)

    def send(self, method, path, body, status):
        answer, found = self.try_to(method, path, body)
        assert answer.status == status, (method, path, answer.status, found)
        return found

    def await_jobs(self):
        """All of them, when they have ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            jobs = self.send("GET", "/api/v1/jobs?limit=500", None, 200)["items"]
            if all(job["ended"] for job in jobs):
                return jobs
            time.sleep(0.05)
        raise SystemExit(f"jobs do not end: {jobs}")

    def end(self):
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0
