# SPDX-License-Identifier: Apache-2.0
"""Servers that the tests of whole programs start: each has an address, a target, and a disc on LUN 0
whose every block is in the file `disc`."""
import contextlib
import os
import random
import signal
import socket
import struct
import subprocess
import tempfile
import time

TARGET = "iqn.2026-01.test:one"
INITIATOR = "iqn.2026-01.test:initiator"
BLOCK = 2048
PATIENCE = 60
# What was freed is given back soon, so that it can be seen whether it was.
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8")


# Of this process alone, so that no other test takes a port of it: all of 127/8 is this machine.
HOST = f"127.{128 | os.getpid() >> 16}.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"


def free_port():
    """One of HOST, and that the kernel gives to nobody who asks for any meanwhile."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((HOST, random.SystemRandom().randrange(20000, 32768)))
            return probe.getsockname()[1]


class Server:
    def __init__(self, program):
        self.program = program
        self.directory = tempfile.TemporaryDirectory()
        self.disc = os.path.join(self.directory.name, "disc.iso")
        self.process = None
        self.address = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        try:
            if self.process and self.process.poll() is None:
                self.stop()
                self.process.wait(PATIENCE)
            assert self.process.returncode == 0, f"{self.program} ended with {self.process.returncode}"
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self.directory.cleanup()

    def is_up(self):
        return self.process.poll() is None

    def resident(self):
        """Bytes."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Library(Server):
    """iscsi-serve: the portal before the tests' own library."""

    blocks = 8192

    login_seconds = 6

    def start(self):
        with open(self.disc, "wb") as file:
            for lba in range(self.blocks):
                file.write(struct.pack(">I", lba) + b"\x5a" * (BLOCK - 4))
        self.process = subprocess.Popen([self.program, str(self.login_seconds)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        self.address = self.process.stdout.readline().strip()

    def state(self):
        """{"memory": bytes of data buffers, "sessions": …, "nexuses": …}"""
        self.process.stdin.write("state\n")
        self.process.stdin.flush()
        words = self.process.stdout.readline().split()
        return {words[i]: int(words[i + 1]) for i in range(0, len(words), 2)}

    def stop(self):
        self.process.stdin.close()


def make_image(path, blocks):
    """ISO 9660 as far as a probe looks, and noise."""
    noise = random.Random(7)
    data = bytearray(noise.randbytes(blocks * BLOCK))
    volume = bytearray(BLOCK)
    volume[0:7] = b"\x01CD001\x01"
    volume[40:72] = b"PORTAL".ljust(32)
    volume[80:88] = struct.pack("<I", blocks) + struct.pack(">I", blocks)
    volume[128:132] = struct.pack("<H", BLOCK) + struct.pack(">H", BLOCK)
    end = bytearray(BLOCK)
    end[0:7] = b"\xffCD001\x01"
    data[16 * BLOCK:18 * BLOCK] = volume + end
    with open(path, "wb") as file:
        file.write(data)


class Daemon(Server):
    """carouseld, with one drive and one export."""

    blocks = 8192
    login_seconds = 15

    def start(self):
        make_image(self.disc, self.blocks)
        port = free_port()
        self.address = f"{HOST}:{port}"
        where = self.directory.name
        for name in ("state", "run"):
            os.mkdir(os.path.join(where, name))
        configuration = os.path.join(where, "carousel.conf")
        with open(configuration, "w") as file:
            file.write(f"""
[daemon]
state_dir = {where}/state
runtime_dir = {where}/run
kernel_target = no
[web]
listen =
[media]
pools = {where}
pool_watch = no
pool_rescan = 0
pool_auto_import = no
[portal]
listen = {self.address}
[drive dvd0]
export = none
medium = {self.disc}
[export disc]
luns = dvd0
target = {TARGET}
""")
        log = open(os.path.join(where, "log"), "w+")
        self.log = log
        self.process = subprocess.Popen([self.program, "--config", configuration], stdout=log, stderr=log,
                                        stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        self.wait_for_port(port)

    def wait_for_port(self, port):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.is_up():
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("carouseld does not listen:\n" + self.said())

    def said(self):
        self.log.flush()
        with open(self.log.name) as file:
            return file.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)


KINDS = {"library": Library, "daemon": Daemon}
