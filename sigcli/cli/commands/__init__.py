"""The commands, a verb or a close family in each file; ``COMMANDS`` in each names its functions."""
