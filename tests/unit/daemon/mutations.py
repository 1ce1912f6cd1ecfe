#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every route that changes the library is an event and a row of the audit log, with who did it; a route
without a recipe here fails. Usage: mutations.py CAROUSELD"""
import base64
import json
import os
import signal
import sys
import tempfile
import time

import killable

TUS = {"Tus-Resumable": "1.0.0"}


class Walk:
    def __init__(self, daemon):
        self.daemon, self.directory = daemon, daemon.directory
        self.seen = []

    def send(self, *request):
        return self.daemon.send(*request)

    def image(self, name, seed=1):
        path = f"{self.directory}/pool/{name}.iso"
        killable.make_image(path, name.upper(), seed)
        return path

    def upload(self, data):
        metadata = "filename " + base64.b64encode(b"sent.iso").decode()
        answer, made = self.daemon.ask("POST", "/api/v1/uploads", TUS | {
            "Upload-Length": str(len(data)), "Upload-Metadata": metadata})
        assert answer.status == 201, made
        return made["id"]

    def newest(self):
        rows = self.send("GET", "/api/v1/audit?limit=1", None, 200)["items"]
        return rows[0]["number"] if rows else 0

    def expect(self, before, verb, where, name, change=None):
        """One event since then is of this verb, and about that."""
        end = time.monotonic() + killable.PATIENCE
        while time.monotonic() < end:
            rows = self.send("GET", "/api/v1/audit?limit=50", None, 200)["items"]
            rows = [row for row in rows if row["number"] > before and row["verb"] == verb]
            if rows:
                break
            time.sleep(0.05)
        assert len(rows) == 1, (verb, name, rows)
        row = rows[0]
        subject = row["subject"] or {}
        found = row[where] if where in ("drive", "medium") else subject.get("name")
        assert found == name, (verb, name, row)
        assert where in ("drive", "medium") or subject["kind"] == where, row
        assert row["outcome"] == "ok" and row["actor"], row
        assert change is None or row["detail"] == change, row
        self.seen.append((row["number"], verb))


def add_drive(walk):
    walk.send("POST", "/api/v1/drives", {"name": "d1", "loopback": False}, 201)
    return "drive-add", "drive", "d1"


def remove_drive(walk):
    walk.send("DELETE", "/api/v1/drives/d1", None, 204)
    return "drive-remove", "drive", "d1"


def load(walk):
    walk.send("PUT", "/api/v1/drives/d0/medium", {"medium": "one"}, 200)
    return "load", "drive", "d0"


def eject(walk):
    walk.send("DELETE", "/api/v1/drives/d0/medium", None, 200)
    return "eject", "medium", "one"


def release(walk):
    """Nobody reserved it: that is no event. When a host did, see test_library_reservations.c."""
    number = walk.newest()
    walk.send("DELETE", "/api/v1/drives/d0/reservation", None, 200)
    assert walk.newest() == number


def add_medium(walk):
    path = walk.image("one")
    walk.send("POST", "/api/v1/media", {"path": path}, 201)
    return "media-add", "medium", "one", {"path": {"from": "", "to": path}}


def describe(walk):
    """What was changed is told from and to, and nothing of what was not."""
    walk.send("PATCH", "/api/v1/media/one", {"tags": ["lab"], "notes": "first"}, 200)
    number = walk.newest()
    walk.send("PATCH", "/api/v1/media/one", {"tags": ["lab", "rescue"], "notes": "first"}, 200)
    walk.expect(number, "media-change", "medium", "one",
                {"tags": {"from": "lab", "to": "lab rescue"}})
    number = walk.newest()
    walk.send("PATCH", "/api/v1/media/one", {"tags": ["rescue", "lab"]}, 200)
    assert walk.newest() == number  # nothing was changed
    walk.send("PATCH", "/api/v1/media/one", {"id": "won"}, 200)
    walk.expect(number, "media-change", "medium", "won", {"id": {"from": "one", "to": "won"}})
    walk.send("PATCH", "/api/v1/media/won", {"id": "one"}, 200)


def press(walk):
    walk.send("PUT", "/api/v1/media/one/profile", {"profile": "dvd-rom"}, 200)
    return "profile", "medium", "one", {"profile": {"from": "auto", "to": "dvd-rom"}}


def forget(walk):
    walk.send("DELETE", "/api/v1/media/one", None, 204)
    path = f"{walk.directory}/pool/one.iso"
    os.unlink(path)
    return "media-remove", "medium", "one", {"path": {"from": path, "to": ""}}


def import_one(walk):
    number = walk.newest()
    job = walk.send("POST", "/api/v1/imports", {"path": walk.image("two", 2)}, 202)["id"]
    walk.daemon.await_jobs()
    walk.expect(number, "job-queued", "job", str(job))
    walk.expect(number, "job-succeeded", "job", str(job))
    return "media-add", "medium", "two"


def scan(walk):
    number = walk.newest()
    before, after = f"{walk.directory}/pool/two.iso", f"{walk.directory}/pool/moved.iso"
    os.rename(before, after)
    job = walk.send("POST", "/api/v1/scans", {}, 202)["id"]
    walk.daemon.await_jobs()
    walk.expect(number, "job-queued", "job", str(job))
    return "media-moved", "medium", "two", {"path": {"from": before, "to": after}}


def verify(walk):
    job = walk.send("POST", "/api/v1/verifications", {"medium": "two"}, 202)["id"]
    return "job-queued", "job", str(job)


def cancel(walk):
    path = f"{walk.directory}/pool/large.iso"
    killable.make_image(path, "LARGE", 4, 20 << 30)
    job = walk.send("POST", "/api/v1/imports", {"path": path}, 202)["id"]
    walk.send("DELETE", f"/api/v1/jobs/{job}", None, 202)
    walk.daemon.await_jobs()
    os.unlink(path)
    return "job-cancel", "job", str(job)


def begin_upload(walk):
    return "upload-begin", "upload", walk.upload(b"never sent")


def remove_upload(walk):
    upload = walk.upload(b"never sent")
    answer, problem = walk.daemon.ask("DELETE", "/api/v1/uploads/" + upload, TUS)
    assert answer.status == 204, problem
    return "upload-remove", "upload", upload


def send_upload(walk):
    with open(walk.image("source", 5), "rb") as file:
        data = file.read()
    os.unlink(f"{walk.directory}/pool/source.iso")
    upload = walk.upload(data)
    answer, problem = walk.daemon.ask("PATCH", "/api/v1/uploads/" + upload, TUS | {
        "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}, data)
    assert answer.status == 204, problem
    walk.daemon.await_jobs()
    return "media-add", "medium", "sent"


def make_tape(walk):
    walk.send("POST", "/api/v1/tapes", {"prefix": "ARC", "count": 1}, 201)
    return "media-add", "medium", "arc001l8"


def protect(walk):
    walk.send("PUT", "/api/v1/media/ARC001L8/write-protection", {"write_protected": True}, 200)
    return "write-protect", "medium", "arc001l8"


def make_token(walk):
    walk.send("POST", "/api/v1/tokens", {"name": "ci", "scope": "read"}, 201)
    return "token-create", "token", "ci"


def remove_token(walk):
    walk.send("DELETE", "/api/v1/tokens/ci", None, 204)
    return "token-remove", "token", "ci"


def add_export(walk):
    walk.send("POST", "/api/v1/exports", {"name": "e", "luns": [{"lun": 0, "drive": "d0"}]}, 201)
    return "export-put", "export", "e"


def put_export(walk):
    walk.send("PUT", "/api/v1/exports/e", {"luns": [{"lun": 1, "drive": "d0"}]}, 200)
    return "export-put", "export", "e"


def remove_export(walk):
    walk.send("DELETE", "/api/v1/exports/e", None, 204)
    return "export-remove", "export", "e"


# In this order.
RECIPES = {
    "POST /api/v1/drives": add_drive,
    "DELETE /api/v1/drives/{id}": remove_drive,
    "POST /api/v1/media": add_medium,
    "PATCH /api/v1/media/{id}": describe,
    "PUT /api/v1/media/{id}/profile": press,
    "PUT /api/v1/drives/{id}/medium": load,
    "DELETE /api/v1/drives/{id}/medium": eject,
    "DELETE /api/v1/media/{id}": forget,
    "DELETE /api/v1/drives/{id}/reservation": release,
    "POST /api/v1/imports": import_one,
    "POST /api/v1/scans": scan,
    "POST /api/v1/verifications": verify,
    "DELETE /api/v1/jobs/{id}": cancel,
    "POST /api/v1/uploads": begin_upload,
    "DELETE /api/v1/uploads/{id}": remove_upload,
    "PATCH /api/v1/uploads/{id}": send_upload,
    "POST /api/v1/tapes": make_tape,
    "PUT /api/v1/media/{id}/write-protection": protect,
    "POST /api/v1/tokens": make_token,
    "DELETE /api/v1/tokens/{id}": remove_token,
    "POST /api/v1/exports": add_export,
    "PUT /api/v1/exports/{id}": put_export,
    "DELETE /api/v1/exports/{id}": remove_export,
}


def routes(daemon):
    paths = daemon.send("GET", "/api/openapi.json", None, 200)["paths"]
    return {f"{method.upper()} {path}" for path, operations in paths.items()
            for method in operations if method in ("post", "put", "patch", "delete")}


def pools(walk):
    """Those are of the configuration, and are read again."""
    number = walk.newest()
    other = walk.directory + "/other"
    os.mkdir(other)
    with open(walk.directory + "/conf") as file:
        text = file.read()
    with open(walk.directory + "/conf", "w") as file:
        file.write(text.replace(f"pools = {walk.directory}/pool\n", f"pools = {other}\n"))
    walk.daemon.process.send_signal(signal.SIGHUP)
    walk.expect(number, "pool-remove", "pool", walk.directory + "/pool")
    walk.expect(number, "pool-add", "pool", other)


def check_stream(walk):
    """All of them came as events, in order."""
    connection = killable.Connection(walk.daemon.socket)
    connection.request("GET", "/api/v1/events?after=0")
    answer, wanted = connection.getresponse(), sorted(walk.seen)
    while wanted:
        line = answer.readline().decode()
        assert line, wanted
        if line.startswith("data: "):
            event = json.loads(line[6:])
            if (event["number"], event["verb"]) == wanted[0]:
                wanted.pop(0)
    connection.close()


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(directory + "/pool")
        daemon = killable.Daemon(program, directory,
                                 "pool_watch = no\npool_auto_import = no\npool_rescan = 0\n[drive d0]\n")
        daemon.start()
        walk = Walk(daemon)
        assert routes(daemon) == set(RECIPES), routes(daemon) ^ set(RECIPES)
        for route, recipe in RECIPES.items():
            number = walk.newest()
            expected = recipe(walk)
            if expected:
                walk.expect(number, *expected)
        pools(walk)
        check_stream(walk)
        daemon.end()


main(sys.argv[1])
