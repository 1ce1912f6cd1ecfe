-- SPDX-License-Identifier: Apache-2.0
-- Tapes: barcode, capacity, write-protect tab, medium type, loads; one tape is in one drive.

-- Whatever compares barcodes takes a-z for A-Z.
ALTER TABLE media ADD COLUMN barcode TEXT NOT NULL DEFAULT '' COLLATE NOCASE;
ALTER TABLE media ADD COLUMN medium_type TEXT NOT NULL DEFAULT '';
ALTER TABLE media ADD COLUMN capacity INTEGER NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN write_protected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN loads INTEGER NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX media_by_barcode ON media (barcode) WHERE barcode <> '';
CREATE INDEX media_by_kind ON media (kind, id);

-- Several drives may hold the same read-only image of a disc. A tape is written to.
CREATE TRIGGER tape_in_one_drive_insert AFTER INSERT ON drives
WHEN (SELECT kind FROM media WHERE id = NEW.medium) = 'tape'
	AND (SELECT count(*) FROM drives WHERE medium = NEW.medium) > 1
BEGIN
	SELECT RAISE(ABORT, 'a tape is in one drive at a time');
END;

CREATE TRIGGER tape_in_one_drive_update AFTER UPDATE OF medium ON drives
WHEN (SELECT kind FROM media WHERE id = NEW.medium) = 'tape'
	AND (SELECT count(*) FROM drives WHERE medium = NEW.medium) > 1
BEGIN
	SELECT RAISE(ABORT, 'a tape is in one drive at a time');
END;

CREATE TRIGGER tape_in_one_drive_kind AFTER UPDATE OF kind ON media
WHEN NEW.kind = 'tape' AND (SELECT count(*) FROM drives WHERE medium = NEW.id) > 1
BEGIN
	SELECT RAISE(ABORT, 'a tape is in one drive at a time');
END;

-- Newest first is backwards through the id that every index of SQLite ends with.
CREATE INDEX history_by_medium ON history (medium);
CREATE INDEX history_by_drive ON history (drive);
