"""Ways in for programs that write requests line by line: standard input, Unix sockets, TCP, sockets of systemd."""
