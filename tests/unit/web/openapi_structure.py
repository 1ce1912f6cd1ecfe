# SPDX-License-Identifier: Apache-2.0
"""A strict judge of OpenAPI 3.1 documents: the objects of clause 4.8, with nothing that is not in
them but x- extensions. Of what a document may leave out it demands what clients are made of.

The schema that the OpenAPI Initiative publishes, of 2025-11-23, was held against the document once
by hand and had no complaint. Debian 12 has that of 3.0 only."""

import re

import jsonschema

# What is answered to requests that no operation describes.
OF_NO_ROUTE = {f"#/components/{what}" for what in
               ("responses/Problem405", "responses/Problem416", "headers/Allow")}

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


class Judge:
    def __init__(self, document):
        self.document = document
        self.referred = set()
        self.faults = []

    def fault(self, where, what):
        self.faults.append(f"{where}: {what}")

    def members(self, where, given, required, optional=()):
        """An object of these members, x- ones besides."""
        if not isinstance(given, dict):
            self.fault(where, "is no object")
            return {}
        for name in required:
            if name not in given:
                self.fault(where, f"lacks {name}")
        for name in given:
            if name not in required and name not in optional and not name.startswith("x-"):
                self.fault(where, f"has {name}, which is not in the standard")
        return given

    def text(self, where, given):
        if not isinstance(given, str) or not given.strip():
            self.fault(where, "is no text")

    def resolve(self, where, given):
        """What a Reference Object stands for."""
        if not isinstance(given, dict) or "$ref" not in given:
            return given
        self.referred.add(given["$ref"])
        at = self.document
        for step in given["$ref"].removeprefix("#/").split("/"):
            at = at.get(step) if isinstance(at, dict) else None
        if at is None:
            self.fault(where, f"refers to {given['$ref']}, which is not there")
            return {}
        return at

    # ---- schemas

    def references_of_schema(self, where, schema):
        if isinstance(schema, dict):
            if "$ref" in schema:
                self.resolve(where, schema)
            for name, value in schema.items():
                self.references_of_schema(f"{where}/{name}", value)
        elif isinstance(schema, list):
            for value in schema:
                self.references_of_schema(where, value)

    def schema(self, where, schema):
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            self.fault(where, error.message)
        self.references_of_schema(where, schema)

    # ---- operations

    def parameter(self, where, given):
        given = self.resolve(where, given)
        self.members(where, given, {"name", "in", "schema"},
                     {"description", "required", "deprecated", "style", "explode", "example"})
        if given.get("in") not in ("query", "header", "path"):
            self.fault(where, f"is in {given.get('in')}")
        if given.get("in") == "path" and given.get("required") is not True:
            self.fault(where, "is in the path, and not required")
        if given.get("name", "").lower() in ("accept", "content-type", "authorization"):
            self.fault(where, "is a header that parameters must not be (4.8.12)")
        self.text(f"{where}/description", given.get("description"))
        self.schema(f"{where}/schema", given.get("schema"))

    def content(self, where, given):
        for kind, media in given.items():
            if not re.fullmatch(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.-]+)*", kind):
                self.fault(where, f"{kind} is no media type")
            self.members(f"{where}/{kind}", media, {"schema"}, {"example", "examples", "encoding"})
            self.schema(f"{where}/{kind}/schema", media.get("schema"))

    def header(self, where, given):
        given = self.resolve(where, given)
        self.members(where, given, {"schema"}, {"description", "required", "deprecated"})
        self.schema(f"{where}/schema", given.get("schema"))

    def response(self, where, given):
        given = self.resolve(where, given)
        self.members(where, given, {"description"}, {"headers", "content", "links"})
        self.text(f"{where}/description", given.get("description"))
        for name, header in given.get("headers", {}).items():
            self.header(f"{where}/headers/{name}", header)
        self.content(f"{where}/content", given.get("content", {}))

    def parameters_fit(self, where, path, operation):
        holes = set(re.findall(r"{(\w+)}", path))
        given = [(p.get("in"), p.get("name")) for p in operation.get("parameters", [])]
        if len(set(given)) != len(given):
            self.fault(where, "has a parameter twice")
        if {name for place, name in given if place == "path"} != holes:
            self.fault(where, "the parameters of its path are not those it lists")

    def operation(self, where, path, given):
        self.members(where, given,
                     {"operationId", "summary", "tags", "responses", "security"},
                     {"parameters", "requestBody", "description", "deprecated"})
        self.parameters_fit(where, path, given)
        for parameter in given.get("parameters", []):
            self.parameter(f"{where}/{parameter.get('name')}", parameter)
        if "requestBody" in given:
            body = self.members(f"{where}/requestBody", given["requestBody"], {"content"},
                                {"required", "description"})
            self.content(f"{where}/requestBody", body.get("content", {}))
        for status, response in given["responses"].items():
            if not re.fullmatch(r"[1-5]\d\d", status):
                self.fault(where, f"{status} is no status")
            self.response(f"{where}/{status}", response)
        for requirement in given["security"]:
            for name in requirement:
                self.resolve(where, {"$ref": f"#/components/securitySchemes/{name}"})

    def paths(self, given):
        seen = set()
        for path, item in given.items():
            if not path.startswith("/"):
                self.fault(path, "does not begin with /")
            self.members(path, item, set(), METHODS)
            for method, operation in item.items():
                self.operation(f"{method} {path}", path, operation)
                if operation["operationId"] in seen:
                    self.fault(path, f"operationId {operation['operationId']} is there twice")
                seen.add(operation["operationId"])

    # ---- the rest

    def components(self, given):
        self.members("components", given, {"schemas", "responses", "securitySchemes"}, {"headers"})
        for kind, named in given.items():
            for name in named:
                if not re.fullmatch(r"[a-zA-Z0-9._-]+", name):
                    self.fault(kind, f"{name} is no name")
        for name, schema in given["schemas"].items():
            self.schema(f"schemas/{name}", schema)
        for name, response in given["responses"].items():
            self.response(f"responses/{name}", response)
        for name, header in given.get("headers", {}).items():
            self.header(f"headers/{name}", header)
        for name, scheme in given["securitySchemes"].items():
            self.members(name, scheme, {"type", "scheme"}, {"description", "bearerFormat"})
            if (scheme.get("type"), scheme.get("scheme")) != ("http", "bearer"):
                self.fault(name, "is no bearer token")

    def unused(self, given):
        for kind in ("schemas", "responses", "headers"):
            for name in given.get(kind, {}):
                if f"#/components/{kind}/{name}" not in self.referred | OF_NO_ROUTE:
                    self.fault(f"{kind}/{name}", "is referred to by nothing")

    def all(self):
        given = self.members("document", self.document, {"openapi", "info", "paths", "components"},
                             {"servers", "jsonSchemaDialect", "tags", "security"})
        if not re.fullmatch(r"3\.1\.\d+", given["openapi"]):
            self.fault("openapi", "is not 3.1")
        info = self.members("info", given["info"], {"title", "version"},
                            {"description", "license", "summary", "contact"})
        self.members("license", info.get("license", {"name": ""}), {"name"}, {"identifier", "url"})
        for server in given.get("servers", []):
            self.members("server", server, {"url"}, {"description"})
        self.paths(given["paths"])
        self.components(given["components"])
        self.unused(given["components"])
        return self.faults
