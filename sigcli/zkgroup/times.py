"""The times that credentials and endorsements may have, in seconds since the epoch.

Clients refuse times that a server could use to tell them apart. Sources: libsignal
``rust/zkgroup/src/api/endorsement_expiration.rs`` and ``server_params.rs``.
"""

from __future__ import annotations

from sigcli.durations import DAY_S, HOUR_S
from sigcli.errors import InvalidCredential

_LONGEST_DAYS = 7
_SHORTEST_ENDORSEMENT_HOURS = 2


def require_day_aligned(time_s: int) -> None:
    """Raises InvalidCredential unless this is the start of a day."""
    if time_s % DAY_S or not 0 <= time_s < 2**64:
        raise InvalidCredential("the credential's time is not the start of a day")


def validate_credential_expiration(expiration_s: int, now_ms: int) -> None:
    """Raises InvalidCredential unless it is the start of a day, more than one and less than eight days ahead."""
    require_day_aligned(expiration_s)
    if not 1 <= (expiration_s - now_ms // 1000) // DAY_S <= _LONGEST_DAYS:
        raise InvalidCredential("the credential expires too soon or too late")


def validate_endorsement_expiration(expiration_s: int, now_ms: int) -> None:
    """Raises InvalidCredential unless it is the start of a day, two hours to seven days ahead."""
    require_day_aligned(expiration_s)
    remaining_s = expiration_s - now_ms // 1000
    shortest_s = _SHORTEST_ENDORSEMENT_HOURS * HOUR_S
    if not shortest_s <= remaining_s <= _LONGEST_DAYS * DAY_S:
        raise InvalidCredential("the endorsements expire too soon or too late")


def default_endorsement_expiration_s(now_ms: int) -> int:
    """The end of tomorrow, or of the day after if tomorrow ends less than 25 hours from now."""
    now_s = now_ms // 1000
    expiration_s = now_s - now_s % DAY_S + 2 * DAY_S
    if expiration_s - now_s < DAY_S + HOUR_S:
        expiration_s += DAY_S
    return expiration_s
