-- Groups, by the identifier (32 bytes) that follows from the master key. Without a revision nothing but the key is
-- known. access_lost: the service said that this account is no member. accepted: the user takes part in the group.
CREATE TABLE signal_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id BLOB NOT NULL UNIQUE,
  master_key BLOB NOT NULL,
  revision INTEGER,
  title TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  avatar_url TEXT NOT NULL DEFAULT '',
  timer_s INTEGER NOT NULL DEFAULT 0,
  access_attributes INTEGER NOT NULL DEFAULT 0,
  access_members INTEGER NOT NULL DEFAULT 0,
  access_invite_link INTEGER NOT NULL DEFAULT 0,
  access_member_label INTEGER NOT NULL DEFAULT 0,
  invite_link_password BLOB NOT NULL DEFAULT x'',
  announcements_only INTEGER NOT NULL DEFAULT 0,
  terminated INTEGER NOT NULL DEFAULT 0,
  access_lost INTEGER NOT NULL DEFAULT 0,
  accepted INTEGER NOT NULL DEFAULT 0,
  fetched_ms INTEGER NOT NULL DEFAULT 0,
  distribution_id BLOB,
  combined_endorsement BLOB,
  endorsements_expire_s INTEGER NOT NULL DEFAULT 0
) STRICT;

-- standing: 0 member, 1 invited, 2 asks to join, 3 banned. since_ms: of the latter three. The ciphertexts of a member's
-- ACI and profile key tell what need not be decrypted again.
CREATE TABLE group_person (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_row INTEGER NOT NULL REFERENCES signal_group (id) ON DELETE CASCADE,
  standing INTEGER NOT NULL,
  service_id BLOB NOT NULL,
  role INTEGER NOT NULL DEFAULT 0,
  joined_at_revision INTEGER NOT NULL DEFAULT 0,
  user_id_ciphertext BLOB NOT NULL DEFAULT x'',
  profile_key_ciphertext BLOB NOT NULL DEFAULT x'',
  label_emoji TEXT NOT NULL DEFAULT '',
  label_text TEXT NOT NULL DEFAULT '',
  added_by BLOB,
  since_ms INTEGER NOT NULL DEFAULT 0,
  endorsement BLOB,
  UNIQUE (group_row, standing, service_id)
) STRICT;
CREATE INDEX group_person_service_id ON group_person (service_id);

-- What the account shows the group service, one for each day (its begin in UTC, seconds).
CREATE TABLE group_credential (
  redemption_time_s INTEGER PRIMARY KEY,
  credential BLOB NOT NULL
) STRICT;
