-- SPDX-License-Identifier: Apache-2.0
-- Unsigned 64-bit numbers (device, inode) are kept as the signed number of the same bits.

CREATE TABLE media (
	id               TEXT PRIMARY KEY NOT NULL,
	path             TEXT NOT NULL UNIQUE,
	kind             TEXT NOT NULL,
	format           TEXT NOT NULL,
	file_system      TEXT NOT NULL,
	volume_id        TEXT NOT NULL,
	size             INTEGER NOT NULL,
	profile          INTEGER NOT NULL,
	profile_override INTEGER NOT NULL,
	device           INTEGER NOT NULL,
	inode            INTEGER NOT NULL,
	file_size        INTEGER NOT NULL,
	mtime_sec        INTEGER NOT NULL,
	mtime_nsec       INTEGER NOT NULL,
	fault            TEXT NOT NULL,
	added            INTEGER NOT NULL
) STRICT;

CREATE TABLE drives (
	name        TEXT PRIMARY KEY NOT NULL,
	kind        TEXT NOT NULL,
	personality TEXT NOT NULL,
	serial      TEXT NOT NULL UNIQUE,
	loopback    INTEGER NOT NULL,
	tray_open   INTEGER NOT NULL,
	medium      TEXT REFERENCES media (id) ON DELETE RESTRICT
) STRICT;

-- Several drives may hold the same read-only image.
CREATE INDEX drives_by_medium ON drives (medium) WHERE medium IS NOT NULL;

CREATE TABLE mode_pages (
	drive    TEXT NOT NULL REFERENCES drives (name) ON DELETE CASCADE,
	position INTEGER NOT NULL,
	page     BLOB NOT NULL,
	PRIMARY KEY (drive, position)
) STRICT, WITHOUT ROWID;

-- History outlives what it tells of: no references.
CREATE TABLE history (
	id     INTEGER PRIMARY KEY AUTOINCREMENT,
	at     INTEGER NOT NULL,
	actor  TEXT NOT NULL,
	verb   TEXT NOT NULL,
	drive  TEXT NOT NULL,
	medium TEXT NOT NULL
) STRICT;
