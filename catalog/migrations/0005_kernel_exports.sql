-- SPDX-License-Identifier: Apache-2.0
-- Which target shows an export: the built-in portal, or the kernel's own iSCSI.

ALTER TABLE exports ADD COLUMN transport TEXT NOT NULL DEFAULT 'portal'
	CHECK (transport IN ('portal', 'kernel'));
