#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GET /api/openapi.json is a document of OpenAPI 3.1, and what it says of the API is so: every
answer of a running server fits the schema that it gives for its status, every status of a success
was seen, and every parameter and body member takes what it says and refuses the rest.

    test_openapi.py serve-fake"""

import http.client
import json
import re
import socket
import subprocess
import sys
import unittest

import jsonschema

from openapi_structure import Judge

DIGEST = "0" * 64
EXPORT = {"luns": [{"lun": 0, "drive": "dvd3"}], "initiators": ["iqn.2004-10.com.example:*"],
          "chap": {"user": "lab", "secret": "twelve-bytes-or-more"}, "open": False}

# What is asked, in this order: operation, id, query, body, the status of the answer. Later ones
# find what earlier ones made.
ASKED = [
    ("isAlive", None, "", None, 200),
    ("isReady", None, "", None, 200),
    ("describe", None, "", None, 200),
    ("getMetrics", None, "", None, 200),
    ("listRoutes", None, "", None, 200),
    ("getStatus", None, "", None, 200),
    ("listDrives", None, "", None, 200),
    ("listDrives", None, "?limit=1&after=a", None, 200),
    ("getDrive", "dvd0", "", None, 200),
    ("getDrive", "dvd2", "", None, 200),
    ("getDrive", "dvd3", "", None, 200),
    ("getDrive", "lto0", "", None, 200),
    ("getDrive", "lto2", "", None, 200),
    ("getDrive", "lto3", "", None, 200),
    ("getDrive", "nothing", "", None, 404),
    ("traceDrive", "dvd0", "?limit=5", None, 200),
    ("traceDrive", "dvd0", "?limit=0", None, 400),
    ("traceDrive", "nothing", "", None, 404),
    ("addDrive", None, "", {"name": "dvd9", "loopback": False}, 201),
    ("addDrive", None, "", {"name": "dvd9"}, 409),
    ("loadMedium", "dvd9", "", {"medium": "netinst"}, 200),
    ("loadMedium", "dvd9", "", {"medium": "nothing"}, 404),
    ("loadMedium", "dvd0", "", {"medium": "netinst"}, 409),
    ("releaseDrive", "dvd2", "", None, 200),
    ("ejectMedium", "dvd9", "", None, 200),
    ("ejectMedium", "dvd2", "", None, 409),
    ("removeDrive", "dvd0", "", None, 409),
    ("removeDrive", "dvd9", "?force=true", None, 204),
    ("listMedia", None, "", None, 200),
    ("listMedia", None, "?limit=1", None, 200),
    ("listMedia", None, "?kind=tape&limit=2", None, 200),
    ("addMedia", None, "", {"path": "/srv/iso/new.iso"}, 201),
    ("addMedia", None, "", {"path": "/srv/iso/new.iso"}, 200),
    ("addMedia", None, "", {"path": "/srv/iso/"}, 200),
    ("addMedia", None, "", {"path": "/missing.iso"}, 422),
    ("addMedia", None, "", {"path": "relative"}, 400),
    ("getMedium", "debian-12", "", None, 200),
    ("getMedium", "odd", "", None, 200),
    ("getMedium", "arc002l8", "", None, 200),
    ("getMedium", "nothing", "", None, 404),
    ("getMediumDetails", "debian-12", "", None, 200),
    ("getMediumDetails", "netinst", "", None, 200),
    ("describeMedium", "netinst", "", {"tags": ["golden", "x86"], "notes": "the small one"}, 200),
    ("setProfile", "netinst", "", {"profile": "dvd-rom"}, 200),
    ("setProfile", "debian-12", "", {"profile": "dvd-rom"}, 409),
    ("setWriteProtection", "arc003l8", "", {"write_protected": True}, 200),
    ("setWriteProtection", "netinst", "", {"write_protected": True}, 400),
    ("makeTapes", None, "", {"prefix": "NEW", "count": 2}, 201),
    ("getContent", "netinst", "", None, 200),
    ("getContent", "win11", "", None, 409),
    ("getContent", "nothing", "", None, 404),
    ("listTags", None, "", None, 200),
    ("listTags", None, "?limit=1&after=a", None, 200),
    ("forgetMedium", "netinst", "", None, 204),
    ("forgetMedium", "debian-12", "", None, 409),
    ("import", None, "", {"path": "/srv/iso/more.iso", "sha256": DIGEST, "copy": True}, 202),
    ("scan", None, "", {}, 202),
    ("verify", None, "", {"older_than": 60}, 202),
    ("listJobs", None, "", None, 200),
    ("listJobs", None, "?limit=1", None, 200),
    ("getJob", "1", "", None, 200),
    ("getJob", "77", "", None, 404),
    ("cancelJob", "1", "", None, 202),
    ("cancelJob", "1", "", None, 409),
    ("getJob", "1", "", None, 200),
    ("listHistory", None, "", None, 200),
    ("listHistory", None, "?limit=1", None, 200),
    ("followEvents", None, "", None, 200),
    ("listAudit", None, "", None, 200),
    ("listAudit", None, "?limit=1", None, 200),
    ("listExports", None, "", None, 200),
    ("listExports", None, "?limit=1&after=a", None, 200),
    ("addExport", None, "", EXPORT | {"name": "more"}, 201),
    ("addExport", None, "", EXPORT | {"name": "more"}, 409),
    ("putExport", "more", "", EXPORT, 200),
    ("putExport", "another", "", EXPORT | {"luns": []}, 201),
    ("getExport", "backup", "", None, 200),
    ("getExport", "lab", "", None, 200),
    ("listExportSessions", "backup", "", None, 200),
    ("backUp", None, "", None, 200),
    ("listExportSessions", "nothing", "", None, 404),
    ("listSessions", None, "", None, 200),
    ("removeExport", "more", "", None, 204),
    ("makeToken", None, "", {"name": "ci", "scope": "read", "expires_in": 60}, 201),
    ("makeToken", None, "", {"name": "ci", "scope": "read"}, 409),
    ("listTokens", None, "", None, 200),
    ("listTokens", None, "?limit=1&after=a", None, 200),
    ("getToken", "ci", "", None, 200),
    ("removeToken", "ci", "", None, 204),
    ("removeToken", "ci", "", None, 404),
]


FORMATS = jsonschema.FormatChecker(formats=[])


@FORMATS.checks("date-time")
def is_moment(value):
    return not isinstance(value, str) or \
        bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value))


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.type = response.headers.get("Content-Type")
        stream = self.type == "text/event-stream"  # which has no end
        self.text = (response.read1() if stream else response.read()).decode(errors="replace")
        self.json = json.loads(self.text) if self.type and "json" in self.type else None


class Operation:
    def __init__(self, method, path, given):
        self.method, self.path, self.given = method.upper(), path, given
        self.id = given["operationId"]

    def query(self):
        return [p for p in self.given["parameters"] if p["in"] == "query"]

    def body(self):
        content = self.given.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)
        cls.socket, cls.port, cls.token = cls.server.stdout.readline().split()
        cls.document = cls.ask("GET", "/api/openapi.json").json
        cls.operations = {}
        for path, item in cls.document["paths"].items():
            for method, given in item.items():
                cls.operations[given["operationId"]] = Operation(method, path, given)

    @classmethod
    def tearDownClass(cls):
        cls.server.stdin.close()
        if cls.server.wait(60):
            raise SystemExit("the server did not end well")

    @classmethod
    def ask(cls, method, path, body=None, headers=None):
        connection = UnixConnection(cls.socket)
        kept = dict(headers or {})
        data = None
        if isinstance(body, bytes):
            data = body
        elif body is not None:
            data = json.dumps(body)
            kept.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, data, kept)
        except BrokenPipeError:
            pass  # refused for its head; the answer is there
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def order(self, word):
        self.server.stdin.write(word + "\n")
        self.server.stdin.flush()
        self.assertEqual(self.server.stdout.readline(), word + "\n")

    # ---- judging an answer

    def resolve(self, given):
        while "$ref" in given:
            at = self.document
            for step in given["$ref"].removeprefix("#/").split("/"):
                at = at[step]
            given = at
        return given

    def assert_fits(self, schema, value, what):
        resolver = jsonschema.RefResolver("", self.document)
        validator = jsonschema.Draft202012Validator(schema, resolver=resolver,
                                                    format_checker=FORMATS)
        wrong = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"
                 for e in validator.iter_errors(value)]
        self.assertEqual(wrong, [], what)

    def assert_described(self, operation, answer, what):
        responses = operation.given["responses"]
        self.assertIn(str(answer.status), responses, what)
        response = self.resolve(responses[str(answer.status)])
        content = response.get("content", {})
        if not content:
            self.assertEqual(answer.text, "", what)
        else:
            self.assertIn(answer.type, content, what)
            value = answer.text if answer.json is None else answer.json
            self.assert_fits(content[answer.type]["schema"], value, what)
        for name in ("Location", "ETag", "Link", "Allow", "WWW-Authenticate"):
            if answer.headers.get(name):
                self.assertIn(name, response.get("headers", {}), what)

    def ask_operation(self, name, identity, query, body, **more):
        operation = self.operations[name]
        path = operation.path.replace("{id}", identity or "")
        answer = self.ask(operation.method, path + query, body, **more)
        return operation, answer, f"{operation.method} {path}{query} {answer.status} {answer.text}"

    # ---- the document

    def test_it_is_an_openapi_document(self):
        self.assertEqual(Judge(self.document).all(), [])

    def test_the_judge_is_strict(self):
        for spoil in (
            lambda d: d.update(surprise=1),
            lambda d: d["paths"]["/api/v1/drives"]["get"].pop("responses") and
            d["paths"]["/api/v1/drives"]["get"].update(responses={"2000": {"description": "x"}}),
            lambda d: d["paths"]["/api/v1/drives/{id}"]["get"].update(parameters=[]),
            lambda d: d["components"]["schemas"]["Drive"]["properties"]["kind"].update(enum=1),
            lambda d: d["components"]["schemas"].pop("Medium"),
            lambda d: d["components"]["schemas"].update(Unused={"type": "object"}),
            lambda d: d["paths"]["/api/v1/tags"]["get"].update(operationId="listDrives"),
        ):
            spoilt = json.loads(json.dumps(self.document))
            spoil(spoilt)
            self.assertNotEqual(Judge(spoilt).all(), [])

    def test_it_has_every_route(self):
        routes = self.ask("GET", "/api/v1").json["routes"]
        listed = {(r["method"], r["path"]) for r in routes}
        self.assertEqual({(o.method, o.path) for o in self.operations.values()}, listed)

    def test_it_has_every_parameter(self):
        for route in self.ask("GET", "/api/v1").json["routes"]:
            given = self.document["paths"][route["path"]][route["method"].lower()]
            names = [p["name"] for p in given["parameters"] if p["in"] == "query"]
            self.assertEqual(names, route.get("query", []), route["path"])

    def test_no_answer_is_an_interim_one(self):
        """The HTTP library would send a 104 as if it were the last word."""
        for operation in self.operations.values():
            for status in operation.given["responses"]:
                self.assertGreaterEqual(int(status), 200, operation.id)

    def test_scopes_and_security_agree(self):
        for operation in self.operations.values():
            public = operation.given["x-scope"] == "public"
            self.assertEqual(operation.given["security"], [] if public else [{"bearer": []}])

    # ---- against a running server

    def test_every_answer_is_as_described(self):
        seen = set()
        for name, identity, query, body, status in ASKED:
            operation, answer, what = self.ask_operation(name, identity, query, body)
            self.assertEqual(answer.status, status, what)
            self.assert_described(operation, answer, what)
            seen.add((name, str(status)))
        seen |= self.uploads() | self.not_modified() | self.not_ready() | self.preferred()
        wanted = {(o.id, status) for o in self.operations.values()
                  for status, r in o.given["responses"].items() if "$ref" not in r}
        self.assertEqual(wanted - seen, set(), "successes that were never seen")

    def uploads(self):
        tus = {"Tus-Resumable": "1.0.0"}
        piece = tus | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        seen = set()
        for name, identity, body, headers, status in (
            ("askUploads", None, None, {}, 204),
            ("beginUpload", None, None, tus | {"Upload-Length": "3"}, 201),
            ("beginUpload", None, None, {}, 412),
            ("listUploads", None, None, {}, 200),
            ("getUpload", "u1", None, {}, 200),
            ("getUpload", "nothing", None, {}, 404),
            ("sendPiece", "u1", b"abc", piece, 204),
            ("sendPiece", "u1", b"abc", piece, 409),
            ("forgetUpload", "u1", None, tus, 204),
        ):
            operation, answer, what = self.ask_operation(name, identity, "", body, headers=headers)
            self.assertEqual(answer.status, status, what)
            self.assert_described(operation, answer, what)
            seen.add((name, str(status)))
        return seen

    def not_modified(self):
        etag = self.ask("GET", "/api/v1/media/debian-12").headers["ETag"]
        operation, answer, what = self.ask_operation("getMedium", "debian-12", "", None,
                                                     headers={"If-None-Match": etag})
        self.assertEqual(answer.status, 304, what)
        self.assert_described(operation, answer, what)
        operation, answer, what = self.ask_operation("describeMedium", "debian-12", "",
                                                     {"notes": "x"}, headers={"If-Match": '"99"'})
        self.assertEqual(answer.status, 412, what)
        self.assert_described(operation, answer, what)
        for headers, status in (({"If-None-Match": "*"}, 304), ({"Range": "bytes=1-2"}, 206),
                                ({"Range": "bytes=-0"}, 416)):
            operation, answer, what = self.ask_operation("getContent", "debian-12", "", None,
                                                         headers=headers)
            self.assertEqual(answer.status, status, what)
            self.assert_described(operation, answer, what)
        return {("getMedium", "304"), ("getContent", "304"), ("getContent", "206")}

    def preferred(self):
        seen = set()
        for name, body, status in (("import", {"path": "/srv/iso/more.iso"}, 200), ("scan", {}, 200),
                                   ("verify", {}, 200), ("verify", {"medium": "debian-12"}, 202)):
            operation, answer, what = self.ask_operation(name, None, "", body, headers={"Prefer": "wait=1"})
            self.assertEqual(answer.status, status, what)
            self.assertEqual(answer.headers.get("Preference-Applied"), "wait=1", what)
            self.assert_described(operation, answer, what)
            seen.add((name, str(status)))
        return seen

    def not_ready(self):
        self.order("unready")
        operation, answer, what = self.ask_operation("isReady", None, "", None)
        self.order("ready")
        self.assertEqual(answer.status, 503, what)
        self.assert_described(operation, answer, what)
        return {("isReady", "503")}

    def test_parameters_take_what_they_say(self):
        for operation in self.operations.values():
            for parameter in operation.query():
                for value in self.right(parameter["schema"]):
                    self.assertNotEqual(self.with_parameter(operation, parameter, value), 400,
                                        f"{operation.id} {parameter['name']}={value}")
                for value in self.wrong(parameter["schema"]):
                    self.assertEqual(self.with_parameter(operation, parameter, value), 400,
                                     f"{operation.id} {parameter['name']}={value}")

    def with_parameter(self, operation, parameter, value):
        path = operation.path.replace("{id}", "nothing" if operation.method != "GET" else "dvd0")
        answer = self.ask(operation.method, f"{path}?{parameter['name']}={value}")
        self.assert_described(operation, answer, f"{operation.id} {parameter['name']}={value}")
        return answer.status

    @staticmethod
    def right(schema):
        if schema["type"] == "integer":
            return [schema["minimum"], schema["maximum"], schema.get("default", schema["minimum"])]
        if schema.get("pattern") == "^[0-9a-f]{64}$":
            return [DIGEST]
        return schema.get("enum", ["word"])

    @staticmethod
    def wrong(schema):
        if schema.get("pattern") == "^[0-9a-f]{64}$":
            return ["word", DIGEST[1:], DIGEST + "0", "g" + DIGEST[1:]]
        if schema["type"] == "integer":
            return [schema["minimum"] - 1, schema["maximum"] + 1, "", "word", "1.5", "%201"]
        return ["no-such-word", ""] if "enum" in schema else ["x" * (schema["maxLength"] + 1)]

    def test_bodies_take_what_they_say(self):
        """What the schema refuses, the server refuses, member by member."""
        for operation in self.operations.values():
            schema = operation.body()
            if schema:
                example = next(body for name, _, _, body, status in ASKED
                               if name == operation.id and status < 300)
                self.assert_fits(schema, example, operation.id)
                self.spoil_body(operation, schema, example)

    def spoil_body(self, operation, schema, example):
        for name, member in schema["properties"].items():
            for value in self.wrong_values(member):
                spoilt = example | {name: value}
                with self.assertRaises(AssertionError):
                    self.assert_fits(schema, spoilt, name)
                self.assert_body_refused(operation, spoilt, name)
        for name in schema["required"]:
            self.assert_body_refused(operation, {k: v for k, v in example.items() if k != name},
                                     name)

    @staticmethod
    def wrong_values(member):
        kind = member.get("type", "object")
        values = {"string": [7, True, [], {}], "boolean": [0, "true", []],
                  "integer": ["7", 1.5, True, []], "array": [7, "x", {}],
                  "object": [7, "x", []]}[kind]
        if kind == "string":
            values = values + ["x" * (member["maxLength"] + 1)]
        if kind == "integer":
            values = values + [member["minimum"] - 1]
            values += [member["maximum"] + 1] if member["maximum"] < 2 ** 63 - 1 else []
        if kind == "array":
            item = "x" if member["items"]["type"] == "string" else {"lun": 0, "drive": "x"}
            values = values + [[7], [item] * (member["maxItems"] + 1)]
        return values

    def assert_body_refused(self, operation, body, name):
        path = operation.path.replace("{id}", "nothing")
        answer = self.ask(operation.method, path, body)
        self.assertEqual(answer.status, 400, f"{operation.id} {name} {answer.text}")
        self.assertIn(f'"{name}', answer.json["detail"])
        self.assert_described(operation, answer, operation.id)


if __name__ == "__main__":
    SERVE = sys.argv.pop(1)
    unittest.main()
