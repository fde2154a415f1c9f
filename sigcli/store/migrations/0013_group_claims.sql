-- The group (its identifier) by which a message that waits in the inbox is yet to be judged.
ALTER TABLE inbox ADD COLUMN awaits_group BLOB;
CREATE INDEX inbox_awaiting ON inbox (awaits_group) WHERE awaits_group IS NOT NULL;

-- What somebody claimed of a group and the service did not confirm: that it exists, or a revision in which they are a
-- member. It is not asked for again for a while.
CREATE TABLE false_group_claim (
  group_id BLOB NOT NULL,
  claimed_by BLOB NOT NULL,
  asked_ms INTEGER NOT NULL,
  PRIMARY KEY (group_id, claimed_by)
) STRICT, WITHOUT ROWID;
CREATE INDEX false_group_claim_by ON false_group_claim (claimed_by);
