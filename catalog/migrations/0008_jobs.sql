-- SPDX-License-Identifier: Apache-2.0
-- Long work on behalf of operators: imports, scans, verifications. Outlives the daemon.

CREATE TABLE jobs (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	kind       TEXT NOT NULL,
	state      TEXT NOT NULL
		CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
	actor      TEXT NOT NULL,
	-- JSON objects: what was asked for, what came of it; '' when there is nothing.
	parameters TEXT NOT NULL,
	result     TEXT NOT NULL DEFAULT '',
	-- The error of a job that failed.
	error      TEXT NOT NULL DEFAULT '',
	sentence   TEXT NOT NULL DEFAULT '',
	remedy     TEXT NOT NULL DEFAULT '',
	created    INTEGER NOT NULL,
	started    INTEGER NOT NULL DEFAULT 0,
	ended      INTEGER NOT NULL DEFAULT 0,
	-- Progress when it was last written down.
	done       INTEGER NOT NULL DEFAULT 0,
	total      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX jobs_unfinished ON jobs (id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_by_state ON jobs (state, id);
