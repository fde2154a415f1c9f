"""What programs written for signal-cli expect of whoever they talk to."""

from __future__ import annotations

VERSION = "0.14.6"
"""What every interface for programs says that it is: they compare it."""
