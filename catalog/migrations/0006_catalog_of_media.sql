-- SPDX-License-Identifier: Apache-2.0
-- What people and jobs know of media: tags, notes, digest, state, details; and the text of all of it.

-- Grows by one with every change of the row, or of its tags: what conditional requests go by.
ALTER TABLE media ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- Whether the file is where and what it was: see catalog.h.
ALTER TABLE media ADD COLUMN state TEXT NOT NULL DEFAULT 'ok'
	CHECK (state IN ('ok', 'missing', 'changed'));
-- Of the file's bytes, in lower-case hexadecimal; '' when it was not computed yet.
ALTER TABLE media ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
-- When the file was last read whole, in seconds since the epoch, and what came of it; 0: never.
ALTER TABLE media ADD COLUMN verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN verify_result TEXT NOT NULL DEFAULT ''
	CHECK (verify_result IN ('', 'ok', 'mismatch', 'unreadable'));
-- The file was copied or uploaded into a pool by the library.
ALTER TABLE media ADD COLUMN owned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN notes TEXT NOT NULL DEFAULT '';
-- A JSON object that describes the contents, and the words of it that people search for.
ALTER TABLE media ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE media ADD COLUMN os TEXT NOT NULL DEFAULT '';

CREATE INDEX media_by_sha256 ON media (sha256) WHERE sha256 <> '';
CREATE INDEX media_by_state ON media (state, id) WHERE state <> 'ok';
CREATE INDEX media_by_inode ON media (inode, device);

CREATE TABLE media_tags (
	medium TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE ON UPDATE CASCADE,
	tag    TEXT NOT NULL,
	PRIMARY KEY (medium, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX media_tags_by_tag ON media_tags (tag, medium);

-- Rows of the index of texts have numbers, and those of media may change when a file is copied.
CREATE TABLE media_numbers (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	medium TEXT NOT NULL UNIQUE REFERENCES media (id) ON DELETE CASCADE ON UPDATE CASCADE
) STRICT;

-- Any three characters in a row are found, in any case.
CREATE VIRTUAL TABLE media_text USING fts5(words, tokenize = 'trigram');

CREATE VIEW media_words AS
SELECT media.id AS medium, media_numbers.number AS number,
	media.id || ' ' || media.path || ' ' || media.volume_id || ' ' || media.barcode || ' '
	|| media.os || ' ' || media.notes || ' '
	|| coalesce((SELECT group_concat(tag, ' ') FROM media_tags WHERE medium = media.id), '')
	AS words
FROM media JOIN media_numbers ON media_numbers.medium = media.id;

INSERT INTO media_numbers (medium) SELECT id FROM media;
INSERT INTO media_text (rowid, words) SELECT number, words FROM media_words;

-- The index cannot be written to by triggers while the schema is not trusted: they note what is
-- stale, and each transaction brings it up to date before it is committed (catalog/text.c).
CREATE TABLE media_text_stale (number INTEGER PRIMARY KEY) STRICT;

CREATE TRIGGER media_text_insert AFTER INSERT ON media
BEGIN
	INSERT INTO media_numbers (medium) VALUES (NEW.id);
	INSERT OR IGNORE INTO media_text_stale
		SELECT number FROM media_numbers WHERE medium = NEW.id;
END;

CREATE TRIGGER media_text_update
AFTER UPDATE OF id, path, volume_id, barcode, os, notes ON media
WHEN NEW.id <> OLD.id OR NEW.path <> OLD.path OR NEW.volume_id <> OLD.volume_id
	OR NEW.barcode <> OLD.barcode OR NEW.os <> OLD.os OR NEW.notes <> OLD.notes
BEGIN
	INSERT OR IGNORE INTO media_text_stale
		SELECT number FROM media_numbers WHERE medium = NEW.id;
END;

CREATE TRIGGER media_text_delete BEFORE DELETE ON media
BEGIN
	INSERT OR IGNORE INTO media_text_stale
		SELECT number FROM media_numbers WHERE medium = OLD.id;
END;

CREATE TRIGGER media_tag_insert AFTER INSERT ON media_tags
BEGIN
	INSERT OR IGNORE INTO media_text_stale
		SELECT number FROM media_numbers WHERE medium = NEW.medium;
	UPDATE media SET version = version + 1 WHERE id = NEW.medium;
END;

CREATE TRIGGER media_tag_delete AFTER DELETE ON media_tags
BEGIN
	INSERT OR IGNORE INTO media_text_stale
		SELECT number FROM media_numbers WHERE medium = OLD.medium;
	UPDATE media SET version = version + 1 WHERE id = OLD.medium;
END;

CREATE TRIGGER media_version AFTER UPDATE ON media WHEN NEW.version = OLD.version
BEGIN
	UPDATE media SET version = version + 1 WHERE id = NEW.id;
END;
