"""How a handler knows that a request comes from this daemon and is not a replay.

``X-Signature: t=1700000000,v1=HEX``: the time in seconds, and HMAC-SHA-256 of that number, a full stop and the body,
with the webhook's secret as the key. A handler refuses signatures older than a few minutes; each try is signed again.
"""

from __future__ import annotations

import hmac

HEADER = "X-Signature"


def signature(secret: bytes, body: bytes, now_ms: int) -> str:
    """The header's value."""
    time_s = now_ms // 1000
    mac = hmac.new(secret, b"%d.%b" % (time_s, body), "sha256")
    return f"t={time_s},v1={mac.hexdigest()}"
