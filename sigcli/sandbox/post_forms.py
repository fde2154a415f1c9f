"""Forms for uploading a file to CDN 0 in S3's format: a policy, signed with a key of the day.

Source: ``PostPolicyGenerator`` of the public Signal-Server and Amazon's Signature Version 4.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.sandbox.state import State

_ALGORITHM = "AWS4-HMAC-SHA256"
_ACL = "private"
_REGION = "sandbox"
_LIFE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class PostForm:
    """The fields of a multipart POST, by the names that Signal-Server gives them."""

    key: str
    credential: str
    date: str
    policy: str
    signature: str = field(repr=False)
    acl: str = _ACL
    algorithm: str = _ALGORITHM

    def to_json(self) -> dict[str, str]:
        return {
            "key": self.key,
            "credential": self.credential,
            "acl": self.acl,
            "algorithm": self.algorithm,
            "date": self.date,
            "policy": self.policy,
            "signature": self.signature,
        }


def make_post_form(state: State, key: str, max_size: int) -> PostForm:
    """Permission to upload one file under a key."""
    now = datetime.fromtimestamp(state.clock.now_s(), UTC)
    date, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    credential = f"sandbox/{day}/{_REGION}/s3/aws4_request"
    policy = {
        "expiration": (now + _LIFE).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "conditions": [
            {"bucket": "sandbox"},
            {"key": key},
            {"acl": _ACL},
            ["starts-with", "$Content-Type", ""],
            ["content-length-range", 1, max_size],
            {"x-amz-credential": credential},
            {"x-amz-algorithm": _ALGORITHM},
            {"x-amz-date": date},
        ],
    }
    encoded = b64encode(json.dumps(policy).encode()).decode()
    return PostForm(key, credential, date, encoded, _signature(state, day, encoded))


def accepts_post(state: State, fields: Mapping[str, str], size: int) -> bool:
    """Whether a returned form carries this server's unexpired policy for this file."""
    try:
        day = fields["x-amz-credential"].split("/")[1]
        encoded = fields["policy"]
        signature = _signature(state, day, encoded)
        if not hmac.compare_digest(signature, fields["x-amz-signature"]):
            return False
        policy = json.loads(b64decode(encoded))
        expires = datetime.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%S%z")
        conditions = policy["conditions"]
    except (KeyError, IndexError, ValueError):
        return False
    if expires.timestamp() < state.clock.now_s():
        return False
    return all(_fulfilled(condition, fields, size) for condition in conditions)


def _fulfilled(condition: Any, fields: Mapping[str, str], size: int) -> bool:
    if isinstance(condition, dict):
        ((name, value),) = condition.items()
        return bool(name == "bucket" or fields.get(name) == value)
    if condition[0] == "content-length-range":
        return bool(condition[1] <= size <= condition[2])
    return True


def _signature(state: State, day: str, policy: str) -> str:
    key = b"AWS4" + state.keys.tag("s3", "access").encode()
    for part in (day, _REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, policy.encode(), "sha256").hex()
