"""The source of random bytes: an argument everywhere, by default the operating system."""

from __future__ import annotations

import os
from collections.abc import Callable

RandomSource = Callable[[int], bytes]
"""Takes a count, returns that many random bytes."""

secure_random: RandomSource = os.urandom
