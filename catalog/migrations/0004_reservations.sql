-- SPDX-License-Identifier: Apache-2.0
-- Persistent reservations that outlive power loss (APTPL), as scsi/persistent_record.c has them.

CREATE TABLE persistent_reservations (
	drive  TEXT PRIMARY KEY NOT NULL REFERENCES drives (name) ON DELETE CASCADE,
	record BLOB NOT NULL
) STRICT;

-- Relative target port identifiers: 1 is the loopback. An export that was removed keeps its own, so
-- that what was registered through it never means another one; no reference for that.
CREATE TABLE export_ports (
	export TEXT PRIMARY KEY NOT NULL,
	port   INTEGER NOT NULL UNIQUE CHECK (port BETWEEN 2 AND 65535)
) STRICT;

INSERT INTO export_ports SELECT name, 1 + row_number() OVER (ORDER BY name) FROM exports;
