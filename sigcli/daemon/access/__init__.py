"""Callers and their rights: tokens, callers, and the checks before a request over TCP is served."""
