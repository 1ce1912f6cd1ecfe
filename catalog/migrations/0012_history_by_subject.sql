-- SPDX-License-Identifier: Apache-2.0
-- History of all things of a kind, and of all that are called so, whatever they are: who asks for what
-- hardly ever happened would read all of it.

CREATE INDEX history_by_subject_kind ON history (subject_kind) WHERE subject_kind <> '';
CREATE INDEX history_by_subject_name ON history (subject) WHERE subject <> '';
