-- Runs of receive that wait for certain messages (store.watchers): what comes after taken_id stays until each has seen it.
-- They take nothing for anybody else. A process that has died watches no more.
CREATE TABLE watcher (
  id INTEGER PRIMARY KEY,
  taken_id INTEGER NOT NULL,
  machine TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_start TEXT NOT NULL
) STRICT;
-- 1 for what such a run has printed: the command line's consumer has it already when it comes there.
ALTER TABLE inbox ADD COLUMN printed_ahead INTEGER NOT NULL DEFAULT 0;
