"""Programs written for others, unchanged, against the installed daemon on a sandbox."""
