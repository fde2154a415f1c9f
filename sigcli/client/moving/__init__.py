"""Accounts moved in from signal-cli, and out into backups and back."""
