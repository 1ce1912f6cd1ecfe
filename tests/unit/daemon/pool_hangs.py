#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A pool on a file server that is gone holds up nobody who uses another one, and can be taken out of the
configuration.
Usage: pool_hangs.py CAROUSELD HUNG_PATH"""
import base64
import os
import signal
import sys
import tempfile
import threading
import time

import killable

SKIPPED = 77
SETTINGS = "pool_watch = no\npool_auto_import = no\npool_rescan = 0\n"


def pools_of(daemon):
    return [pool["path"] for pool in daemon.send("GET", "/api/v1/status", None, 200)["pools"]]


def take_away(daemon, directory):
    with open(directory + "/conf") as file:
        text = file.read()
    with open(directory + "/conf", "w") as file:
        file.write(text.replace(f"{directory}/hung/pool:", ""))
    daemon.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + killable.PATIENCE
    while pools_of(daemon) != [directory + "/pool"]:
        assert time.monotonic() < end, "the reload does not end"
        time.sleep(0.1)


def use_the_other_pool(daemon, directory):
    """It does not wait for the one that is gone."""
    killable.make_image(directory + "/pool/b.iso", "WELL", 2)
    daemon.send("POST", "/api/v1/media", {"path": directory + "/pool/b.iso"}, 201)
    pool = base64.b64encode((directory + "/pool").encode()).decode()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": "filename Yy5pc28=,pool " + pool}
    answer, found = daemon.ask("POST", "/api/v1/uploads", headers)
    assert answer.status == 201, found


def main(program, hung_path):
    with tempfile.TemporaryDirectory() as directory:
        os.makedirs(directory + "/hung/pool")
        os.mkdir(directory + "/pool")
        killable.make_image(directory + "/hung/pool/a.iso", "HUNG", 1)
        gate = directory + "/gate"
        environment = {"HUNG_PATH": gate, "LD_PRELOAD": hung_path, "ASAN_OPTIONS": "verify_asan_link_order=0"}
        daemon = killable.Daemon(program, directory, SETTINGS, environment=environment)
        with open(directory + "/conf") as file:
            text = file.read()
        with open(directory + "/conf", "w") as file:
            file.write(text.replace("pools = ", f"pools = {directory}/hung/pool:"))
        daemon.start()
        with open(gate, "w"):
            pass
        asking = threading.Thread(
            target=daemon.try_to, args=("POST", "/api/v1/media", {"path": directory + "/hung/pool/a.iso"}))
        try:
            asking.start()
            asking.join(1)
            hangs = asking.is_alive()
            if hangs:
                use_the_other_pool(daemon, directory)
                take_away(daemon, directory)
        finally:
            os.unlink(gate)
            asking.join()
            daemon.process.terminate()
            daemon.process.wait(killable.PATIENCE)
        if not hangs:
            print("realpath cannot be replaced in this build")
            sys.exit(SKIPPED)


main(sys.argv[1], sys.argv[2])
