-- Who takes what was received, by name, and the id of the inbox row up to which each has taken everything (store.consumers).
CREATE TABLE consumer (
  name TEXT PRIMARY KEY,
  taken_id INTEGER NOT NULL,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where messages were received before, it was by the command line: its place is where it has stopped printing.
INSERT INTO consumer (name, taken_id, first_seen_ms, last_seen_ms)
SELECT 'command-line', coalesce((SELECT min(id) - 1 FROM inbox WHERE delivered_ms IS NULL), seq), 0, 0
FROM sqlite_sequence WHERE name = 'inbox';

-- is_shared: whether the holder hands out what it receives to all consumers, for as long as it runs (a daemon).
-- is_caught_up: whether the service has said that nothing waits there.
ALTER TABLE receiver_lease ADD COLUMN is_shared INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receiver_lease ADD COLUMN is_caught_up INTEGER NOT NULL DEFAULT 0;
