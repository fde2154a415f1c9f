-- Numbers that nobody had when the directory was asked.
CREATE TABLE unregistered_number (
  number TEXT PRIMARY KEY,
  asked_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
