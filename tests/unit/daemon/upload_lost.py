#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The last answer to `carousel media upload` is lost, and the job of the upload has failed or the
daemon was killed by the time that it is asked again: the command line says what the job said.
Usage: upload_lost.py CAROUSELD CAROUSEL"""
import os
import socket
import subprocess
import sys
import tempfile
import threading

import killable

SIZE = 300000


def head_of(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    return data


class Relay:
    """Between the command line and the daemon; `when_lost` is called for the answer that it keeps."""

    def __init__(self, daemon, path, is_last, when_lost):
        self.daemon, self.is_last, self.when_lost = daemon, is_last, when_lost
        self.lost = 0
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(path)
        self.door.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client = self.door.accept()[0]
            threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.daemon.socket)
            head = head_of(client)
            if head is None:
                return
            threading.Thread(target=self.send, args=(client, server, head), daemon=True).start()
            if self.is_last(head) and not self.lost:
                self.lost = 1
                answer = head_of(server)
                while answer.startswith(b"HTTP/1.1 100"):
                    client.sendall(answer)
                    answer = head_of(server)
                assert b" 204 " in answer, answer
                self.when_lost()
                client.shutdown(socket.SHUT_RDWR)
                return
            while more := server.recv(65536):
                client.sendall(more)

    @staticmethod
    def send(client, server, data):
        try:
            while data:
                server.sendall(data)
                data = client.recv(65536)
        except OSError:
            pass


def upload(carousel, relay_path, file, data):
    with open(file, "wb") as to:
        to.write(data)
    is_stream = file.endswith(".stream")
    return subprocess.run([carousel, "--socket", relay_path, "media", "upload",
                           *(["-", "--name", "a.iso"] if is_stream else [file])],
                          stdin=open(file, "rb") if is_stream else subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=killable.PATIENCE)


def check(programs, directory, number, data, restarts, is_stream):
    carouseld, carousel = programs
    daemon = killable.Daemon(carouseld, directory)
    daemon.start()

    def when_lost():
        daemon.await_jobs()
        if restarts:
            daemon.kill()
            daemon.start()

    last = b"Upload-Length" if is_stream else b"PATCH"
    path = f"{directory}/relay-{number}"
    relay = Relay(daemon, path, lambda head: last in head and b"PATCH" in head, when_lost)
    done = upload(carousel, path, f"{directory}/{number}.{'stream' if is_stream else 'iso'}", data)
    assert relay.lost, done
    uploads = daemon.send("GET", "/api/v1/uploads", None, 200)["items"]
    assert len(daemon.await_jobs()) == number + 1, "it was sent twice"
    daemon.process.terminate()
    assert daemon.process.wait(killable.PATIENCE) == 0
    return done, uploads


def main(programs):
    with tempfile.TemporaryDirectory(prefix="carousel-lost-") as directory:
        os.mkdir(directory + "/pool")
        number = 0
        for restarts in (False, True):
            for is_stream in (False, True):
                done, uploads = check(programs, directory, number, bytes(SIZE), restarts, is_stream)
                assert done.returncode == 1 and "no known image format" in done.stderr, done
                assert not uploads, uploads
                number += 1
        killable.make_image(directory + "/good", "GOOD", 7)
        good = open(directory + "/good", "rb").read()
        done, uploads = check(programs, directory, number, good, True, True)
        assert done.returncode == 0 and "added" in done.stderr, done


main(sys.argv[1:])
