"""Rate limits: leaky buckets with the sizes of the public Signal-Server, off until switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sigcli.sandbox.exchange import retry_later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.sandbox.clock import Clock


class Bucket(NamedTuple):
    """The size of a bucket, and how many seconds each token takes to come back."""

    size: float
    seconds_per_token: float


_MIB = 1 << 20
BUCKETS: Mapping[str, Bucket] = {
    "registration": Bucket(6, 30),
    "captcha": Bucket(10, 30),
    "push-challenge": Bucket(5, 30),
    "prekeys": Bucket(6, 600),
    "messages": Bucket(60, 1),
    "stories": Bucket(5000, 8),
    "inbound-bytes": Bucket(128 * _MIB, 0.5 / 1000),
    "attachments": Bucket(50, 1.2),
    "attachment-bytes": Bucket(1000 * _MIB, 0.1 / 1000),
    "sticker-pack": Bucket(50, 72 * 60),
    "profile": Bucket(4320, 20),
    "allocate-device": Bucket(6, 120),
    "link-device": Bucket(6, 120),
    "username-reserve": Bucket(100, 900),
    "username-set": Bucket(100, 900),
    "username-lookup": Bucket(100, 900),
    "username-link": Bucket(10, 60),
    "username-link-lookup": Bucket(100, 15),
    "account-exists": Bucket(1000, 4),
    "identity-check": Bucket(100, 60),
    "pin": Bucket(10, 8640),
    "backup-auth-check": Bucket(100, 900),
    "service-logins": Bucket(100, 900),
    # The sandbox's own figure: the service's is not public.
    "directory-numbers": Bucket(5000, 60),
    "challenge-tries": Bucket(10, 864),
    "wait-for-linked-device": Bucket(10, 30),
}


class Limits:
    """Counts uses by bucket and key; refuses none while switched off."""

    def __init__(self, clock: Clock, *, enabled: bool = False) -> None:
        self._clock = clock
        self._levels: dict[tuple[str, str], tuple[float, int]] = {}
        self.enabled = enabled

    def use(self, bucket: str, key: object, amount: float = 1) -> None:
        """Take from a bucket; raises Refused (429 with Retry-After) if there is not enough in it."""
        if not self.enabled:
            return
        size, seconds_per_token = BUCKETS[bucket]
        now_ms = self._clock.now_ms()
        level, at_ms = self._levels.get((bucket, str(key)), (size, now_ms))
        level = min(size, level + (now_ms - at_ms) / 1000 / seconds_per_token)
        if level < amount:
            raise retry_later((amount - level) * seconds_per_token)
        self._levels[bucket, str(key)] = (level - amount, now_ms)

    def clear(self, bucket: str, key: object) -> None:
        """Fill a bucket again."""
        self._levels.pop((bucket, str(key)), None)
