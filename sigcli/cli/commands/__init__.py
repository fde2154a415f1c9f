"""The commands, one verb or close family a file; ``COMMANDS`` in each lists its functions."""
