"""Accounts kept open: connections shared by all threads, messages received and jobs done in the background."""
