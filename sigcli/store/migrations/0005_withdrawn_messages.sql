-- Which message a row of the inbox holds: with its source the name of a message across the network. edits_ms: the message
-- that it is a new version of. expires_ms: when its content goes. withdrawn: why its content has gone (store.inbox).
ALTER TABLE inbox ADD COLUMN sent_ms INTEGER;
ALTER TABLE inbox ADD COLUMN edits_ms INTEGER;
ALTER TABLE inbox ADD COLUMN expires_ms INTEGER;
ALTER TABLE inbox ADD COLUMN withdrawn INTEGER;
UPDATE inbox SET sent_ms = timestamp_ms WHERE content IS NOT NULL;
CREATE INDEX inbox_message ON inbox (sent_ms) WHERE sent_ms IS NOT NULL;
CREATE INDEX inbox_edit ON inbox (edits_ms) WHERE edits_ms IS NOT NULL;
CREATE INDEX inbox_expiring ON inbox (expires_ms) WHERE expires_ms IS NOT NULL;

-- The messages that point at an attachment, printed ones too: its file goes with the last of them, those without
-- expires_ms stay. conversation: the master key of a group, or the service id of the other side.
CREATE TABLE attachment_use (
  name TEXT NOT NULL,
  source BLOB NOT NULL,
  sent_ms INTEGER NOT NULL,
  conversation BLOB NOT NULL,
  expires_ms INTEGER,
  PRIMARY KEY (name, source, sent_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_use_message ON attachment_use (sent_ms);
CREATE INDEX attachment_use_expiring ON attachment_use (expires_ms) WHERE expires_ms IS NOT NULL;
