"""What a device invents for itself before the service knows it: its password and its registration ids."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sigcli.protocol.limits import MAX_REGISTRATION_ID

if TYPE_CHECKING:
    from sigcli.crypto.randomness import RandomSource

_PASSWORD_BYTES = 18


def new_password(random: RandomSource) -> str:
    """24 characters of base64."""
    return base64.b64encode(random(_PASSWORD_BYTES)).decode()


def new_registration_id(random: RandomSource) -> int:
    """A number from 1 to 16383, by which peers notice that a device was set up anew."""
    return 1 + int.from_bytes(random(4), "big") % MAX_REGISTRATION_ID
