"""``register`` and ``verify``: becoming the primary device of a number's account.

They are two runs of the program, with the verification session between them. The account's keys are made by the
second one, in a folder that becomes an account when the service has accepted them. If the answer is lost on the way,
``verify`` once more registers again with the same session.
"""

from __future__ import annotations

import enum
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.client.account.new_account import (
    Applicant,
    Registered,
    finish_registration,
    register_account,
    stored_recovery_password,
)
from sigcli.client.base.account import open_account, system_clock
from sigcli.client.base.settings import DEFAULT_ENVIRONMENT
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import (
    AlreadyRegistered,
    AlreadyVerified,
    BadRequest,
    Forbidden,
    InvalidNumber,
    InvalidRequest,
    LoginRefused,
    NotFound,
    NothingToVerify,
    PinDataMissing,
    RegistrationLocked,
    Unauthorized,
    UsageError,
    WrongPin,
)
from sigcli.lazy_dataclass import replace
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting
from sigcli.wire.addresses import is_e164

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.client.account.verification import Verification
    from sigcli.client.base.settings import Settings
    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.environments import Environment
    from sigcli.store.accounts_file import LocalAccount

_SEPARATORS = str.maketrans("", "", " -./()\u00a0\u2009\u202f")
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
    called before anything is asked for. Raises InvalidNumber, AlreadyRegistered unless ``reregister``, CaptchaRequired,
    CaptchaRejected, RateLimited, ServiceError.
    """
    from sigcli.client.account.captchas import registration_captcha
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
    pin: str | None = None,
    *,
    random: RandomSource = secure_random,
    clock: Callable[[], int] = system_clock,
) -> Registered:
    """Hand in the code and become the primary device; what fails before that can be repeated.

    The PIN opens a registration lock, and brings back what the service keeps of the account. Where the number is
    registered already and only the PIN was missing or wrong, the code is not needed again.

    Raises InvalidNumber, AlreadyVerified, RegistrationLocked, WrongPin with the tries that are left, PinDataMissing,
    AttestationFailed, TotpRequired, ClientRefused, NothingToVerify, WrongVerificationCode, RateLimited.
    """
    code = plain_code(code)
    applicant = _applicant(settings, random, clock)
    environment = _environment(applicant)
    if pin is not None and (entry := _awaits_pin(applicant)) is not None:
        try:
            return _restore(applicant, Registered(entry.aci, applicant.number, True), pin)
        except (Unauthorized, LoginRefused):
            pass  # the account was registered elsewhere since
    with _chat(applicant, environment) as chat:
        verification = _verification(chat, applicant, environment)
        try:
            session_id = verification.submit_code(code)
        except NothingToVerify:
            if _is_registered(applicant):
                raise AlreadyVerified from None
            raise
        registered = _register_by_session(chat, applicant, environment, session_id, pin)
    verification.forget()
    finish_registration(applicant, registered)
    if pin is not None and registered.may_restore:
        return _restore(applicant, registered, pin)
    return registered


def international_number(text: str | None) -> str:
    """A number in its international form (E.164) without separators; raises InvalidNumber, UsageError for none."""
    if text is None:
        raise UsageError("which number?", hint=f"name it with -a NUMBER; {InvalidNumber.hint}")
    number = text.strip().translate(_SEPARATORS)
    if not is_e164(number):
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
    from sigcli.client.account.update_account import refresh_attributes

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
    """Raises AlreadyRegistered if the service takes the account's login, and ServiceError."""
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


def _is_registered(applicant: Applicant) -> bool:
    """Whether this machine has a registered account of the number, as far as it knows."""
    entry = applicant.local_account()
    if entry is None:
        return False
    with open_account(applicant.settings_of(entry.aci)) as account:
        return read_setting(account.database, account_data.REGISTERED) is True


def _comes_back(chat: UnlinkedChat, applicant: Applicant, entry: LocalAccount) -> bool:
    """Register again without a code, where this machine was the primary device and the service agrees."""
    password = stored_recovery_password(applicant, entry)
    if password is None:
        return False
    try:
        registered = register_account(chat, applicant, recovery_password=password)
    except (*_NO_RECOVERY, RegistrationLocked):
        return False  # a code is needed, and for a lock that another device has set, its PIN
    finish_registration(applicant, registered)
    return True


# --- the PIN --------------------------------------------------------------------------------------


def _register_by_session(
    chat: UnlinkedChat,
    applicant: Applicant,
    environment: Environment,
    session_id: str,
    pin: str | None,
) -> Registered:
    """Register, and where the number is locked, open the lock with the PIN."""
    from sigcli.client.account.pin_recovery import lock_end, open_lock
    from sigcli.service.network import Network

    try:
        return register_account(chat, applicant, session_id=session_id, awaits_pin=pin is not None)
    except RegistrationLocked as lock:
        lock.hint = _lock_hint(lock)
        if pin is None:
            raise
        network = Network(environment, trace=applicant.settings.trace)
        recovered = open_lock(network, lock, pin, applicant.clock(), applicant.random)
    try:
        return register_account(chat, applicant, session_id=session_id, recovered=recovered)
    except RegistrationLocked as lock:
        lock.hint = (
            "the PIN is right, but the lock was made with another key than the one behind it;"
            f" it ends {lock_end(lock)}"
        )
        raise


def _awaits_pin(applicant: Applicant) -> LocalAccount | None:
    """The account of the number, if it is registered here and only what its PIN brings back is missing."""
    entry = applicant.local_account()
    if entry is None:
        return None
    with applicant.settings.data_directory.open_database(entry) as database:
        until_ms = read_setting(database, account_data.PIN_RESTORE_UNTIL_MS)
        registered = read_setting(database, account_data.REGISTERED)
    return entry if registered and until_ms is not None and applicant.clock() < until_ms else None


def _restore(applicant: Applicant, registered: Registered, pin: str) -> Registered:
    """Bring back what the PIN opens; the account is registered whatever comes of it. Raises WrongPin."""
    from sigcli.client.account.restoring import restore_by_pin

    with open_account(applicant.settings_of(registered.aci)) as account:
        try:
            restore_by_pin(account, pin)
        except PinDataMissing:
            account.warn(
                "no enclave keeps anything behind a PIN of this account: contacts and groups stay lost"
            )
            return replace(registered, may_restore=False)
        except WrongPin as error:
            error.hint = (
                "the number is registered, but its contacts and groups are not back yet: run sigcli verify again with"
                " the same code and the right PIN"
            )
            raise
    return replace(registered, may_restore=False, has_pin=True, is_locked=False)


def _lock_hint(lock: RegistrationLocked) -> str:
    from sigcli.client.account.pin_recovery import lock_end

    return (
        "run sigcli verify again with --pin PIN (after register, if the code has expired). Without the PIN, the lock"
        f" ends {lock_end(lock)}. The device that has used the number so far may have been signed out by this"
        " attempt: open the app there to sign in"
    )


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
    from sigcli.client.account.verification import Verification

    return Verification(
        chat,
        str(applicant.settings.data_dir),
        applicant.environment_name,
        applicant.number,
        captcha_url=environment.registration_captcha_url,
        clock=applicant.clock,
    )
