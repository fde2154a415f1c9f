"""Processes that are killed at every boundary they come to, and what an honest run makes of it."""
