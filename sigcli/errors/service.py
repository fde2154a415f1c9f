"""The service and the connection to it."""

from __future__ import annotations

from sigcli.errors.base import SigcliError, UserError


class ServiceError(SigcliError):
    """The service or the connection to it failed."""

    exit_code = 3


class InvalidEnvironment(UserError):
    """The environment file is not valid."""

    hint = "compare it with an environment file written by `sigcli sandbox run`"


class UnknownEnvironment(UserError):
    """There is no such service environment."""

    hint = "name live, staging, sandbox (while `sigcli sandbox run` is running) or the path of an environment file"


class NotOffered(UserError):
    """The service environment does not offer this."""


class UnsupportedProxy(UserError):
    """This kind of proxy is not supported."""

    hint = "set HTTPS_PROXY or ALL_PROXY to http://HOST:PORT, or name the host in NO_PROXY"


class Unreachable(ServiceError):
    """The service cannot be reached."""

    hint = "check the network connection and the proxy settings (HTTPS_PROXY, ALL_PROXY)"


class TimedOut(ServiceError):
    """The service did not answer in time."""

    hint = "try again later"


class TlsRejected(ServiceError):
    """The TLS certificate of the service is not the expected one."""

    hint = (
        "something on the network may be intercepting connections, or this machine's clock is wrong"
    )


class ProxyRefused(ServiceError):
    """The proxy refused to connect to the service."""

    hint = "check HTTPS_PROXY and ALL_PROXY"


class NotTheService(ServiceError):
    """The answer came from something in between, not from the service."""

    hint = "sign in to the network (captive portal) or fix the proxy, then try again"


class MalformedAnswer(ServiceError):
    """The service sent an answer in an unexpected form."""


class ConnectionLost(ServiceError):
    """The connection to the service was lost."""

    hint = "try again"
    reconnectable = True

    def __init__(
        self, message: str | None = None, *, close_code: int | None = None, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.close_code = close_code
        self.reason = reason


class ConnectedElsewhere(ConnectionLost):
    """This device is already receiving in another process or on another machine."""

    hint = "stop the other one; each device needs its own link"
    reconnectable = False


class ReauthenticationRequired(ConnectionLost):
    """The service ended the login: the device was removed or the account was registered again."""

    hint = "link or register this device again if it is gone from the account's list of devices"
    reconnectable = False


class LoginRefused(ConnectionLost):
    """The service refused the login of this device."""

    hint = "if the device was removed or the account registered elsewhere, link or register again"
    reconnectable = False


class AttestationFailed(ServiceError):
    """The enclave did not prove that it is the expected one; nothing was sent to it.

    ``check`` names the check that failed.
    """

    hint = "check the clock of this computer and install the newest version of sigcli"

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(f"the enclave's attestation failed the check of the {check}: {detail}")
        self.check = check


class PinBackupRefused(ServiceError):
    """The enclave did not keep the data that the PIN protects."""

    hint = (
        "it was lost, or someone is trying to guess the PIN: run setPin again, preferably with a longer one;"
        " until that succeeds, do not rely on the PIN"
    )


class DirectoryTokenRefused(ServiceError):
    """Contact discovery does not know the token of the last lookup."""

    hint = "try again"


class UnexpectedStatus(ServiceError):
    """The service answered with an unexpected status."""

    def __init__(
        self,
        message: str | None = None,
        *,
        status: int = 0,
        retry_after_s: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.retry_after_s = retry_after_s


class BadRequest(UnexpectedStatus):
    """The service refused the request as malformed."""


class Unauthorized(UnexpectedStatus):
    """The service did not accept the login or the access key."""


class Forbidden(UnexpectedStatus):
    """The service does not permit this."""


class NotFound(UnexpectedStatus):
    """The service does not know what was asked for."""


class Conflict(UnexpectedStatus):
    """The request conflicts with the current state at the service."""


class MismatchedDevices(Conflict):
    """A message was not addressed to exactly the devices of an account."""

    def __init__(self, missing: tuple[int, ...] = (), extra: tuple[int, ...] = ()) -> None:
        super().__init__(status=409)
        self.missing = missing
        self.extra = extra


class Gone(UnexpectedStatus):
    """What was asked for is no longer there."""


class StaleDevices(Gone):
    """Some sessions are older than the devices they are with."""

    def __init__(self, stale: tuple[int, ...] = ()) -> None:
        super().__init__(status=410)
        self.stale = stale


class RecipientMismatch(UnexpectedStatus):
    """A message to several accounts was not addressed to exactly their devices.

    ``accounts`` maps a service id's text to a MismatchedDevices or a StaleDevices.
    """

    def __init__(self, status: int, accounts: dict[str, MismatchedDevices | StaleDevices]) -> None:
        super().__init__(status=status)
        self.accounts = accounts


class DeviceLimitExceeded(UnexpectedStatus):
    """The account has as many devices as the service permits."""

    hint = "remove a device that is no longer used"

    def __init__(self, current: int | None = None, maximum: int | None = None) -> None:
        super().__init__(status=411)
        self.current = current
        self.maximum = maximum


class PreconditionFailed(UnexpectedStatus):
    """The service no longer accepts this from this kind of device."""


class PayloadTooLarge(UnexpectedStatus):
    """The request is larger than the service accepts."""


class CodeTransportImpossible(UnexpectedStatus):
    """The verification code cannot be sent in this way."""

    hint = "try the other way: a text message, or a call with --voice"


class InvalidRequest(UnexpectedStatus):
    """The service refused a value in the request."""


class RegistrationLocked(UnexpectedStatus):
    """The account is protected by a registration lock PIN."""

    exit_code = 1
    hint = "give its PIN with --pin; without it the lock ends once the account has not been used for seven days"

    def __init__(
        self,
        *,
        time_remaining_ms: int | None = None,
        svr2_username: str | None = None,
        svr2_password: str | None = None,
    ) -> None:
        super().__init__(status=423)
        self.time_remaining_ms = time_remaining_ms
        self.svr2_username = svr2_username
        self.svr2_password = svr2_password


class ChallengeRequired(UnexpectedStatus):
    """The service wants proof that a person is sending this."""

    exit_code = 5
    hint = "solve the captcha and submit it with submitRateLimitChallenge, or wait"

    def __init__(
        self,
        *,
        token: str = "",
        options: tuple[str, ...] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(status=428, retry_after_s=retry_after_s)
        self.token = token
        self.options = options


class CaptchaRejected(UnexpectedStatus):
    """The service did not accept the captcha."""

    exit_code = 6
    hint = "solve a new captcha from the same network and use its link at once"


class RateLimited(UnexpectedStatus):
    """Rate limit reached: the service accepts no more such requests for now."""

    exit_code = 5
    hint = "wait before trying again"


class CodeProviderRefused(UnexpectedStatus):
    """The provider that sends verification codes refused."""

    def __init__(self, reason: str = "", *, permanent: bool = False) -> None:
        super().__init__(status=440)
        self.reason = reason
        self.permanent = permanent


class TotpRequired(UnexpectedStatus):
    """The account is protected by a one-time password, which is missing or wrong."""

    hint = "such an account cannot be registered here yet: use the official app, and link this machine to it"


class UseWebsocket(UnexpectedStatus):
    """The service no longer accepts this request outside the websocket."""


class ClientRefused(UnexpectedStatus):
    """The service no longer accepts this version of the client."""

    hint = "install the newest version of sigcli"


class ServerRejected(UnexpectedStatus):
    """The service is rejecting such requests at the moment."""

    hint = "wait a while before trying again"


class ServerUnavailable(UnexpectedStatus):
    """The service has an internal problem."""

    hint = "try again later"


class IncompleteProvisioning(ServiceError):
    """The phone did not send what a linked device needs."""

    hint = "update the app on the phone and run link again"


class GroupConflict(ServiceError):
    """Others kept changing the group in the meantime."""

    hint = "try again"


class StorageConflict(ServiceError):
    """Other devices kept writing to the storage service in the meantime."""

    hint = "sigcli receive tries again"


class StorageRolledBack(ServiceError):
    """The storage service returned an older state of the account than before: it was ignored."""

    hint = "sigcli receive tries again; if this goes on, the service has lost or is withholding what was stored later"


class StorageInconsistent(ServiceError):
    """The data for the storage service is inconsistent: nothing was written."""

    hint = "please report this; the account's contacts and groups are unharmed"


class GroupCredentialUnavailable(ServiceError):
    """The service gave no credential for your profile, which membership in groups needs."""

    hint = "give the profile a name with sigcli updateProfile, then try again"
