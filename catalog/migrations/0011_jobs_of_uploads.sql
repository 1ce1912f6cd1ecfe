-- SPDX-License-Identifier: Apache-2.0
-- An upload goes when its job has come to nothing; who missed the answers is told which job it was.

ALTER TABLE jobs ADD COLUMN upload TEXT NOT NULL DEFAULT '';

UPDATE jobs SET upload = coalesce(json_extract(parameters, '$.upload'), '')
	WHERE kind = 'upload' AND json_valid(parameters);

CREATE INDEX jobs_by_upload ON jobs (upload) WHERE upload <> '';
