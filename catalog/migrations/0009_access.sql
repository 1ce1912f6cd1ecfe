-- SPDX-License-Identifier: Apache-2.0
-- Who may come in over the network, and what they were answered.

CREATE TABLE tokens (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	name      TEXT NOT NULL UNIQUE,
	scope     TEXT NOT NULL CHECK (scope IN ('read', 'load', 'admin')),
	-- SHA-256 of the token, which has 256 random bits itself.
	hash      BLOB NOT NULL UNIQUE,
	created   INTEGER NOT NULL,
	created_by TEXT NOT NULL,
	expires   INTEGER NOT NULL DEFAULT 0, -- 0: never
	last_used INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a POST with an Idempotency-Key was answered, for whoever sends it again.
CREATE TABLE idempotency_keys (
	actor   TEXT NOT NULL,
	key     TEXT NOT NULL,
	-- SHA-256 of method, path and body.
	request BLOB NOT NULL,
	-- 0 while the first one is under way.
	status  INTEGER NOT NULL,
	location TEXT NOT NULL DEFAULT '',
	answer  TEXT NOT NULL DEFAULT '',
	at      INTEGER NOT NULL,
	PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (at);

-- Uploads that are not complete (tus). How much there is, the file says.
CREATE TABLE uploads (
	id       TEXT PRIMARY KEY NOT NULL,
	actor    TEXT NOT NULL,
	length   INTEGER NOT NULL, -- bytes; -1: not said yet
	metadata TEXT NOT NULL,    -- as the client sent it
	name     TEXT NOT NULL,
	sha256   TEXT NOT NULL DEFAULT '', -- expected; '' when it was not said
	pool     TEXT NOT NULL DEFAULT '',
	created  INTEGER NOT NULL,
	expires  INTEGER NOT NULL,
	job      INTEGER NOT NULL DEFAULT 0 -- that imports it, once it is complete
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_expiry ON uploads (expires);
