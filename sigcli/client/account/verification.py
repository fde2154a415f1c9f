"""Proving control of a number: a session at the service that outlives single runs of the program.

The session is kept until the account is registered, so that a wrong code or captcha can be mended by repeating the
command. One that the service has forgotten, or that can lead to nothing any more, is replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.account.captchas import captcha_hint, registration_captcha
from sigcli.errors import (
    BadRequest,
    CaptchaRejected,
    CaptchaRequired,
    CodeProviderRefused,
    Conflict,
    InvalidNumber,
    InvalidRequest,
    NotFound,
    NothingToVerify,
    RateLimited,
    WrongVerificationCode,
)
from sigcli.service.resources import verification as service
from sigcli.store.pending_registrations import (
    PendingRegistration,
    forget_pending,
    load_pending,
    save_pending,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.resources.verification import VerificationSession

_CAPTCHA_FIRST = 409


class Verification:
    """The verification of one number with one service.

    ``environment`` is the service's name here, ``captcha_url`` the page where it gives out captchas. ``begin`` asks for
    a code, if not for a registration; ``repeat`` is the command that takes it.
    """

    def __init__(
        self,
        chat: UnlinkedChat,
        data_dir: str,
        environment: str,
        number: str,
        *,
        captcha_url: str | None,
        clock: Callable[[], int],
        begin: str | None = None,
        repeat: str = "sigcli verify",
    ) -> None:
        self._chat = chat
        self._data_dir = data_dir
        self._environment = environment
        self._number = number
        self._captcha_url = captcha_url
        self._clock = clock
        self._begin = begin
        self._repeat = repeat

    def request_code(
        self, transport: str, captcha: str | None, language: str | None
    ) -> VerificationSession:
        """Have a code sent; the session is verified already where an earlier run got as far as that.

        Raises CaptchaRequired, CaptchaRejected, CodeTransportImpossible, CodeProviderRefused, RateLimited,
        InvalidNumber, ServiceError.
        """
        if captcha is not None:
            captcha = registration_captcha(captcha, self._captcha_url)
        session = self._known_session()
        try:
            if session is not None:
                return self._request(session, transport, captcha, language)
        except NotFound:
            self.forget()
        return self._request(self._new_session(), transport, captcha, language)

    def submit_code(self, code: str) -> str:
        """The id of a session that is verified, by this code or before.

        Raises NothingToVerify, WrongVerificationCode, RateLimited, ServiceError.
        """
        pending = load_pending(self._data_dir, self._environment, self._number)
        if pending is None:
            raise NothingToVerify(hint=self._begin)
        try:
            session = self._submit(pending.session_id, code)
        except (NotFound, InvalidRequest):
            self.forget()
            raise NothingToVerify(
                "the service has forgotten this verification: it took too long", hint=self._begin
            ) from None
        if not session.verified:
            raise WrongVerificationCode(hint=self._wrong_code_hint(session))
        return session.id

    def forget(self) -> None:
        """Forget the session: the number is registered, or the session leads to nothing."""
        forget_pending(self._data_dir, self._environment, self._number)

    # --- the session -------------------------------------------------------------------------

    def _known_session(self) -> VerificationSession | None:
        pending = load_pending(self._data_dir, self._environment, self._number)
        if pending is None:
            return None
        try:
            session = service.fetch(self._chat, pending.session_id)
        except (NotFound, BadRequest, InvalidRequest):
            return None
        return None if session.is_dead else session

    def _new_session(self) -> VerificationSession:
        try:
            session = service.create(self._chat, self._number)
        except InvalidRequest:
            raise InvalidNumber("the service does not accept this as a phone number") from None
        except RateLimited as error:
            raise _worded(error, "begin another verification of this number") from None
        pending = PendingRegistration(self._number, self._environment, session.id, self._clock())
        save_pending(self._data_dir, pending)
        return session

    # --- the code ----------------------------------------------------------------------------

    def _request(
        self,
        session: VerificationSession,
        transport: str,
        captcha: str | None,
        language: str | None,
    ) -> VerificationSession:
        if session.verified:
            return session
        if session.needs_captcha:
            session = self._submit_captcha(session, captcha)
        try:
            return service.request_code(self._chat, session.id, transport, language)
        except Conflict:
            return service.fetch(self._chat, session.id)
        except BadRequest as error:
            if error.status == _CAPTCHA_FIRST:
                raise self._captcha_required() from None
            raise
        except RateLimited as error:
            if error.retry_after_s is None:
                self.forget()  # waiting does not help: the next try begins anew
            raise _worded(error, "send another code to this number") from None
        except CodeProviderRefused as error:
            raise _provider_refused(error) from None

    def _submit_captcha(
        self, session: VerificationSession, captcha: str | None
    ) -> VerificationSession:
        if captcha is None:
            raise self._captcha_required()
        try:
            session = service.submit_captcha(self._chat, session.id, captcha)
        except RateLimited as error:
            raise _worded(error, "accept another captcha") from None
        except CaptchaRejected as error:
            error.hint = f"a captcha is good once and for some minutes: {self._captcha_hint()}"
            raise
        if session.needs_captcha:
            raise CaptchaRejected(hint=self._captcha_hint())
        return session

    def _submit(self, session_id: str, code: str) -> VerificationSession:
        # A code counts once: where an earlier run has handed it in and failed later, it is not needed again.
        session = service.fetch(self._chat, session_id)
        if session.verified:
            return session
        try:
            return service.submit_code(self._chat, session_id, code)
        except RateLimited as error:
            raise _worded(error, "accept another code for this number") from None
        except Conflict:
            session = service.fetch(self._chat, session_id)
            if session.verified:
                return session
            raise NothingToVerify(
                "no code was sent for this number yet", hint=self._begin
            ) from None

    def _wrong_code_hint(self, session: VerificationSession) -> str | None:
        wait_s = session.next_attempt_s
        return f"repeat {self._repeat} in {wait_s} seconds" if wait_s else None

    def _captcha_required(self) -> CaptchaRequired:
        return CaptchaRequired(hint=self._captcha_hint())

    def _captcha_hint(self) -> str:
        return captcha_hint(self._captcha_url)


def _worded(error: RateLimited, doing: str) -> RateLimited:
    wait_s = error.retry_after_s
    when = "for now" if wait_s is None else f"for {wait_s} seconds"
    return RateLimited(
        f"Rate limit reached: the service does not {doing} {when}",
        status=error.status,
        retry_after_s=wait_s,
    )


def _provider_refused(error: CodeProviderRefused) -> CodeProviderRefused:
    worded = CodeProviderRefused(error.reason, permanent=error.permanent)
    worded.hint = (
        "this number gets no code: use another number"
        if error.permanent
        else "try again later, or with a call instead of a message (--voice)"
    )
    return worded
