"""A command done by a running daemon: on the caller's descriptors, in the caller's folder, its exit code."""
