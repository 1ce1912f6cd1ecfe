# SPDX-License-Identifier: Apache-2.0
"""What bench/portal and bench/tape share: the release tree, servers, tables, targets."""
import atexit
import pathlib
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-bench"

missed = []


def unable(why):
    print(f"{sys.argv[0]}: {why}", file=sys.stderr)
    sys.exit(77)


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            unable(f"{program} is missing: packaging/install-dependencies build test bench")


def build(*programs):
    if not BUILD.is_dir():
        subprocess.run(["meson", "setup", BUILD, ROOT, "--buildtype=release"], check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", BUILD] + [f"bench/{name}" for name in programs], check=True,
                   stdout=subprocess.DEVNULL)


def show_load():
    with open("/proc/loadavg", encoding="ascii") as file:
        print(f"load of this machine: {file.read().strip()}", flush=True)


# ---- servers --------------------------------------------------------------------------------------

def start(*command, **more):
    process = subprocess.Popen([str(part) for part in command], **more)
    atexit.register(stop, process)
    return process


def stop(process):
    process.kill()  # tgtd does not go for less while it has a target
    process.wait()


def start_own(program, *arguments):
    """A program that prints its address; returns that and the process."""
    process = start(BUILD / "bench" / program, *arguments, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, text=True)
    return process.stdout.readline().split()[0], process


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_tgt(path, device, *options):
    """tgt with `path` as LUN 1 of a target of its own that anybody may use."""
    control, port, name = random.randrange(1000, 30000), free_port(), "iqn.2026-01.bench:tgt"
    tgtadm = ["tgtadm", "-C", str(control), "--lld", "iscsi"]
    process = start("tgtd", "-f", "-C", control, "--iscsi", f"portal=127.0.0.1:{port}",
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    show = tgtadm + ["--op", "show", "--mode", "target"]
    for _ in range(50):
        if subprocess.run(show, capture_output=True, check=False).returncode == 0:
            break
        time.sleep(0.1)
    for arguments in (["--op", "new", "--mode", "target", "--tid", "1", "-T", name],
                      ["--op", "new", "--mode", "logicalunit", "--tid", "1", "--lun", "1",
                       "-b", str(path), "--device-type", device, *options],
                      ["--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL"]):
        subprocess.run(tgtadm + arguments, check=True)

    def set_parameter(key, value):
        subprocess.run(tgtadm + ["--op", "update", "--mode", "target", "--tid", "1", "--name", key,
                                 "--value", str(value)], check=True)
    return f"iscsi://127.0.0.1:{port}/{name}/1", process, set_parameter


# ---- results --------------------------------------------------------------------------------------

def medians(runs):
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def table(title, columns, results):
    """`columns`: (name in a result, heading, format)."""
    print(f"\n{title}\n\n| | " + " | ".join(column[1] for column in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for subject, result in results.items():
        print(f"| {subject} | " + " | ".join(form.format(result[name])
                                             for name, _, form in columns) + " |")
    print(flush=True)


def target(what, value, least=None, most=None, excuse=None):
    good = (least is None or value >= least) and (most is None or value <= most)
    wanted = f"at least {least}" if least is not None else f"at most {most}"
    verdict = "met" if good else f"met: {excuse}" if excuse else "MISSED"
    if not good and not excuse:
        missed.append(what)
    print(f"{what}: {value:.2f} ({wanted}: {verdict})", flush=True)
