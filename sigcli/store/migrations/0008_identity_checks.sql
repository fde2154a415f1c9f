-- When the identity keys of a group's members were last compared with those that the service knows.
ALTER TABLE signal_group ADD COLUMN identities_checked_ms INTEGER NOT NULL DEFAULT 0;
