"""The Signal Protocol without I/O, with small store ports."""
