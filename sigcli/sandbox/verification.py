"""Verification sessions: the server's record of an attempt to prove control of a number."""

from __future__ import annotations

import secrets
from dataclasses import asdict, field
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.sandbox.fields import encode_url_safe

if TYPE_CHECKING:
    from sigcli.sandbox.database import Database

CAPTCHA = "captcha"
PUSH_CHALLENGE = "pushChallenge"
MAX_CODE_ATTEMPTS = 10
CODE_INTERVAL_MS = 60_000
SESSION_LIFE_MS = 3_600_000
_SESSION = "verification-session"
_CODE = "verification-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session; ``requested`` is what must be given before a code can be requested."""

    id: str
    number: str = field(repr=False)
    created_ms: int
    requested: tuple[str, ...] = (CAPTCHA,)
    push_challenge: str | None = field(default=None, repr=False)
    allowed: bool = False
    verified: bool = False
    code: str | None = field(default=None, repr=False)
    code_sent_ms: int | None = None
    attempts: int = 0

    def given(self, information: str) -> Session:
        """The session after something requested was given; it counts for the other kind, too."""
        other = PUSH_CHALLENGE if information == CAPTCHA else CAPTCHA
        left = tuple(kind for kind in self.requested if kind not in (information, other))
        was_requested = information in self.requested
        return replace(self, requested=left, allowed=(self.allowed or was_requested) and not left)

    def with_push_challenge(self) -> Session:
        """The session with a challenge that a push notification carries."""
        if self.push_challenge is not None:
            return self
        return replace(
            self,
            push_challenge=secrets.token_hex(16),
            requested=(PUSH_CHALLENGE, *self.requested),
        )

    def next_code_s(self, now_ms: int, *, limited: bool) -> int | None:
        """Seconds until another code can be asked for; None if never again."""
        if self.verified:
            return None
        if not limited or self.code_sent_ms is None:
            return 0
        return max(0, -(-(self.code_sent_ms + CODE_INTERVAL_MS - now_ms) // 1000))

    def next_attempt_s(self) -> int | None:
        """Seconds until a code can be submitted; None if never, or not before one was sent."""
        usable = self.code is not None and not self.verified
        return 0 if usable and self.attempts < MAX_CODE_ATTEMPTS else None

    def to_json(self, now_ms: int, *, limited: bool) -> dict[str, Any]:
        next_code_s = self.next_code_s(now_ms, limited=limited)
        return {
            "id": self.id,
            "nextSms": next_code_s,
            "nextCall": next_code_s,
            "nextVerificationAttempt": self.next_attempt_s(),
            "allowedToRequestCode": self.allowed,
            "requestedInformation": list(self.requested),
            "verified": self.verified,
        }


class Sessions:
    """All sessions, and the last code that was sent to each number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, number: str, now_ms: int) -> Session:
        session = Session(
            id=encode_url_safe(secrets.token_bytes(24)), number=number, created_ms=now_ms
        )
        return self.put(session)

    def put(self, session: Session) -> Session:
        self._database.put(_SESSION, session.id, asdict(session))
        return session

    def get(self, id: str, now_ms: int) -> Session | None:
        """A session that has not expired."""
        held = self._database.get(_SESSION, id)
        if held is None:
            return None
        session = Session(**{**held, "requested": tuple(held["requested"])})
        if now_ms - session.created_ms > SESSION_LIFE_MS:
            self._database.delete(_SESSION, id)
            return None
        return session

    def send_code(self, session: Session, now_ms: int) -> Session:
        """Create a code of six digits, as a text message would bring it."""
        code = f"{secrets.randbelow(1_000_000):06d}"
        self._database.put(_CODE, session.number, code)
        return self.put(replace(session, code=code, code_sent_ms=now_ms))

    def last_code(self, number: str) -> str | None:
        """The last code that was sent to a number."""
        code: str | None = self._database.get(_CODE, number)
        return code
