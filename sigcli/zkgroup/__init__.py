"""Anonymous credentials for groups v2, profiles and usernames, without I/O."""
