-- What a report of spam needs of a message that was received: kept for a while, without the message.
CREATE TABLE reportable_message (
  source BLOB NOT NULL,
  timestamp_ms INTEGER NOT NULL,
  server_guid TEXT NOT NULL,
  token BLOB,
  stored_ms INTEGER NOT NULL,
  PRIMARY KEY (source, timestamp_ms, server_guid)
) STRICT, WITHOUT ROWID;
