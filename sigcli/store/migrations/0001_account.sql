-- Times are milliseconds since 1970. own_identity: 0 the account's ACI, 1 its PNI.
-- A service_id has its fixed-width form: type byte (0 ACI, 1 PNI) and 16 bytes.

CREATE TABLE key_value (
  key TEXT PRIMARY KEY,
  value ANY
) STRICT, WITHOUT ROWID;

-- One row: who receives for this account.
CREATE TABLE receiver_lease (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  machine TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_start TEXT NOT NULL,
  acquired_ms INTEGER NOT NULL,
  heartbeat_ms INTEGER NOT NULL
) STRICT;

-- Protocol ---------------------------------------------------------------------------------------

CREATE TABLE identity (
  service_id BLOB PRIMARY KEY,
  identity_key BLOB NOT NULL,
  trust_level INTEGER NOT NULL,
  -- A key before this one was verified and its change has not been accepted by the user since.
  verified_before INTEGER NOT NULL DEFAULT 0,
  added_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  own_identity INTEGER NOT NULL,
  service_id BLOB NOT NULL,
  device_id INTEGER NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (own_identity, service_id, device_id)
) STRICT;

-- uploaded_ms: when the service took the key; replaced_ms: when it took a later one in its stead.
CREATE TABLE prekey (
  own_identity INTEGER NOT NULL,
  prekey_id INTEGER NOT NULL,
  record BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  uploaded_ms INTEGER,
  replaced_ms INTEGER,
  PRIMARY KEY (own_identity, prekey_id)
) STRICT;

CREATE TABLE signed_prekey (
  own_identity INTEGER NOT NULL,
  prekey_id INTEGER NOT NULL,
  record BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  uploaded_ms INTEGER,
  replaced_ms INTEGER,
  PRIMARY KEY (own_identity, prekey_id)
) STRICT;

CREATE TABLE kyber_prekey (
  own_identity INTEGER NOT NULL,
  prekey_id INTEGER NOT NULL,
  last_resort INTEGER NOT NULL,
  record BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  uploaded_ms INTEGER,
  replaced_ms INTEGER,
  PRIMARY KEY (own_identity, prekey_id)
) STRICT;

-- First messages that a last-resort key has served: a second use is a replay.
CREATE TABLE kyber_prekey_use (
  own_identity INTEGER NOT NULL,
  kyber_prekey_id INTEGER NOT NULL,
  signed_prekey_id INTEGER NOT NULL,
  base_key BLOB NOT NULL,
  PRIMARY KEY (own_identity, kyber_prekey_id, signed_prekey_id, base_key),
  FOREIGN KEY (own_identity, kyber_prekey_id)
    REFERENCES kyber_prekey (own_identity, prekey_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE sender_key (
  own_identity INTEGER NOT NULL,
  service_id BLOB NOT NULL,
  device_id INTEGER NOT NULL,
  distribution_id BLOB NOT NULL,
  record BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (own_identity, service_id, device_id, distribution_id)
) STRICT;

-- Devices that hold the own sender key of a distribution.
CREATE TABLE sender_key_shared (
  distribution_id BLOB NOT NULL,
  service_id BLOB NOT NULL,
  device_id INTEGER NOT NULL,
  shared_ms INTEGER NOT NULL,
  PRIMARY KEY (distribution_id, service_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sender_key_shared_device ON sender_key_shared (service_id, device_id);

-- People -----------------------------------------------------------------------------------------

CREATE TABLE recipient (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  aci BLOB UNIQUE,
  pni BLOB UNIQUE,
  number TEXT UNIQUE,
  username TEXT UNIQUE,

  is_contact INTEGER NOT NULL DEFAULT 0,
  given_name TEXT,
  family_name TEXT,
  nickname TEXT,
  nickname_given TEXT,
  nickname_family TEXT,
  note TEXT,
  color TEXT,
  blocked INTEGER NOT NULL DEFAULT 0,
  hidden INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  expire_timer_s INTEGER NOT NULL DEFAULT 0,
  expire_timer_version INTEGER NOT NULL DEFAULT 1,
  mute_until_ms INTEGER NOT NULL DEFAULT 0,
  profile_sharing INTEGER NOT NULL DEFAULT 0,
  request_state INTEGER NOT NULL DEFAULT 0,
  unregistered_ms INTEGER,
  needs_pni_signature INTEGER NOT NULL DEFAULT 0,

  profile_key BLOB,
  profile_key_credential BLOB,
  profile_given_name TEXT,
  profile_family_name TEXT,
  about TEXT,
  about_emoji TEXT,
  avatar_path TEXT,
  mobile_coin_address BLOB,
  capabilities TEXT NOT NULL DEFAULT '',
  access_mode INTEGER NOT NULL DEFAULT 0,
  shares_number INTEGER,
  discoverable INTEGER,
  profile_fetched_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Messages ---------------------------------------------------------------------------------------

-- A row has content, or a failure; the original envelope beside a failure that is retried later.
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  server_guid TEXT,
  envelope_type INTEGER NOT NULL,
  source BLOB,
  source_device INTEGER,
  destination INTEGER,
  sealed INTEGER NOT NULL,
  urgent INTEGER NOT NULL,
  story INTEGER NOT NULL,
  timestamp_ms INTEGER NOT NULL,
  server_received_ms INTEGER NOT NULL,
  server_delivered_ms INTEGER NOT NULL,
  stored_ms INTEGER NOT NULL,
  content BLOB,
  failure_code TEXT,
  failure_message TEXT,
  envelope BLOB,
  held_until_ms INTEGER,
  delivered_ms INTEGER
) STRICT;
CREATE INDEX inbox_pending ON inbox (id) WHERE delivered_ms IS NULL;
CREATE INDEX inbox_held ON inbox (source) WHERE envelope IS NOT NULL;

-- Envelopes that were handled, also after their row has gone; ids ascend with seen_ms.
CREATE TABLE seen_envelope (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  server_guid TEXT UNIQUE,
  ciphertext_hash BLOB UNIQUE,
  seen_ms INTEGER NOT NULL
) STRICT;

-- Work that a received envelope causes; one row for each item, merged by (kind, target, item).
CREATE TABLE task (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL,
  target BLOB NOT NULL,
  item BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  requested INTEGER NOT NULL DEFAULT 1,
  claimed_until_ms INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, target, item)
) STRICT;

CREATE TABLE send_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp_ms INTEGER NOT NULL,
  content BLOB NOT NULL,
  content_hint INTEGER NOT NULL,
  urgent INTEGER NOT NULL,
  group_id BLOB,
  sent_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX send_log_timestamp ON send_log (timestamp_ms);
CREATE INDEX send_log_sent ON send_log (sent_ms);

CREATE TABLE send_log_device (
  log_id INTEGER NOT NULL REFERENCES send_log (id) ON DELETE CASCADE,
  service_id BLOB NOT NULL,
  device_id INTEGER NOT NULL,
  PRIMARY KEY (log_id, service_id, device_id)
) STRICT, WITHOUT ROWID;

-- Proofs that the service has asked for before it takes more messages.
CREATE TABLE challenge (
  token TEXT PRIMARY KEY,
  options TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  retry_after_ms INTEGER
) STRICT, WITHOUT ROWID;
