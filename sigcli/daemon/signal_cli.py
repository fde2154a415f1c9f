"""What programs written for signal-cli expect to find."""

from __future__ import annotations

VERSION = "0.14.6"
"""The version that every interface for programs reports: programs compare it."""
