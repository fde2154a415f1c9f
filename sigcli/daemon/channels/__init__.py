"""Channels for programs that write requests line by line: standard input, Unix sockets, TCP, systemd's sockets."""
