"""Where random bytes come from: an argument everywhere, the operating system by default."""

from __future__ import annotations

import os
from collections.abc import Callable

RandomSource = Callable[[int], bytes]
"""Takes a count, gives that many random bytes."""

secure_random: RandomSource = os.urandom
