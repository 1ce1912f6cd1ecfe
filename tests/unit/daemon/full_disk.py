#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The file systems of the catalog and of a pool fill up: what does not fit is refused with 507, or is
a job that failed and says what to do; nothing is lost, and all goes on when there is room again.
Usage: full_disk.py CAROUSELD"""
import base64
import os
import sqlite3
import subprocess
import sys
import tempfile

import killable

SKIPPED = 77
ISOLATED = ["unshare", "--map-root-user", "--mount"]
SIZE = 14 << 20
LEFT = 2 << 20  # when it fills up in the middle of a piece; far more is sent then
TUS = {"Tus-Resumable": "1.0.0"}


class Filler:
    """All the room of a file system but for `left` bytes, while it is there."""

    def __init__(self, directory, left=0):
        self.path = directory + "/filler"
        with open(self.path, "wb", buffering=0) as file:
            for size in (1 << 16, 4096):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass
            file.truncate(file.tell() - left)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        os.unlink(self.path)


def full(answer, problem):
    assert (answer.status, problem["code"]) == (507, "host_full"), (answer.status, problem)
    assert "oom" in problem["remedy"], problem


def note(daemon, number):
    return daemon.try_to("PATCH", "/api/v1/media/disc", {"notes": f"{number}" * 2000})


def catalog_is_full(daemon, directory):
    """Some of it still goes into what the log has already."""
    written = 0
    with Filler(directory + "/state"):
        while True:
            answer, problem = note(daemon, written % 10)
            if answer.status != 200:
                break
            written += 1
            assert written < 2000, "the catalog does not fill up"
        full(answer, problem)
        full(*daemon.try_to("GET", "/api/v1/backup"))
        assert daemon.send("GET", "/api/v1/media/disc", None, 200)["id"] == "disc"
    answer, changed = note(daemon, 7)
    assert answer.status == 200 and changed["notes"] == "7" * 2000, changed


def job_outlives_full_catalog(daemon, directory):
    made = daemon.send("POST", "/api/v1/verifications", {"medium": "disc"}, 202)
    with Filler(directory + "/state"):
        daemon.send("GET", f"/api/v1/jobs/{made['id']}", None, 200)
    assert daemon.await_jobs()[0]["ended"]


def copy_does_not_fit(daemon, directory):
    ask = {"path": directory + "/source/large.iso", "copy": True, "pool": directory + "/pool"}
    with Filler(directory + "/pool"):
        made = daemon.send("POST", "/api/v1/imports", ask, 202)
        daemon.await_jobs()
        job = daemon.send("GET", f"/api/v1/jobs/{made['id']}", None, 200)
        assert job["state"] == "failed" and job["error"]["code"] == "host_full", job
        assert "room" in job["error"]["remedy"], job
        assert os.listdir(directory + "/pool") == ["filler"], os.listdir(directory + "/pool")
    made = daemon.send("POST", "/api/v1/imports", ask, 202)
    daemon.await_jobs()
    job = daemon.send("GET", f"/api/v1/jobs/{made['id']}", None, 200)
    assert job["state"] == "succeeded", job


def begin_upload(daemon):
    name = base64.b64encode(b"sent.iso").decode()
    return daemon.ask("POST", "/api/v1/uploads",
                      TUS | {"Upload-Length": str(SIZE), "Upload-Metadata": f"filename {name}"})


def offset_of(daemon, path):
    """When what was taken is written."""
    while True:
        if not daemon.send("GET", path, None, 200)["receiving"]:
            return int(daemon.ask("HEAD", path, TUS)[0].headers["Upload-Offset"])


def upload_does_not_fit(daemon, directory):
    with Filler(directory + "/pool"):
        full(*begin_upload(daemon))
    answer, made = begin_upload(daemon)
    assert answer.status == 201, made
    path = "/api/v1/uploads/" + made["id"]
    with open(directory + "/source/large.iso", "rb") as file:
        data = file.read()
    send = lambda offset: daemon.ask("PATCH", path, TUS | {
        "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"},
        data[offset:])
    with Filler(directory + "/pool", LEFT):
        answer, problem = send(0)
        full(answer, problem)
        assert answer.headers["Content-Type"] == "application/problem+json", answer.headers
        offset = offset_of(daemon, path)
        assert LEFT // 2 <= offset <= LEFT, offset
        with open(f"{directory}/pool/.upload-{made['id']}.part", "rb") as file:
            assert file.read(offset) == data[:offset]
        full(*send(offset))
        assert offset_of(daemon, path) == offset
    answer, problem = send(offset)
    assert answer.status == 204, problem
    for job in daemon.await_jobs():
        assert job["kind"] != "upload" or job["state"] == "succeeded", job
    with open(directory + "/pool/sent.iso", "rb") as file:
        assert file.read() == data


def mount(directory, megabytes):
    os.mkdir(directory)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=755,size={megabytes}m", "none", directory],
                   check=True)


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        for name, megabytes in ("state", 3), ("pool", 40):
            mount(f"{directory}/{name}", megabytes)
        os.mkdir(directory + "/source")
        daemon = killable.Daemon(program, directory,
                                 f"pools = {directory}/source\npool_watch = no\n"
                                 "pool_rescan = 0\n")
        killable.make_image(directory + "/source/disc.iso", "FULL", 1)
        killable.make_image(directory + "/source/large.iso", "LARGE", 2, SIZE)
        try:
            daemon.start()
            ask = {"path": directory + "/source/disc.iso"}
            daemon.send("POST", "/api/v1/imports", ask, 202)
            daemon.await_jobs()
            catalog_is_full(daemon, directory)
            job_outlives_full_catalog(daemon, directory)
            copy_does_not_fit(daemon, directory)
            upload_does_not_fit(daemon, directory)
            daemon.end()
            catalog = sqlite3.connect(directory + "/state/catalog.db")
            assert catalog.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            catalog.close()
        finally:
            daemon.process.kill()
            daemon.process.wait()
            for name in "state", "pool":
                subprocess.run(["umount", f"{directory}/{name}"], check=True)


if len(sys.argv) > 2:
    main(sys.argv[1])
elif subprocess.run(ISOLATED + ["mount", "-t", "tmpfs", "none", "/mnt"], check=False).returncode:
    print("no file systems can be mounted here (user namespaces)")
    sys.exit(SKIPPED)
else:
    os.execvp(ISOLATED[0], ISOLATED + [sys.executable] + sys.argv + ["isolated"])
