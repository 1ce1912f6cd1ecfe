#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Operators who do the same thing at once, round after round: one wins, and the others get the same
result or are told clearly; nothing is there twice, and nothing is an internal error.
Usage: two_operators.py CAROUSELD"""
import base64
import json
import os
import sys
import tempfile
import threading

import killable

ROUNDS = 25
OPERATORS = 3
TUS = {"Tus-Resumable": "1.0.0"}


def at_once(act):
    """What `act` answered to each of them: status and body."""
    answers, barrier = [None] * OPERATORS, threading.Barrier(OPERATORS)

    def operate(number):
        barrier.wait()
        answer, body = act(number)
        answers[number] = (answer.status, body)

    threads = [threading.Thread(target=operate, args=(number,)) for number in range(OPERATORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in answers, answers
    return answers


def check(answers, won, lost, winners=None):
    """Refusals say what to do; `winners`: how many, unless the same result is right for all."""
    for status, body in answers:
        assert status in won or status in lost, answers
        assert status in won or (body["detail"] and body["remedy"]), body
    count = sum(status in won for status, body in answers)
    assert count == winners if winners else count >= 1, answers


def import_one(daemon, number):
    path = f"{daemon.directory}/pool/disc-{number}.iso"
    killable.make_image(path, f"DISC{number}", number, 1 << 17)
    check(at_once(lambda _: daemon.try_to("POST", "/api/v1/imports", {"path": path})), [202], [409])
    daemon.await_jobs()
    media = daemon.send("GET", "/api/v1/media?limit=500", None, 200)["items"]
    assert [m["path"] for m in media].count(path) == 1, media
    return f"disc-{number}"


def load_one(daemon, medium):
    check(at_once(lambda _: daemon.try_to("PUT", "/api/v1/drives/d0/medium", {"medium": medium})),
          [200], [409])
    assert daemon.send("GET", "/api/v1/drives/d0", None, 200)["medium"]["id"] == medium
    check(at_once(lambda _: daemon.try_to("DELETE", "/api/v1/drives/d0/medium")), [200], [409])
    assert not daemon.send("GET", "/api/v1/drives/d0", None, 200)["medium"]


def change_one(daemon, medium):
    seen = daemon.ask("GET", "/api/v1/media/" + medium)[0].headers["ETag"]
    headers = {"Content-Type": "application/json", "If-Match": seen}
    answers = at_once(lambda number: daemon.ask("PATCH", "/api/v1/media/" + medium, headers,
                                                json.dumps({"notes": f"operator {number}"})))
    check(answers, [200], [412], winners=1)
    won = [body["notes"] for status, body in answers if status == 200]
    assert daemon.send("GET", "/api/v1/media/" + medium, None, 200)["notes"] == won[0], answers


def upload_one(daemon, number):
    """The same name twice is two files, of which each has its own bytes."""
    path = f"{daemon.directory}/source.iso"
    killable.make_image(path, "SENT", number, 1 << 17)
    with open(path, "rb") as file:
        data = file.read()
    metadata = "filename " + base64.b64encode(f"sent-{number}.iso".encode()).decode()

    def send(_):
        made = daemon.ask("POST", "/api/v1/uploads", TUS | {
            "Upload-Length": str(len(data)), "Upload-Metadata": metadata})
        if made[0].status != 201:
            return made
        return daemon.ask("PATCH", "/api/v1/uploads/" + made[1]["id"], TUS | {
            "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}, data)

    check(at_once(send), [204], [409])
    for job in daemon.await_jobs():
        assert job["state"] == "succeeded", job
    names = [name for name in os.listdir(daemon.directory + "/pool")
             if name.startswith(f"sent-{number}")]
    assert len(names) == OPERATORS, names
    for name in names:
        with open(f"{daemon.directory}/pool/{name}", "rb") as file:
            assert file.read() == data, name


def forget_one(daemon, medium):
    check(at_once(lambda _: daemon.try_to("DELETE", "/api/v1/media/" + medium)), [204], [404, 409],
          winners=1)
    daemon.send("GET", "/api/v1/media/" + medium, None, 404)


def make_drive(daemon, number):
    ask = {"name": f"n{number}", "loopback": False}
    check(at_once(lambda _: daemon.try_to("POST", "/api/v1/drives", ask)), [201], [409], winners=1)
    check(at_once(lambda _: daemon.try_to("DELETE", f"/api/v1/drives/n{number}")),
          [204], [404, 409], winners=1)


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(directory + "/pool")
        daemon = killable.Daemon(program, directory, "pool_watch = no\npool_auto_import = no\n")
        daemon.start()
        daemon.send("POST", "/api/v1/drives", {"name": "d0", "loopback": False}, 201)
        for number in range(ROUNDS):
            medium = import_one(daemon, number)
            load_one(daemon, medium)
            change_one(daemon, medium)
            make_drive(daemon, number)
            if number % 5 == 0:
                upload_one(daemon, number)
            forget_one(daemon, medium)
        daemon.end()


main(sys.argv[1])
