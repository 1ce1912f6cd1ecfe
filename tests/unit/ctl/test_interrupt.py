#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What commands that wait leave behind, and say, when somebody has waited long enough: each of them on a terminal,
in front of a daemon that never comes to an end."""
import http.server
import json
import os
import pty
import re
import select
import signal
import socketserver
import sys
import tempfile
import threading
import time

PATIENCE_S = 60
ERASED = re.compile(r"[^\n]*\r\x1b\[K")  # a progress line, which is there only when it takes a while
TUS = "The same command goes on where this one ended."


class Daemon(http.server.BaseHTTPRequestHandler):
    """Says in server.reached that it is in the middle of something, and stays there."""
    protocol_version = "HTTP/1.1"

    def give(self, value, status=200):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def stay(self):
        self.close_connection = True
        self.server.reached.set()
        while self.connection.recv(4096):
            pass

    def begin(self, length):
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", "1000000")
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(bytes(length))
        self.wfile.flush()
        self.stay()

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.endswith(("/backup", "/content")):
            self.begin(1000)
        elif path.endswith("/events"):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.stay()
        elif path.endswith("/uploads"):
            self.give({"items": []})
        elif "/uploads/" in path:
            self.give({"offset": self.server.arrived, "job": None})
        elif path.endswith("/drives"):
            self.give({"items": [{"name": "dvd0"}]})
        elif path.endswith("/media/disc"):
            self.give({"id": "disc", "path": "/srv/disc.iso"})
        else:
            self.server.asked += 1
            if self.server.asked > 2:
                self.server.reached.set()
            self.give({"id": 5, "kind": "scan", "done": 1, "total": 3, "state": "running"})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.give({"id": "u1"} if self.path.endswith("/uploads") else {"id": 5, "kind": "scan"}, 201)

    def do_PATCH(self):
        self.server.arrived += len(self.rfile.read(1))
        self.stay()

    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.holds:
            self.stay()
            return
        self.server.asked += 1
        if self.server.asked > 1:
            self.server.reached.set()
        self.give({"code": "drive_busy", "detail": "dvd0 is busy", "remedy": "Wait."}, 409)

    def do_DELETE(self):
        self.server.removed.append(self.path)
        if self.path.endswith("/medium"):
            self.stay()
            return
        self.give({"id": "u1"})

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path):
        super().__init__(path, Daemon)
        self.reached = threading.Event()
        self.holds, self.asked, self.arrived, self.removed = False, 0, 0, []

    def begin(self, holds):
        self.reached.clear()
        self.holds, self.asked, self.arrived, self.removed = holds, 0, 0, []

    def get_request(self):
        return self.socket.accept()[0], ("", 0)

    def handle_error(self, request, client_address):
        """Who asked has gone."""


class Run:
    """A command on a terminal of its own, until it has ended by a signal."""

    def __init__(self, test, line, number, files, stdin=None):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            for one in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
                signal.signal(one, signal.SIG_DFL)
            os.chdir(test.home)
            if stdin is not None:
                os.dup2(stdin, 0)
            os.execv(test.program, ["carousel", "--socket", test.socket] + line.split())
        if not test.server.reached.wait(PATIENCE_S):
            raise SystemExit(f"{line}: the daemon was not asked")
        test.await_files(files)
        os.kill(self.pid, number)
        self.text = self.read()
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.terminal)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != number:
            raise SystemExit(f"{line}: ended with {status}, not by {number}:\n{self.text}")

    def read(self):
        text, end = b"", time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.1)[0]:
                try:
                    text += os.read(self.terminal, 65536)
                except OSError:
                    return ERASED.sub("", text.decode().replace("\r\n", "\n"))
        os.kill(self.pid, signal.SIGKILL)
        raise SystemExit(f"it does not end:\n{text.decode()}")


class Test:
    def __init__(self, program, directory):
        self.program, self.home = os.path.abspath(program), os.path.join(directory, "home")
        self.socket = os.path.join(directory, "socket")
        os.mkdir(self.home)
        self.server = Server(self.socket)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def await_files(self, names):
        end = time.monotonic() + PATIENCE_S
        paths = [os.path.join(self.home, name) for name in names]
        while not all(os.path.exists(path) and os.path.getsize(path) for path in paths):
            if time.monotonic() > end:
                raise SystemExit(f"{names} do not come")
            time.sleep(0.001)

    def check(self, line, said, files=(), removed=(), holds=False, piped=False):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.server.begin(holds)
            pipe, writer = os.pipe()
            os.write(writer, b"x")
            text = Run(self, line, number, files, pipe if piped else None).text
            os.close(pipe)
            os.close(writer)
            if text != said:
                raise SystemExit(f"{line}: expected\n{said}but it said\n{text}")
            left = sorted(set(os.listdir(self.home)) - {"big.iso"})
            if left != list(files):
                raise SystemExit(f"{line}: left {left}, not {files}")
            for name in left:
                os.unlink(os.path.join(self.home, name))
            if self.server.removed != list(removed):
                raise SystemExit(f"{line}: removed {self.server.removed}, not {removed}")

    def run(self):
        with open(os.path.join(self.home, "big.iso"), "wb") as file:
            file.truncate(1 << 30)
        self.check("media upload big.iso",
                   f"carousel: interrupted: 1 B of the 1.1 GB of big.iso have arrived\n          {TUS}\n")
        self.check("--progress none media upload big.iso big.iso",
                   f"carousel: interrupted: 1 B of the 1.1 GB of big.iso have arrived\n          {TUS}\n")
        stream = ("carousel: interrupted: what had arrived of stdin was removed\n"
                  "          Send it again, from its beginning.\n")
        for line in ("media upload -", "media import -"):
            self.check(line, stream, removed=["/api/v1/uploads/u1"], piped=True)
        self.check("backup all.db", "carousel: interrupted: all.db was not made\n          Make it again.\n")
        kept = "disc.iso.part is kept; the same command goes on there\n"
        self.check("media get disc", kept, files=["disc.iso.part", "disc.iso.part.etag"])
        self.check("events", "")
        self.check("events -n 3", "")
        waited = ("carousel: interrupted while dvd0 was waited for\n"
                  "          See carousel drive show, and say it again if it was not done.\n")
        self.check("load disc dvd0 --wait", waited)
        self.check("load disc dvd0", waited, holds=True)
        self.check("eject dvd0", waited, removed=["/api/v1/drives/dvd0/medium"])
        job = "job 5 goes on: carousel job wait 5\n"
        self.check("--progress none job wait 5", job)
        self.check("--progress none media scan", job)


with tempfile.TemporaryDirectory(prefix="carousel-interrupt-") as directory:
    Test(sys.argv[1], directory).run()
