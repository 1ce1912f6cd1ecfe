-- SPDX-License-Identifier: Apache-2.0
-- iSCSI targets of the built-in portal: their LUN maps, and who may log in.

CREATE TABLE exports (
	name          TEXT PRIMARY KEY NOT NULL,
	target        TEXT NOT NULL UNIQUE,
	chap_user     TEXT NOT NULL,
	chap_secret   TEXT NOT NULL,
	mutual_user   TEXT NOT NULL,
	mutual_secret TEXT NOT NULL,
	open          INTEGER NOT NULL
) STRICT;

CREATE TABLE export_luns (
	export TEXT NOT NULL REFERENCES exports (name) ON DELETE CASCADE,
	lun    INTEGER NOT NULL,
	drive  TEXT NOT NULL REFERENCES drives (name) ON DELETE CASCADE,
	PRIMARY KEY (export, lun)
) STRICT, WITHOUT ROWID;

CREATE INDEX export_luns_by_drive ON export_luns (drive);

CREATE TABLE export_rules (
	export   TEXT NOT NULL REFERENCES exports (name) ON DELETE CASCADE,
	kind     TEXT NOT NULL CHECK (kind IN ('initiator', 'network')),
	position INTEGER NOT NULL,
	rule     TEXT NOT NULL,
	PRIMARY KEY (export, kind, position)
) STRICT, WITHOUT ROWID;
