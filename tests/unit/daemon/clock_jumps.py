#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The clock on the wall is set ten years ahead and back again, and ten years back, while the daemon runs
and while it starts. Nothing is lost, done twice or left waiting; what bears a date says the clock's.
Usage: clock_jumps.py CAROUSELD WALL_CLOCK_OBJECT"""
import base64
import calendar
import http.client
import itertools
import json
import os
import struct
import sys
import tempfile
import threading
import time

import killable

TEN_YEARS = 10 * 365 * 86400
LARGE = 3 << 30  # with holes; a job of some seconds
TUS = {"Tus-Resumable": "1.0.0"}
OFFSET = {"Content-Type": "application/offset+octet-stream"}


class Clock:
    """Of the daemon, in seconds against ours."""

    def __init__(self, directory):
        self.path = directory + "/ahead"
        self.set(0)

    def set(self, ahead):
        self.ahead = ahead
        with open(self.path, "r+b" if os.path.exists(self.path) else "wb") as file:
            file.write(struct.pack("=q", ahead))

    def is_now(self, moment):
        seconds = calendar.timegm(time.strptime(moment[:19], "%Y-%m-%dT%H:%M:%S"))
        return abs(seconds - time.time() - self.ahead) < 120


def begin_upload(daemon, name, size):
    word = base64.b64encode(name.encode()).decode()
    answer, made = daemon.ask("POST", "/api/v1/uploads", TUS | {
        "Upload-Length": str(size), "Upload-Metadata": f"filename {word}"})
    assert answer.status == 201, made
    return "/api/v1/uploads/" + made["id"]


def send(daemon, path, data, offset, end):
    answer, problem = daemon.ask("PATCH", path, TUS | OFFSET | {"Upload-Offset": str(offset)},
                                 data[offset:end])
    assert answer.status == 204, problem


def offset_of(daemon, path):
    answer, _ = daemon.ask("HEAD", path, TUS)
    assert answer.status == 200, answer.status
    return int(answer.headers["Upload-Offset"])


def verify(daemon, key, medium="disc"):
    answer, job = daemon.ask("POST", "/api/v1/verifications",
                             {"Content-Type": "application/json", "Idempotency-Key": key},
                             json.dumps({"medium": medium}))
    assert answer.status == 202, job
    return job["id"]


class Follower:
    """A stream of events, and what came of it."""

    def __init__(self, daemon):
        self.connection = killable.Connection(daemon.socket)
        self.connection.request("GET", "/api/v1/events", headers={"Last-Event-ID": "0"})
        self.answer = self.connection.getresponse()
        self.ids = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        try:
            for line in self.answer:
                if line.startswith(b"id: "):
                    self.ids.append(int(line[4:]))
        except (OSError, http.client.HTTPException):
            pass

    def await_id(self, number):
        end = time.monotonic() + killable.PATIENCE
        while not self.ids or self.ids[-1] < number:
            assert time.monotonic() < end, (self.ids, number)
            time.sleep(0.02)
        assert self.ids == sorted(set(self.ids)), self.ids


def newest_event(daemon):
    """Of the history, newest first whatever the clock said."""
    items = daemon.send("GET", "/api/v1/audit?limit=500", None, 200)["items"]
    ids = [item["number"] for item in items]
    assert ids == sorted(ids, reverse=True), ids
    return next(item for item in items if item["outcome"] == "ok")  # refusals are no events


def notes(daemon, text):
    """A scan may find something between looking and writing: then one looks again."""
    end = time.monotonic() + killable.PATIENCE
    while True:
        found, was = daemon.ask("GET", "/api/v1/media/disc")
        answer, problem = daemon.ask(
            "PATCH", "/api/v1/media/disc",
            {"Content-Type": "application/json", "If-Match": found.headers["ETag"]},
            json.dumps({"notes": text}))
        if answer.status != 412 or time.monotonic() > end:
            break
    assert answer.status == 200, problem
    again, _ = daemon.ask("PATCH", "/api/v1/media/disc",
                          {"Content-Type": "application/json", "If-Match": found.headers["ETag"]},
                          json.dumps({"notes": "lost"}))
    assert again.status == 412, again.status
    return was


def make_token(daemon):
    return daemon.send("POST", "/api/v1/tokens",
                       {"name": "backup", "scope": "read", "expires_in": 3600}, 201)["token"]


def with_token(port, token):
    connection = http.client.HTTPConnection(killable.HOST, port, timeout=killable.PATIENCE)
    connection.request("GET", "/api/v1/drives", headers={"Authorization": "Bearer " + token})
    status = connection.getresponse().status
    connection.close()
    return status


def await_medium(daemon, name):
    """Of a file that was written and closed: the watch finds it without being asked."""
    end = time.monotonic() + killable.PATIENCE
    while daemon.try_to("GET", "/api/v1/media/" + name)[0].status != 200:
        assert time.monotonic() < end, f"{name} is not found"
        time.sleep(0.1)


def check_at(daemon, directory, clock, ahead, name, known):
    """All that works at any time, after a jump."""
    clock.set(ahead)
    begun = time.monotonic()
    assert verify(daemon, "known") == known, "the request was done twice"
    notes(daemon, name)
    event = newest_event(daemon)
    assert clock.is_now(event["when"]), (event, ahead)
    job = verify(daemon, name)
    for ended in daemon.await_jobs():
        assert ended["state"] == "succeeded", ended
        assert ended["started"] <= ended["ended"], ended
        assert ended["id"] != job or clock.is_now(ended["ended"]), ended
    answer, waited = daemon.ask("GET", f"/api/v1/jobs/{job}", {"Prefer": "wait=5"})
    assert answer.status == 200 and waited["ended"], waited
    killable.make_image(f"{directory}/pool/{name}.iso", "JUMP", ahead)
    await_medium(daemon, name)
    assert time.monotonic() - begun < killable.PATIENCE


def job_under_way(daemon, directory, clock):
    """On a busy machine nobody may look at it in time: then once more."""
    killable.make_image(directory + "/pool/large.iso", "LARGE", 2, LARGE)
    await_medium(daemon, "large")
    assert any(has_rate(daemon, clock, f"long{number}") for number in range(5)), "it has no rate"


def has_rate(daemon, clock, key):
    """Its rate, and when it will have ended, are of durations."""
    job = verify(daemon, key, "large")
    seen, begun, jumps = 0, time.monotonic(), itertools.cycle((TEN_YEARS, 0, -TEN_YEARS, 0))
    while True:
        clock.set(next(jumps))
        found = daemon.send("GET", f"/api/v1/jobs/{job}", None, 200)
        if found["ended"]:
            break
        seen += bool(found["rate"])
        assert found["rate"] < 1 << 36 and (found["eta_s"] or 0) < 3600, found
        time.sleep(0.1)
    clock.set(0)
    assert found["state"] == "succeeded", found
    return seen or time.monotonic() - begun < 5  # of two seconds at least


def main(program, wall_clock):
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(directory + "/pool")
        killable.make_image(directory + "/pool/disc.iso", "CLOCK", 1)
        clock = Clock(directory)
        environment = {"WALL_CLOCK": clock.path, "LD_PRELOAD": wall_clock,
                       "ASAN_OPTIONS": "verify_asan_link_order=0"}
        port = killable.free_port()
        daemon = killable.Daemon(program, directory, "pool_rescan = 0\n",
                                 f"listen = {killable.HOST}:{port}", environment)
        try:
            daemon.start()
            await_medium(daemon, "disc")
            with open(directory + "/pool/disc.iso", "rb") as file:
                data = file.read()
            kept = begin_upload(daemon, "kept.iso", len(data))
            send(daemon, kept, data, 0, 100000)
            known, token, follower = verify(daemon, "known"), make_token(daemon), Follower(daemon)
            assert with_token(port, token) == 200
            for number, ahead in enumerate((TEN_YEARS, 0, -TEN_YEARS, 0)):
                check_at(daemon, directory, clock, ahead, f"jump{number}", known)
                assert with_token(port, token) == (401 if ahead > 0 else 200), ahead
                assert offset_of(daemon, kept) == 100000
                follower.await_id(newest_event(daemon)["number"])
            job_under_way(daemon, directory, clock)
            for ahead in TEN_YEARS, -TEN_YEARS, 0:
                daemon.end()
                clock.set(ahead)
                daemon.start()
                assert offset_of(daemon, kept) == 100000, "a start forgot the upload"
                assert verify(daemon, "known") == known, "a start forgot an answer"
            send(daemon, kept, data, 100000, len(data))
            daemon.await_jobs()
            await_medium(daemon, "kept")
            assert with_token(port, token) == 200
        finally:
            daemon.process.kill()
            daemon.process.wait()


main(sys.argv[1], sys.argv[2])
