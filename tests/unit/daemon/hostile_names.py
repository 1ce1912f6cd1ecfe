#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that lead out of the pool, are no files, or have names that no operator would give, and such
names wherever a request can bring one. Each is answered soon and clearly; the log has no raw bytes.
Usage: hostile_names.py CAROUSELD"""
import os
import socket
import sys
import tempfile
import time
import urllib.parse

import killable

SOON = 60  # seconds, sanitizers and a busy machine included
LONG = "n" * 10000
NAMES = ["\x1b[2J\x07", "a\nerror: forged line", "\x00", "\x7f\x9b", "..", "../../etc", "%s%n",
         "\u202egnp.exe", LONG]


def make_files(pool, outside):
    """Name of what may not become a medium, and how it is refused."""
    killable.make_image(outside + "/secret.iso", "SECRET", 1, 1 << 17)
    os.mkdir(pool + "/sub")
    os.symlink(outside + "/secret.iso", pool + "/link.iso")
    os.symlink(outside, pool + "/sub/out")
    os.symlink(outside, pool + "/away")
    os.symlink("loop.iso", pool + "/loop.iso")
    os.mkfifo(pool + "/fifo.iso")
    os.mkdir(pool + "/directory.iso")
    os.symlink("/dev/zero", pool + "/device.iso")
    os.symlink("/proc/self/mem", pool + "/memory.iso")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(pool + "/socket.iso")
    return {"link.iso": "outside_media_pools", "sub/out/secret.iso": "outside_media_pools",
            "away/secret.iso": "outside_media_pools", "../outside/secret.iso": "outside_media_pools",
            "loop.iso": "file_unreadable", "fifo.iso": None, "device.iso": "outside_media_pools",
            "memory.iso": "outside_media_pools", "socket.iso": None, "missing.iso": "file_missing"}


def problem_of_import(daemon, path, copy):
    ask = {"path": path, "copy": copy} | ({"pool": daemon.directory + "/pool"} if copy else {})
    answer, made = daemon.try_to("POST", "/api/v1/imports", ask)
    if answer.status >= 400:
        return made
    daemon.await_jobs()
    job = daemon.send("GET", f"/api/v1/jobs/{made['id']}", None, 200)
    assert job["state"] == "failed", (path, job)
    return job["error"]


def refuse_files(daemon, files):
    for name, code in files.items():
        path = f"{daemon.directory}/pool/{name}"
        for problem in (problem_of_import(daemon, path, False), problem_of_import(daemon, path, True),
                        daemon.try_to("POST", "/api/v1/media", {"path": path})[1]):
            assert problem.get("code"), (name, problem)
            assert code in (None, problem["code"]), (name, problem)
            assert problem["code"] not in ("internal", "catalog"), (name, problem)
            assert problem["remedy"], (name, problem)


def scan_names(daemon):
    """Names of files may be any bytes; those that cannot be told are not taken, and keep nobody up."""
    pool = os.fsencode(daemon.directory) + b"/pool/"
    names = [b"\x1b[2Jclear.iso", b"line\nerror: forged line.iso", b"\xff\xfe.iso", b"\x9b31m.iso",
             b"n" * 251 + b".iso"]
    for number, name in enumerate(names):
        killable.make_image(pool + name, "NAMES", number, 1 << 17)
        os.symlink(name, pool + b"link-to-%d.iso" % number)
    killable.make_image(pool + b"plain.iso", "PLAIN", 99, 1 << 17)
    daemon.send("POST", "/api/v1/scans", {}, 202)
    daemon.send("POST", "/api/v1/imports", {"path": daemon.directory + "/pool"}, 202)
    daemon.await_jobs()
    media = daemon.send("GET", "/api/v1/media?limit=500", None, 200)["items"]
    assert any(m["id"] == "plain" for m in media), media
    assert not any("secret" in m["path"] for m in media), media


def refuse_names(daemon):
    for name in NAMES:
        quoted = urllib.parse.quote(name, safe="")
        asked = [("GET", f"/api/v1/{what}/{quoted}", None)
                 for what in ("media", "drives", "exports", "tapes", "uploads", "jobs")]
        asked += [("DELETE", f"/api/v1/tokens/{quoted}", None),
                  ("GET", f"/api/v1/{quoted}", None),
                  ("GET", f"/api/v1/media?{quoted}=1", None),
                  ("GET", f"/api/v1/jobs?state={quoted}", None),
                  ("POST", "/api/v1/drives", {"name": name, "loopback": False}),
                  ("POST", "/api/v1/tokens", {"name": name, "scope": name}),
                  ("POST", "/api/v1/exports", {"name": name, "luns": []}),
                  ("POST", "/api/v1/media", {"path": name}),
                  ("PUT", "/api/v1/drives/d0/medium", {"medium": name}),
                  ("PATCH", "/api/v1/media/plain", {"id": name}),
                  ("PATCH", "/api/v1/media/plain", {name: name})]
        for method, path, body in asked:
            begun = time.monotonic()
            answer, problem = daemon.try_to(method, path, body)
            assert 400 <= answer.status < 500, (method, path[:80], name[:20], answer.status, problem)
            assert problem is None or problem["detail"], problem
            assert time.monotonic() - begun < SOON, (method, path[:80])


def raw_bytes(daemon):
    """Invalid UTF-8 in a body and in a URL."""
    for method, path, body in (("POST", "/api/v1/drives", b'{"name":"\xff\xfe"}'),
                               ("POST", "/api/v1/media", b'{"path":"/\xc0\xaf"}'),
                               ("GET", "/api/v1/media/%ff%fe", None),
                               ("GET", "/api/v1/media?q=%ff", None)):
        headers = {"Content-Type": "application/json"} if body else {}
        answer, problem = daemon.ask(method, path, headers, body)
        assert 400 <= answer.status < 500 and problem["detail"], (path, answer.status, problem)


def check_log(daemon):
    with open(daemon.log.name, "rb") as file:
        log = file.read()
    strange = {byte for byte in log if (byte < 32 and byte != 10) or byte == 127}
    assert not strange, strange
    assert b"\nerror: forged" not in log and b"\x9b" not in log, log[-2000:]
    log.decode()


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        for name in "pool", "outside":
            os.mkdir(f"{directory}/{name}")
        files = make_files(directory + "/pool", directory + "/outside")
        daemon = killable.Daemon(program, directory, "pool_watch = no\n")
        daemon.start()
        daemon.send("POST", "/api/v1/drives", {"name": "d0", "loopback": False}, 201)
        begun = time.monotonic()
        refuse_files(daemon, files)
        scan_names(daemon)
        refuse_names(daemon)
        raw_bytes(daemon)
        assert time.monotonic() - begun < 3 * SOON
        daemon.end()
        check_log(daemon)


main(sys.argv[1])
