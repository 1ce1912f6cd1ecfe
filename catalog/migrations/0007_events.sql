-- SPDX-License-Identifier: Apache-2.0
-- History becomes the log of who did what: also of exports, jobs, tokens and settings, also of what
-- was refused. Its numbers are those of the event stream.

-- What it is about, where that is neither a drive nor a medium: "export", "job", "token" …
ALTER TABLE history ADD COLUMN subject_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN subject TEXT NOT NULL DEFAULT '';
-- "ok", or the code of the error with which it was refused.
ALTER TABLE history ADD COLUMN outcome TEXT NOT NULL DEFAULT 'ok';
-- A JSON object with what else there is to know, or ''.
ALTER TABLE history ADD COLUMN detail TEXT NOT NULL DEFAULT '';

-- What was written of exports had their names where drives are.
UPDATE history SET subject_kind = 'export', subject = drive, drive = ''
	WHERE verb IN ('export-put', 'export-remove');

CREATE INDEX history_by_subject ON history (subject_kind, subject) WHERE subject <> '';
CREATE INDEX history_by_actor ON history (actor);
