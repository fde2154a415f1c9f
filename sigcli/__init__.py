"""sigcli: a Signal messenger client for the command line."""

__version__ = "0.1.0"
__released__ = "2026-11-27"
"""The day of this version: ``sigcli doctor`` tells when it has grown old."""
