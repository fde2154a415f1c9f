-- What is asked for on every run is found without reading all that is kept: what came since a time, what is kept no
-- longer, a username in any case, and whose number the directory is to be asked about.
CREATE INDEX inbox_received ON inbox (server_received_ms);
CREATE INDEX inbox_delivered ON inbox (delivered_ms) WHERE delivered_ms IS NOT NULL;
CREATE INDEX recipient_username ON recipient (username COLLATE NOCASE) WHERE username IS NOT NULL;
CREATE INDEX recipient_number_checked ON recipient (number_checked_ms)
  WHERE number IS NOT NULL AND (is_contact OR profile_sharing) AND NOT blocked;
CREATE INDEX attachment_use_conversation ON attachment_use (conversation, sent_ms);
CREATE INDEX reportable_message_stored ON reportable_message (stored_ms);
