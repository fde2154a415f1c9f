"""Envelopes on their way in: opened, decrypted, their content and sync messages applied to the database."""
