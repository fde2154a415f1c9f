"""Running a command in the daemon: with the caller's descriptors, in the caller's folder, with its exit code."""
