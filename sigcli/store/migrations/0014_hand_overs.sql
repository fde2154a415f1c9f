-- Commands that a daemon does for a caller (store.hand_overs), each by the id that the caller has given it.
-- timestamp_ms: of the message that it sends. is_lost: the caller has met the end of the daemon first and goes on by itself.
CREATE TABLE hand_over (
  id BLOB PRIMARY KEY,
  timestamp_ms INTEGER,
  is_lost INTEGER NOT NULL,
  noted_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hand_over_noted ON hand_over (noted_ms);
