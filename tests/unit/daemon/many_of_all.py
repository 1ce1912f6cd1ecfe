#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A daemon with 100 000 media and more than a thousand sessions: lists come page by page, each item once, and nobody
waits for what others look for.

    many_of_all.py carouseld carousel"""
import json
import os
import resource
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from killable import HOST, PATIENCE, Connection, Daemon, free_port

MEDIA, SESSIONS, PAGE = 100000, 1100, 1000
NAME = "iqn.2001-04.com.example:many"
ROWS = """
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)
INSERT INTO media (id, path, kind, format, file_system, volume_id, size, profile, profile_override, device,
    inode, file_size, mtime_sec, mtime_nsec, fault, added)
SELECT printf('disc-%06d', i), printf('/srv/%06d/image.iso', i), 'disc', 'iso', 'iso9660', 'VOLUME', 1, 16, 0, 1, i,
    1, 0, 0, '', 0 FROM n"""


def log_in(port, target, number):
    """A session of an initiator port of its own (RFC 7143 11.12); it lasts as long as the connection."""
    text = f"InitiatorName={NAME}\0SessionType=Normal\0TargetName={target}\0AuthMethod=None\0".encode()
    connection = socket.create_connection((HOST, port), timeout=PATIENCE)
    for flags in (0x81, 0x87):  # security negotiation, then operational parameters and full feature phase
        data = text if flags == 0x81 else b""
        isid = struct.pack(">BBHH", 0x80, 0, 1, number)
        head = struct.pack(">BBBBI", 0x43, flags, 0, 0, len(data)) + isid + bytes(2)
        head += struct.pack(">IHHII", number, 0, 0, 0, 0) + bytes(16)
        connection.sendall(head + data + bytes(-len(data) % 4))
        answer = receive(connection, 48)
        receive(connection, (int.from_bytes(answer[5:8], "big") + 3) & ~3)
        assert answer[0] == 0x23 and answer[36:38] == b"\0\0", answer
        if answer[1] & 0x87 == 0x87:
            return connection
    raise AssertionError("the login does not end")


def receive(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        assert piece, "the portal closed the connection"
        data += piece
    return data


class ManyOfAll(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="carousel-many-")
        self.addCleanup(shutil.rmtree, self.directory)
        os.mkdir(self.directory + "/pool")
        self.port = free_port()
        self.daemon = Daemon(CAROUSELD, self.directory, "[drive dvd0]\n")
        with open(self.directory + "/conf") as file:
            conf = file.read()
        listens = f"[portal]\nlisten = {HOST}:{self.port}\nsessions = {SESSIONS + 10}\n"
        with open(self.directory + "/conf", "w") as file:
            file.write(conf.replace("[portal]\nlisten =\n", listens))
        self.daemon.start()

    def tearDown(self):
        self.daemon.end()

    def get(self, path):
        return self.daemon.send("GET", path, None, 200)

    def pages(self, path):
        items, sizes, after = [], [], ""
        while after is not None:
            page = self.get(f"{path}?limit={PAGE}{after and f'&after={after}'}")
            items += page["items"]
            sizes.append(len(page["items"]))
            after = page["next"]
        return items, sizes

    def test_sessions_come_in_pages(self):
        target = self.daemon.send("POST", "/api/v1/exports", {"name": "many", "luns": [{"lun": 0, "drive": "dvd0"}]}, 201)
        connections = [log_in(self.port, target["target"], i) for i in range(SESSIONS)]
        for path in ("/api/v1/sessions", "/api/v1/exports/many/sessions"):
            items, sizes = self.pages(path)
            self.assertEqual(sizes, [PAGE, SESSIONS - PAGE])
            numbers = [session["id"] for session in items]
            self.assertEqual(numbers, sorted(set(numbers)))
            self.assertEqual(len({session["isid"] for session in items}), SESSIONS)
        said = subprocess.run([CAROUSEL, "--socket", self.daemon.socket, "session", "ls", "-o", "json"],
                              capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
        self.assertEqual([session["id"] for session in json.loads(said)], numbers)
        connections.pop(500).close()
        end = time.monotonic() + PATIENCE
        while len(self.pages("/api/v1/sessions")[0]) == SESSIONS and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual([session["id"] for session in self.pages("/api/v1/sessions")[0]],
                         numbers[:500] + numbers[501:])
        for connection in connections:
            connection.close()

    def fill(self):
        with sqlite3.connect(self.directory + "/state/catalog.db", timeout=PATIENCE) as catalog:
            catalog.execute(ROWS, (MEDIA,))
        catalog.close()
        # The words of all are indexed by the next change.
        self.daemon.send("PATCH", "/api/v1/media/disc-000000", {"notes": "seen"}, 200)

    def search_for_nothing(self):
        """How many were found; None: on a busy machine the search took so long that it was ended."""
        answer, page = self.daemon.try_to("GET", "/api/v1/media?match=~~")
        if answer.status == 503:
            self.assertEqual(page["code"], "search_too_slow")
            return None
        self.assertEqual(answer.status, 200)
        return page["total"]

    def look_for_nothing(self, found, over):
        while not over.is_set():
            found.append(self.search_for_nothing() or 0)

    def test_nobody_waits_for_what_others_look_for(self):
        self.fill()
        found, answered, over = [], 0, threading.Event()
        crowd = [threading.Thread(target=self.look_for_nothing, args=(found, over)) for _ in range(2)]
        for thread in crowd:
            thread.start()
        end = time.monotonic() + PATIENCE
        while (answered <= 40 or len(found) < 20) and time.monotonic() < end:
            before = len(found)
            self.get("/api/v1/drives/dvd0")
            self.get("/api/v1/media/disc-050000")
            answered += len(found) == before  # no search ended meanwhile
        over.set()
        for thread in crowd:
            thread.join()
        self.assertEqual(found, [0] * len(found))
        self.assertGreater(answered, 40)

    def test_what_all_have_is_not_counted(self):
        self.fill()
        page = self.get("/api/v1/media?match=volume&limit=5")
        self.assertEqual(len(page["items"]), 5)
        self.assertEqual((page["total"], page["total_at_least"]), (None, 1001))
        self.assertEqual(self.get("/api/v1/media?limit=1")["total"], MEDIA)
        page = self.get("/api/v1/media?match=099999+volume")
        self.assertEqual((page["total"], page["items"][0]["id"]), (1, "disc-099999"))

    def is_soon_found_behind_those_who_left(self):
        """Behind forty that went on to their ends it would wait for some twenty times as long as one takes."""
        for _ in range(40):
            connection = Connection(self.daemon.socket)
            connection.request("GET", "/api/v1/media?match=~~")
            connection.close()
        begun = time.monotonic()
        first = self.search_for_nothing()
        one = time.monotonic()
        second = self.search_for_nothing()
        return (first, second) == (0, 0) and one - begun < 10 * (time.monotonic() - one) + 1

    def test_who_leaves_ends_the_search(self):
        self.fill()
        # On a machine that pauses it may take long once, and once more.
        self.assertTrue(any(self.is_soon_found_behind_those_who_left() for _ in range(5)))


CAROUSELD, CAROUSEL = sys.argv[1:3]
if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * SESSIONS + 100:
        print("too few files may be open")
        sys.exit(77)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * SESSIONS + 100), hard))
    unittest.main(argv=sys.argv[:1])
