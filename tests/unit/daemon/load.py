#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""As many requests at once as wrk can make of a daemon, for some seconds, beside clients that follow events and
others that go in the middle of a download: every answer is right, and afterwards the daemon has no more open
files and no more memory than before. How fast it is is not judged here.

    load.py carouseld"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from killable import HOST, PATIENCE, Daemon, free_port, volume

IMAGE_BYTES = 8 << 20
FOLLOWERS, DESERTERS, CONNECTIONS = 20, 5, 16
GROWTH_MAX = 16 << 20
SCRIPT = """
local paths = {"/api/v1/drives", "/api/v1/drives/dvd0", "/api/v1/media", "/api/v1/media?match=load", "/api/v1/media/load",
	"/api/v1/status", "/api/v1/history?limit=10", "/healthz", "/metrics", "/api/v1/jobs", "/api/v1/media/load/content"}
local count = 0
request = function()
	count = count + 1
	wrk.headers["Range"] = "bytes=" .. count % 1000 * 4096 .. "-" .. count % 1000 * 4096 + 65535
	if count % 50 == 0 then
		wrk.headers["Content-Type"] = "application/json"
		return wrk.format("PATCH", "/api/v1/media/load", nil, '{"notes": "' .. count .. '"}')
	end
	wrk.headers["Content-Type"] = nil
	return wrk.format("GET", paths[count % #paths + 1])
end
"""


class Load(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="carousel-load-")
        self.addCleanup(shutil.rmtree, self.directory)
        os.mkdir(self.directory + "/pool")
        with open(self.directory + "/pool/load.iso", "wb") as image:
            image.write(bytes(32768) + volume("LOAD", IMAGE_BYTES))
            image.truncate(IMAGE_BYTES)
        with open(self.directory + "/load.lua", "w") as script:
            script.write(SCRIPT)
        self.port = free_port()
        self.daemon = Daemon(CAROUSELD, self.directory, "[drive dvd0]\n",
                             f"listen = {HOST}:{self.port}\nrequests_per_second = 0")
        self.daemon.start()
        answer, _ = self.daemon.ask("POST", "/api/v1/media", {"Content-Type": "application/json"},
                                    f'{{"path": "{self.directory}/pool/load.iso", "id": "load"}}')
        self.assertEqual(answer.status, 201)
        with open(self.directory + "/state/token") as file:
            self.token = file.read().strip()

    def tearDown(self):
        self.daemon.process.terminate()
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0)

    def wrk(self, seconds):
        """At least a hundred, however busy the machine is."""
        requests, end = 0, time.monotonic() + PATIENCE
        while requests <= 100 and time.monotonic() < end:
            requests += self.wrk_once(seconds)
        self.assertGreater(requests, 100)
        return requests

    def wrk_once(self, seconds):
        run = subprocess.run(
            ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", f"{PATIENCE}s", "-s",
             self.directory + "/load.lua", "-H", f"Authorization: Bearer {self.token}",
             f"http://{HOST}:{self.port}"], capture_output=True, text=True, check=True)
        self.assertNotIn("Non-2xx", run.stdout, run.stdout)
        self.assertNotIn("Socket errors", run.stdout, run.stdout)
        return int(re.search(r"(\d+) requests in", run.stdout)[1])

    def begin(self, path):
        client = socket.create_connection((HOST, self.port), timeout=PATIENCE)
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode())
        self.assertTrue(client.recv(64).startswith(b"HTTP/1.1 200 "))
        return client

    def open_files(self):
        """But for those of the catalog: SQLite opens one more when it first needs it."""
        directory = f"/proc/{self.daemon.process.pid}/fd"
        files = []
        for name in os.listdir(directory):
            try:
                files.append(os.readlink(f"{directory}/{name}"))
            except FileNotFoundError:
                pass  # closed meanwhile
        return sorted(file for file in files if "/state/catalog.db" not in file)

    def memory(self):
        with open(f"/proc/{self.daemon.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s*(\d+)", file.read())[1]) * 1024

    def settled(self):
        """Files that are open when every client is gone: the sockets are those that listen."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            files = self.open_files()
            if sum(file.startswith("socket:") for file in files) == 2 and not any(
                    file.endswith("load.iso") for file in files):
                return files
            time.sleep(0.05)
        self.fail(f"clients are not gone: {self.open_files()}")

    def crowd(self, seconds):
        clients = [self.begin("/api/v1/events") for _ in range(FOLLOWERS)]
        clients += [self.begin("/api/v1/media/load/content") for _ in range(DESERTERS)]
        requests = self.wrk(seconds)
        for client in clients:
            client.close()
        # Those who follow are noticed to be gone when there is something to send to them.
        for notes in ("one", "another"):
            self.daemon.ask("PATCH", "/api/v1/media/load", {"Content-Type": "application/json"},
                            f'{{"notes": "{notes}"}}')
        return requests

    def test_nothing_is_left_of_a_crowd(self):
        self.crowd(1)  # what is allocated and opened once
        files = self.settled()
        memory = self.memory()
        requests = self.crowd(3)
        self.assertEqual(self.settled(), files)
        growth = self.memory() - memory
        print(f"{requests} requests in 3 s, {growth >> 10} KiB more memory")
        self.assertLess(growth, GROWTH_MAX)


if __name__ == "__main__":
    if not shutil.which("wrk"):
        print("skip: wrk is not installed")
        sys.exit(77)
    CAROUSELD = sys.argv.pop(1)
    # What was freed is to be seen as freed.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
    unittest.main()
