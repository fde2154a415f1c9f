-- What a daemon has begun of a message that it sends for a caller (store.hand_overs): a part is one person or one group.
-- result: NULL while it may or may not have left the machine, else what became of it.
CREATE TABLE hand_over_part (
  hand_over BLOB NOT NULL REFERENCES hand_over (id) ON DELETE CASCADE,
  part BLOB NOT NULL,
  result TEXT,
  PRIMARY KEY (hand_over, part)
) STRICT, WITHOUT ROWID;
