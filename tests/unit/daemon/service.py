#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon itself under a service manager that this is: what it is told, and when.
Usage: service.py CAROUSELD"""
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile

PATIENCE = 60


class Manager:
    def __init__(self, directory):
        self.path = directory + "/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(PATIENCE)

    def hear(self, *ignored):
        while True:
            lines = self.socket.recv(4096).decode().split("\n")
            if lines[0] not in ignored:
                return lines


def configuration(directory, port):
    with open(directory + "/conf", "w") as file:
        file.write(
            f"[daemon]\nstate_dir = {directory}/state\nruntime_dir = {directory}/run\n"
            f"kernel_target = no\n[web]\nlisten =\n[portal]\nlisten = 127.0.0.1:{port}\n"
            f"[media]\npools = {directory}\npool_auto_import = no\n[drive dvd0]\n"
        )


def start(daemon, directory, manager, **environment):
    """Running, and on a port that was free; what it said."""
    for _ in range(20):
        port = random.randrange(20000, 60000)
        configuration(directory, port)
        process = subprocess.Popen(
            [daemon, "-c", directory + "/conf"],
            env=os.environ | {"NOTIFY_SOCKET": manager.path} | environment,
            stderr=subprocess.PIPE,
        )
        said = manager.hear("WATCHDOG=1")
        if said[0] == "READY=1":
            return process, port, said
        assert said[0].startswith("STATUS=cannot start: "), said
        assert process.wait(PATIENCE) == 1
    sys.exit("no port is free")


def answers(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(path)
        client.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client.recv(100)


def main(daemon):
    with tempfile.TemporaryDirectory() as directory:
        for name in ("state", "run"):
            os.mkdir(f"{directory}/{name}", 0o700)
        manager = Manager(directory)
        process, port, said = start(daemon, directory, manager, WATCHDOG_USEC="600000")
        assert said[1] == f"STATUS=1 drive(s), 0 failed; 0 media; portal 127.0.0.1:{port}; 0 host(s)", said
        # Whoever waited for READY finds everything there.
        socket.create_connection(("127.0.0.1", port), PATIENCE).close()
        assert b" 200 " in answers(directory + "/run/carousel.sock")

        for _ in range(3):
            assert manager.hear()[0] == "WATCHDOG=1"

        process.send_signal(signal.SIGHUP)
        assert manager.hear("WATCHDOG=1") == ["RELOADING=1"]
        assert manager.hear("WATCHDOG=1")[0] == "READY=1"

        process.send_signal(signal.SIGTERM)
        assert manager.hear("WATCHDOG=1")[0] == "STOPPING=1"
        log = process.communicate(timeout=PATIENCE)[1].decode()
        assert process.returncode == 0, log
        assert "runtime error" not in log and "ERROR: " not in log, log
        manager.socket.settimeout(1)
        try:
            sys.exit(f"after its end: {manager.hear('WATCHDOG=1')}")
        except TimeoutError:
            pass

        # One that cannot start says why, and is never ready.
        manager.socket.settimeout(PATIENCE)
        with socket.create_server(("127.0.0.1", 0)) as other:
            configuration(directory, other.getsockname()[1])
            process = subprocess.Popen(
                [daemon, "-c", directory + "/conf"],
                env=os.environ | {"NOTIFY_SOCKET": manager.path},
                stderr=subprocess.DEVNULL,
            )
            said = manager.hear()
            assert said[0].startswith("STATUS=cannot start: "), said
            assert process.wait(PATIENCE) == 1


main(sys.argv[1])
