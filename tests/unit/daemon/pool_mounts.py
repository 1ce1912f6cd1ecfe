#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The file system of a pool is unmounted and mounted again under a running daemon, also as another
device, and with other files on it than before. Nothing is called missing while it is away; what is
there again comes back by itself, and so does what came meanwhile.
Usage: pool_mounts.py CAROUSELD"""
import os
import subprocess
import sys
import tempfile
import time

import killable

SKIPPED = 77
ISOLATED = ["unshare", "--mount"]


class Disk:
    """A file system in a file, of which a directory (or all) is a pool."""

    def __init__(self, directory, name, below=""):
        self.image, self.at = f"{directory}/{name}.img", f"{directory}/{name}"
        self.pool = self.at + below
        self.name = name
        os.mkdir(self.at)
        with open(self.image, "wb") as file:
            file.truncate(64 << 20)
        subprocess.run(["mkfs.ext4", "-q", self.image], check=True)
        with self:
            os.makedirs(self.pool, exist_ok=True)
            for number in range(3):
                self.add(number)

    def add(self, number):
        killable.make_image(f"{self.pool}/{self.name}{number}.iso", "DISK", number)

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.at], check=True)

    def mount_as_other_than(self, device_number):
        """Of two loop devices at once, one has another number."""
        find = ["losetup", "--find", "--show", self.image]
        devices = [subprocess.run(find, check=True, capture_output=True, text=True).stdout.strip() for _ in range(2)]
        other = next(device for device in devices if os.stat(device).st_rdev != device_number)
        subprocess.run(["mount", other, self.at], check=True)
        for device in devices:  # the one that is mounted goes when it no longer is
            subprocess.run(["losetup", "--detach", device], check=True)

    def unmount(self):
        """A daemon that only watches it does not hold it, once it has read what is new."""
        end = time.monotonic() + killable.PATIENCE
        while subprocess.run(["umount", self.at], check=False, capture_output=True).returncode:
            assert time.monotonic() < end, "it is held"
            time.sleep(0.1)

    __enter__ = mount

    def __exit__(self, *failure):
        self.unmount()


def medium(daemon, name):
    answer, found = daemon.try_to("GET", "/api/v1/media/" + name)
    return found if answer.status == 200 else None


def await_state(daemon, name, state):
    end = time.monotonic() + killable.PATIENCE
    while not (found := medium(daemon, name)) or found["state"] != state:
        assert time.monotonic() < end, (name, state, found)
        time.sleep(0.1)


def load(daemon, name):
    return daemon.try_to("PUT", "/api/v1/drives/dvd0/medium", {"medium": name, "replace": True})


def loads(daemon, name):
    answer, problem = load(daemon, name)
    assert answer.status == 200, problem
    daemon.send("DELETE", "/api/v1/drives/dvd0/medium", None, 200)


def absent(daemon, name):
    answer, problem = load(daemon, name)
    assert (answer.status, problem["code"]) == (422, "file_missing"), problem
    assert "mounted" in problem["remedy"], problem


def is_away(daemon, disk):
    """Also when somebody has it looked for."""
    for _ in range(2):
        made = daemon.send("POST", "/api/v1/scans", {}, 202)
        daemon.await_jobs()
        result = daemon.send("GET", f"/api/v1/jobs/{made['id']}", None, 200)["result"]
        assert result.get("absent_pools") == 1, result
        time.sleep(4)  # the watch, too, has looked by then
    for number in range(3):
        assert medium(daemon, f"{disk.name}{number}")["state"] == "ok", disk.name
    absent(daemon, f"{disk.name}1")


def goes_and_comes(daemon, disk):
    """A disc that lies in a drive keeps its file system; the watch of the pool does not."""
    answer, problem = load(daemon, f"{disk.name}0")
    assert answer.status == 200, problem
    assert subprocess.run(["umount", disk.at], check=False, capture_output=True).returncode
    daemon.send("DELETE", "/api/v1/drives/dvd0/medium", None, 200)
    disk.unmount()
    is_away(daemon, disk)
    disk.mount()
    for number in range(3):
        loads(daemon, f"{disk.name}{number}")
        assert medium(daemon, f"{disk.name}{number}")["state"] == "ok"


def comes_back_different(daemon, disk):
    """As another device; one file is new and one is gone."""
    was = os.stat(disk.pool).st_dev
    disk.unmount()
    with disk:
        disk.add(3)
        os.unlink(f"{disk.pool}/{disk.name}2.iso")
    disk.mount_as_other_than(was)
    assert os.stat(disk.pool).st_dev != was, "it is the same device"
    await_state(daemon, f"{disk.name}3", "ok")
    await_state(daemon, f"{disk.name}2", "missing")
    for number in 0, 1, 3:
        loads(daemon, f"{disk.name}{number}")
        assert medium(daemon, f"{disk.name}{number}")["state"] == "ok", number
    made = daemon.send("POST", "/api/v1/verifications", {}, 202)
    daemon.await_jobs()
    verified = daemon.send("GET", f"/api/v1/jobs/{made['id']}", None, 200)
    assert not verified["result"].get("changed"), verified


def away_at_start(daemon, disk):
    daemon.end()
    disk.unmount()
    daemon.start()
    is_away(daemon, disk)
    disk.mount()
    await_state(daemon, f"{disk.name}0", "ok")
    loads(daemon, f"{disk.name}0")
    disk.add(4)
    await_state(daemon, f"{disk.name}4", "ok")


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(directory + "/pool")
        disks = [Disk(directory, "whole"), Disk(directory, "part", "/srv/library")]
        pools = f"pool_rescan = 0\npools = {':'.join(disk.pool for disk in disks)}\n"
        daemon = killable.Daemon(program, directory, pools)
        for disk in disks:
            disk.mount()
        try:
            daemon.start()
            daemon.send("POST", "/api/v1/drives", {"name": "dvd0", "loopback": False}, 201)
            for disk in disks:
                for number in range(3):
                    await_state(daemon, f"{disk.name}{number}", "ok")
            for disk in disks:
                goes_and_comes(daemon, disk)
                away_at_start(daemon, disk)
                comes_back_different(daemon, disk)
            daemon.end()
        finally:
            daemon.process.kill()
            daemon.process.wait()
            for disk in disks:
                subprocess.run(["umount", disk.at], check=False, capture_output=True)


def can_mount():
    with tempfile.TemporaryDirectory() as directory:
        script = ('truncate -s 8M "$1/i" && mkfs.ext4 -q "$1/i" && mkdir "$1/m" && '
                  'mount -o loop "$1/i" "$1/m" && umount "$1/m"')
        return os.geteuid() == 0 and not subprocess.run(
            ISOLATED + ["sh", "-c", script, "sh", directory], check=False).returncode


if len(sys.argv) > 2:
    main(sys.argv[1])
elif not can_mount():
    print("no file systems can be mounted from files here")
    sys.exit(SKIPPED)
else:
    os.execvp(ISOLATED[0], ISOLATED + [sys.executable] + sys.argv + ["isolated"])
