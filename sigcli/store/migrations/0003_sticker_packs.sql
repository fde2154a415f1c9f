-- Sticker packs by id (16 bytes), each with its key (32 bytes). installed: chosen by the user; others are merely known
-- from messages. removed_ms: when an installed one was removed. position: its place in the user's list.
CREATE TABLE sticker_pack (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  pack_id BLOB NOT NULL UNIQUE,
  pack_key BLOB NOT NULL,
  installed INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL DEFAULT 0,
  removed_ms INTEGER
) STRICT;
