-- SPDX-License-Identifier: Apache-2.0
-- How many media and jobs there are of each kind and state, kept while they change: whoever asks
-- every few seconds (GET /metrics) must not make the catalog look at every row.

CREATE TABLE media_totals (
	kind  TEXT NOT NULL,
	state TEXT NOT NULL,
	media INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	PRIMARY KEY (kind, state)
) STRICT, WITHOUT ROWID;

INSERT INTO media_totals SELECT kind, state, count(*), sum(size) FROM media GROUP BY kind, state;

CREATE TRIGGER media_totals_insert AFTER INSERT ON media
BEGIN
	INSERT INTO media_totals VALUES (NEW.kind, NEW.state, 1, NEW.size)
		ON CONFLICT (kind, state) DO UPDATE
		SET media = media + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER media_totals_delete AFTER DELETE ON media
BEGIN
	UPDATE media_totals SET media = media - 1, bytes = bytes - OLD.size
		WHERE kind = OLD.kind AND state = OLD.state;
END;

CREATE TRIGGER media_totals_update AFTER UPDATE OF kind, state, size ON media
WHEN NEW.kind <> OLD.kind OR NEW.state <> OLD.state OR NEW.size <> OLD.size
BEGIN
	UPDATE media_totals SET media = media - 1, bytes = bytes - OLD.size
		WHERE kind = OLD.kind AND state = OLD.state;
	INSERT INTO media_totals VALUES (NEW.kind, NEW.state, 1, NEW.size)
		ON CONFLICT (kind, state) DO UPDATE
		SET media = media + 1, bytes = bytes + excluded.bytes;
END;

-- `ended`: when the last one ended, in seconds since the epoch, which outlives the job; 0: never.
CREATE TABLE job_totals (
	kind  TEXT NOT NULL,
	state TEXT NOT NULL,
	jobs  INTEGER NOT NULL,
	ended INTEGER NOT NULL,
	PRIMARY KEY (kind, state)
) STRICT, WITHOUT ROWID;

INSERT INTO job_totals SELECT kind, state, count(*), max(ended) FROM jobs GROUP BY kind, state;

CREATE TRIGGER job_totals_insert AFTER INSERT ON jobs
BEGIN
	INSERT INTO job_totals VALUES (NEW.kind, NEW.state, 1, NEW.ended)
		ON CONFLICT (kind, state) DO UPDATE
		SET jobs = jobs + 1, ended = max(ended, excluded.ended);
END;

CREATE TRIGGER job_totals_delete AFTER DELETE ON jobs
BEGIN
	UPDATE job_totals SET jobs = jobs - 1 WHERE kind = OLD.kind AND state = OLD.state;
END;

CREATE TRIGGER job_totals_update AFTER UPDATE OF state, ended ON jobs
WHEN NEW.state <> OLD.state OR NEW.ended <> OLD.ended
BEGIN
	UPDATE job_totals SET jobs = jobs - 1 WHERE kind = OLD.kind AND state = OLD.state;
	INSERT INTO job_totals VALUES (NEW.kind, NEW.state, 1, NEW.ended)
		ON CONFLICT (kind, state) DO UPDATE
		SET jobs = jobs + 1, ended = max(ended, excluded.ended);
END;
