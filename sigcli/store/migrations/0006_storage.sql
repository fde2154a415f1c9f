-- The records of the storage service as last seen, by their ids there (16 bytes), decrypted. Without a record: listed by
-- the manifest, but it could not be read. type: as the manifest says.
CREATE TABLE storage_record (
  raw_id BLOB PRIMARY KEY,
  type INTEGER NOT NULL,
  record BLOB
) STRICT, WITHOUT ROWID;
