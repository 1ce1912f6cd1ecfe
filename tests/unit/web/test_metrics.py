#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GET /metrics is the text format of Prometheus, version 0.0.4, by a strict reading of it, with the
names that its conventions want, and says what the library says. (`promtool check metrics` of
Prometheus 2.42, some 100 MB, was run by hand and had no complaint.)

    test_metrics.py serve-fake"""

import re
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(" + LABEL + r"(?:," + LABEL + r")*)\})? (\S+)")
VALUE = re.compile(r"[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}


class Family:
    def __init__(self, name, kind, meaning):
        self.name, self.kind, self.help = name, kind, meaning
        self.samples = {}  # (name, labels) -> value


def parse(text):
    """Families by name; ValueError where the format is not kept."""
    families, current, waiting = {}, None, None
    if not text.endswith("\n"):
        raise ValueError("the last line does not end")
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            _, _, name, meaning = line.split(" ", 3)
            waiting = (name, meaning)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            if kind not in TYPES or waiting is None or waiting[0] != name or name in families:
                raise ValueError(line)
            current = families[name] = Family(name, kind, waiting[1])
            waiting = None
        else:
            add_sample(current, waiting, line)
    return families


def add_sample(family, waiting, line):
    match = SAMPLE.fullmatch(line)
    if not match or not VALUE.fullmatch(match[3]) or family is None or waiting is not None:
        raise ValueError(f"no sample: {line}")
    allowed = [family.name + suffix for suffix in SUFFIXES.get(family.kind, ("",))]
    labels = tuple(re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"', match[2] or ""))
    if match[1] not in allowed or len(dict(labels)) != len(labels):
        raise ValueError(f"of another family: {line}")
    if (match[1], labels) in family.samples:
        raise ValueError(f"twice: {line}")
    family.samples[match[1], labels] = float(match[3])


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)
        _, cls.port, cls.token = cls.server.stdout.readline().split()
        cls.type, cls.text = cls.ask("/metrics")
        cls.families = parse(cls.text)

    @classmethod
    def tearDownClass(cls):
        cls.server.stdin.close()
        if cls.server.wait(60):
            raise SystemExit("the server did not end well")

    @classmethod
    def ask(cls, path):
        request = urllib.request.Request(f"http://127.0.0.1:{cls.port}{path}",
                                         headers={"Authorization": f"Bearer {cls.token}"})
        with urllib.request.urlopen(request) as answer:
            return answer.headers["Content-Type"], answer.read().decode()

    def value(self, name, family=None, **labels):
        found = [value for (sample, given), value in self.families[family or name].samples.items()
                 if sample == name and dict(given) == labels]
        self.assertEqual(len(found), 1, f"{name} {labels}")
        return found[0]

    def test_the_parser_is_strict(self):
        good = "# HELP a b\n# TYPE a gauge\na 1\n"
        self.assertEqual(parse(good)["a"].samples, {("a", ()): 1.0})
        for bad in (good + "a 1\n", good + "b 1\n", good[:-1], "a 1\n", good + 'a{x="\n"} 2\n',
                    good + "a{x=1} 2\n", good + "a  2\n", good + "a{} 2\n", good + good,
                    "# TYPE a gauge\na 1\n", "# HELP a b\n# TYPE a thing\na 1\n", good + "\n",
                    good + 'a{x="1",x="2"} 2\n', good + 'a{x="1"} zwei\n'):
            self.assertRaises(ValueError, parse, bad)

    def test_type_and_names_are_as_they_should_be(self):
        self.assertEqual(self.type, "text/plain; version=0.0.4")
        for name, family in self.families.items():
            self.assertRegex(name, r"^(carousel|process)_[a-z][a-z0-9_]*$")
            self.assertEqual(name.endswith("_total"), family.kind == "counter", name)
            self.assertGreater(len(family.help), 5, name)
            self.assertNotRegex(name, r"_(ms|us|milliseconds|kilobytes|percent)$")

    def test_every_family_is_there(self):
        self.assertEqual(set(self.families), {
            "carousel_build_info", "carousel_ready", "carousel_iscsi_sessions",
            "carousel_drive_info", "carousel_drive_state", "carousel_drive_loaded",
            "carousel_drive_hosts", "carousel_drive_read_bytes_total",
            "carousel_drive_written_bytes_total", "carousel_scsi_commands_total",
            "carousel_scsi_command_duration_seconds", "carousel_sense_total",
            "carousel_tape_alert", "carousel_media", "carousel_media_bytes", "carousel_jobs",
            "carousel_job_duration_seconds", "carousel_last_scan_timestamp_seconds",
            "carousel_http_requests_total",
            "carousel_sse_clients", "process_cpu_seconds_total", "process_resident_memory_bytes",
            "process_virtual_memory_bytes", "process_open_fds", "process_max_fds",
            "process_start_time_seconds"})

    def test_drives_are_as_they_are(self):
        self.assertEqual(self.value("carousel_drive_info", drive="dvd0", kind="optical",
                                    personality="dvd-rom", profile="DVD-ROM"), 1)
        self.assertEqual(self.value("carousel_drive_loaded", drive="dvd0"), 1)
        self.assertEqual(self.value("carousel_drive_loaded", drive="dvd1"), 0)
        self.assertEqual(self.value("carousel_drive_hosts", drive="dvd0"), 2)
        self.assertEqual(self.value("carousel_drive_read_bytes_total", drive="dvd0"), 41943040)
        self.assertEqual(self.value("carousel_drive_state", drive="dvd3", state="failed"), 1)
        self.assertEqual(self.value("carousel_drive_state", drive="dvd3", state="loaded"), 0)
        self.assertEqual(self.value("carousel_tape_alert", drive="lto1", alert="Write protect",
                                    severity="critical"), 1)
        self.assertEqual(self.value("carousel_tape_alert", drive="lto1", alert="Hard error",
                                    severity="warning"), 0)

    def test_commands_are_counted(self):
        self.assertEqual(self.value("carousel_scsi_commands_total", drive="dvd0", status="good",
                                    **{"class": "read"}), 2468)
        self.assertEqual(self.value("carousel_sense_total", drive="dvd0", key="3"), 1)

    def test_histograms_add_up(self):
        family = self.families["carousel_scsi_command_duration_seconds"]
        commands = self.families["carousel_scsi_commands_total"].samples
        for kind in ("read", "write", "position", "other"):
            buckets = [(float(dict(labels)["le"]), value)
                       for (name, labels), value in family.samples.items()
                       if name.endswith("_bucket") and dict(labels)["class"] == kind]
            self.assertEqual(buckets, sorted(buckets))
            self.assertEqual([v for _, v in buckets], sorted(v for _, v in buckets))
            self.assertEqual(buckets[-1][0], float("inf"))
            total = sum(value for (_, labels), value in commands.items()
                        if dict(labels)["class"] == kind)
            self.assertEqual(self.value(family.name + "_count", family.name,
                                        **{"class": kind}), total)
            self.assertEqual(buckets[-1][1], total)
        self.assertGreater(self.value(family.name + "_sum", family.name, **{"class": "read"}), 20)

    def test_jobs_have_a_histogram(self):
        family = "carousel_job_duration_seconds"
        scan = {"kind": "scan", "result": "succeeded"}
        for bound, count in (("0.1", 0), ("1", 1), ("7200", 1), ("+Inf", 2)):
            self.assertEqual(self.value(family + "_bucket", family, le=bound, **scan), count)
        self.assertEqual(self.value(family + "_count", family, **scan), 2)
        self.assertEqual(self.value(family + "_sum", family, **scan), 10800.5)
        self.assertEqual(self.value(family + "_count", family, kind="scan", result="failed"), 0)
        self.assertEqual(self.value(family + "_sum", family, kind="import", result="failed"), 0.05)

    def test_the_catalog_is_counted(self):
        self.assertEqual(self.value("carousel_media", kind="disc", state="ok"), 4)
        self.assertEqual(self.value("carousel_media", kind="tape", state="ok"), 6)
        self.assertEqual(self.value("carousel_media_bytes", kind="tape", state="ok"), 6 * 16384)
        self.assertEqual(self.value("carousel_last_scan_timestamp_seconds"), 1767225600)

    def test_requests_are_counted_by_route_and_not_by_what_was_sent(self):
        for path in ("/api/v1/drives/dvd0", "/api/v1/drives/dvd1"):
            self.ask(path)
        for path in ("/api/v1/drives/secret-name", "/secret/path"):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.ask(path)
            refused.exception.close()
        self.families = parse(self.ask("/metrics")[1])
        self.assertEqual(self.value("carousel_http_requests_total", route="/api/v1/drives/{id}",
                                    method="GET", code="200"), 2)
        self.assertEqual(self.value("carousel_http_requests_total", route="/api/v1/drives/{id}",
                                    method="GET", code="404"), 1)
        self.assertEqual(self.value("carousel_http_requests_total", route="none", method="none",
                                    code="404"), 1)
        self.assertNotIn("secret", self.ask("/metrics")[1])

    def test_the_process_is_this_one(self):
        with open(f"/proc/{self.server.pid}/stat", encoding="ascii") as file:
            ticks = int(file.read().rsplit(")", 1)[1].split()[19])
        with open("/proc/stat", encoding="ascii") as file:
            boot = next(int(line.split()[1]) for line in file if line.startswith("btime"))
        self.assertAlmostEqual(self.value("process_start_time_seconds"), boot + ticks / 100,
                               delta=2)
        self.assertGreater(self.value("process_resident_memory_bytes"), 1 << 20)
        self.assertGreater(self.value("process_open_fds"), 3)


if __name__ == "__main__":
    SERVE = sys.argv.pop(1)
    unittest.main()
