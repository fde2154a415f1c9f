"""``register`` and ``verify``: becoming the primary device of a number's account.

They are two runs of the program, with the verification session between them. The account's keys are made by the
second one, in a folder that becomes an account when the service has accepted them. If the answer is lost on the way,
``verify`` once more registers again with the same session.
"""

from __future__ import annotations

import enum
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.client.account import open_account, system_clock
from sigcli.client.new_account import (
    Applicant,
    finish_registration,
    register_account,
    stored_recovery_password,
)
from sigcli.client.settings import DEFAULT_ENVIRONMENT
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import (
    AlreadyRegistered,
    BadRequest,
    Forbidden,
    InvalidNumber,
    InvalidRequest,
    LoginRefused,
    NotFound,
    RegistrationLocked,
    Unauthorized,
    UsageError,
)
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.client.new_account import Registered
    from sigcli.client.settings import Settings
    from sigcli.client.verification import Verification
    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.environments import Environment
    from sigcli.store.accounts import LocalAccount

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SEPARATORS = str.maketrans("", "", " -./()\u00a0\u2009\u202f")
_DAY_MS = 24 * 3600 * 1000
_NO_RECOVERY = (BadRequest, Forbidden, InvalidRequest, NotFound, Unauthorized)
"""What a service answers that holds no recovery password of this number, another one, or knows no such thing."""


class Begun(enum.Enum):
    """How far ``register`` has come."""

    CODE_SENT = enum.auto()
    VERIFIED = enum.auto()
    """The right code was handed in earlier: ``verify`` with it once more finishes."""
    REGISTERED = enum.auto()
    """An account that was here has come back by its recovery password: there is nothing to verify."""
    REACTIVATED = enum.auto()
    """The account had only signed off (``unregister``), and receives again."""


def register_number(
    settings: Settings,
    *,
    voice: bool = False,
    captcha: str | None = None,
    reregister: bool = False,
    language: str | None = None,
    warn_first: Callable[[], None] = lambda: None,
    random: RandomSource = secure_random,
    clock: Callable[[], int] = system_clock,
) -> Begun:
    """Have a code sent to the settings' account, a number, or bring back what was registered here before.

    ``captcha`` may have the scheme of its link; ``language`` is that of the message, such as ``de``; ``warn_first`` is
    called before anything is asked for. Raises InvalidNumber, AlreadyRegistered unless ``reregister``, and as
    ``Verification.request_code``.
    """
    from sigcli.client.captchas import registration_captcha
    from sigcli.service.resources.verification import SMS, VOICE

    applicant = _applicant(settings, random, clock)
    environment = _environment(applicant)
    if captcha is not None:
        captcha = registration_captcha(captcha, environment.registration_captcha_url)
    known = applicant.local_account()
    if known is not None and not reregister:
        if _reactivates(applicant, known):
            return Begun.REACTIVATED
        _require_dead(applicant, known)
    warn_first()
    with _chat(applicant, environment) as chat:
        if known is not None and _comes_back(chat, applicant, known):
            return Begun.REGISTERED
        verification = _verification(chat, applicant, environment)
        session = verification.request_code(VOICE if voice else SMS, captcha, language)
    return Begun.VERIFIED if session.verified else Begun.CODE_SENT


def verify_number(
    settings: Settings,
    code: str,
    *,
    random: RandomSource = secure_random,
    clock: Callable[[], int] = system_clock,
) -> Registered:
    """Hand in the code and become the primary device; what fails before that can be repeated.

    Raises InvalidNumber, RegistrationLocked, TotpRequired, ClientRefused, and as ``Verification.submit_code``.
    """
    code = plain_code(code)
    applicant = _applicant(settings, random, clock)
    environment = _environment(applicant)
    with _chat(applicant, environment) as chat:
        verification = _verification(chat, applicant, environment)
        session_id = verification.submit_code(code)
        with _lock_explained():
            registered = register_account(chat, applicant, session_id=session_id)
    verification.forget()
    finish_registration(applicant, registered)
    return registered


def international_number(text: str | None) -> str:
    """A number in its international form (E.164) without separators; raises InvalidNumber, UsageError for none."""
    if text is None:
        raise UsageError("which number? name it with -a", hint=InvalidNumber.hint)
    number = text.strip().translate(_SEPARATORS)
    if not _NUMBER.fullmatch(number):
        raise InvalidNumber
    return number


def plain_code(text: str) -> str:
    """A verification code as it is handed in: the digits; raises UsageError for anything else."""
    code = text.translate(_SEPARATORS)
    if not (code.isascii() and code.isdigit()):
        raise UsageError("a verification code consists of digits, such as 123-456")
    return code


# --- an account that is here already --------------------------------------------------------------


def _reactivates(applicant: Applicant, entry: LocalAccount) -> bool:
    """Take up receiving again, where this machine is the primary device and had signed off."""
    from sigcli.client.update_account import refresh_attributes

    with open_account(applicant.settings_of(entry.aci)) as account:
        if (
            not account.keys.is_primary
            or read_setting(account.database, account_data.REGISTERED) is not False
        ):
            return False
        try:
            refresh_attributes(account)
        except (Unauthorized, LoginRefused):
            return False
    return True


def _require_dead(applicant: Applicant, entry: LocalAccount) -> None:
    """Raises AlreadyRegistered if the service takes the account's login, and what goes wrong on the way."""
    from sigcli.service.resources.accounts import whoami

    with open_account(applicant.settings_of(entry.aci)) as account:
        try:
            whoami(account.identified)
        except (Unauthorized, LoginRefused):
            return
        with account.database.transaction() as database:
            write_setting(database, account_data.REGISTERED, True)
        if account.keys.is_primary:
            raise AlreadyRegistered
        raise AlreadyRegistered(
            "this machine is linked to the account of this number",
            hint="--reregister makes it the primary device and signs the phone out",
        )


def _comes_back(chat: UnlinkedChat, applicant: Applicant, entry: LocalAccount) -> bool:
    """Register again without a code, where this machine was the primary device and the service agrees."""
    password = stored_recovery_password(applicant, entry)
    if password is None:
        return False
    try:
        with _lock_explained():
            registered = register_account(chat, applicant, recovery_password=password)
    except _NO_RECOVERY:
        return False
    finish_registration(applicant, registered)
    return True


@contextmanager
def _lock_explained() -> Iterator[None]:
    """Say of a registration lock what there is to be done."""
    try:
        yield
    except RegistrationLocked as error:
        left_ms = error.time_remaining_ms
        end = "after seven days without use of the account"
        if left_ms:
            days = -(-left_ms // _DAY_MS)
            end = f"in {days} day{'' if days == 1 else 's'} if the account is not used until then"
        error.hint = (
            f"sigcli cannot enter a PIN yet; the lock ends {end}, then run sigcli verify again"
            " (after register, if the code has expired). The device that has used the number so far"
            " may have been signed out by this attempt: open the app there to sign in"
        )
        raise


# --- the service ----------------------------------------------------------------------------------


def _applicant(settings: Settings, random: RandomSource, clock: Callable[[], int]) -> Applicant:
    name = settings.stored_environment or DEFAULT_ENVIRONMENT
    return Applicant(settings, international_number(settings.account), name, random, clock)


def _environment(applicant: Applicant) -> Environment:
    from sigcli.service.environments import load_environment

    return load_environment(applicant.environment_name, applicant.settings.data_dir)


@contextmanager
def _chat(applicant: Applicant, environment: Environment) -> Iterator[UnlinkedChat]:
    from sigcli.crypto.probe import require_primitives
    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.network import Network

    require_primitives()
    applicant.settings.data_directory.clean_up(applicant.clock())
    with UnlinkedChat(Network(environment, trace=applicant.settings.trace)) as chat:
        yield chat


def _verification(
    chat: UnlinkedChat, applicant: Applicant, environment: Environment
) -> Verification:
    from sigcli.client.verification import Verification

    return Verification(
        chat,
        str(applicant.settings.data_dir),
        applicant.environment_name,
        applicant.number,
        captcha_url=environment.registration_captcha_url,
        clock=applicant.clock,
    )
