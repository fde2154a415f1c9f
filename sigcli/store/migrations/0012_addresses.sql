-- Addresses that an account had, and that are somebody else's by what was claimed since (claimant: a service id) until the
-- user has decided, or nobody's (NULL). kind: 0 number, 1 PNI (16 bytes), 2 username (lower case).
CREATE TABLE address_claim (
  kind INTEGER NOT NULL,
  address ANY NOT NULL,
  holder BLOB NOT NULL,
  claimant BLOB,
  claimed_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX address_claim_holder ON address_claim (holder);
CREATE INDEX address_claim_claimant ON address_claim (claimant);

-- When the directory last said whose the number is, 0 for never.
ALTER TABLE recipient ADD COLUMN number_checked_ms INTEGER NOT NULL DEFAULT 0;
-- Hashes (SHA-256) of the profile keys before the present one, and when the message was written that brought that one.
ALTER TABLE recipient ADD COLUMN former_profile_keys BLOB NOT NULL DEFAULT x'';
ALTER TABLE recipient ADD COLUMN profile_key_ms INTEGER NOT NULL DEFAULT 0;

-- When the user last decided how far the key is trusted, here or on another own device.
ALTER TABLE identity ADD COLUMN decided_ms INTEGER NOT NULL DEFAULT 0;

-- The identity key under which a row is held, and to which a message was encrypted.
ALTER TABLE inbox ADD COLUMN held_key BLOB;
ALTER TABLE send_log_device ADD COLUMN identity_key BLOB;
