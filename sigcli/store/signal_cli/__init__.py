"""What signal-cli has stored, read and left as it is."""
