-- When the service last said that the username is theirs, 0 for never.
ALTER TABLE recipient ADD COLUMN username_checked_ms INTEGER NOT NULL DEFAULT 0;

-- Username links (secret and handle) and the usernames that they led to.
CREATE TABLE followed_link (
  link BLOB PRIMARY KEY,
  username TEXT NOT NULL,
  followed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
