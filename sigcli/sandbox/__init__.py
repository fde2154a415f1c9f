"""A Signal-compatible server in one process on loopback, to try sigcli and to test scripts against."""
