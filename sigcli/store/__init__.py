"""The account on disk."""
