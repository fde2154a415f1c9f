"""Every failure has a name: the whole error tree of sigcli. Imports nothing.

A class carries a stable ``code`` (for JSON), an ``exit_code`` and a ``hint`` that says what to do next. Data travels
as attributes. No message holds message text, key bytes or a full phone number.

    SigcliError                2   a bug, unless a subclass says otherwise
    ├── UserError              1   what the user can mend
    ├── ServiceError           3   the server, the network
    │   ├── UnexpectedStatus   3   an answer with a status; RateLimited and ChallengeRequired 5, CaptchaRejected 6
    │   └── ConnectionLost     3
    ├── StoreError             2   the account on disk: 1 where the user can mend it, 3 for a lock that stayed taken
    ├── ProtocolError          2   a peer's or the server's bytes break a rule; UntrustedIdentity 4
    └── SendUntrusted 4, SendRateLimited 5, SendNetworkFailed 3: a message that reached nobody, by its reason
"""

from __future__ import annotations


class SigcliError(Exception):
    """Something went wrong inside sigcli."""

    code = "unexpected"
    exit_code = 2
    hint: str | None = None

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        sentence = (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(message or sentence.removesuffix("."))
        if hint is not None:
            self.hint = hint

    @property
    def message(self) -> str:
        return str(self.args[0])


class UnexpectedError(SigcliError):
    """A bug in sigcli: this should not have happened."""

    hint = "run the command again with -v and report what it prints"

    def __init__(self, name: str) -> None:
        super().__init__(f"unexpected {name} inside sigcli")


class ReaderGone(SigcliError):
    """The reader of the output has gone; what it did not take is printed at the next receive."""

    code = "readerGone"
    exit_code = 0


# --- what the user can mend ---------------------------------------------------------------------------------------


class UserError(SigcliError):
    """The command cannot be carried out as given."""

    code = "userError"
    exit_code = 1


class InvalidUsername(UserError):
    """This is not a username."""

    code = "invalidUsername"
    hint = "a username looks like name.42: letters, digits and _, then a dot and two or more digits"


class UsernameTooShort(InvalidUsername):
    """The nickname of the username is too short."""

    code = "usernameTooShort"
    hint = "a nickname has 3 to 32 letters, digits or _"


class UsernameTooLong(InvalidUsername):
    """The nickname of the username is too long."""

    code = "usernameTooLong"
    hint = "a nickname has 3 to 32 letters, digits or _"


class UsernameStartsWithDigit(InvalidUsername):
    """A username does not start with a digit."""

    code = "usernameStartsWithDigit"
    hint = "start with a letter or _"


class BadUsernameCharacter(InvalidUsername):
    """A nickname has letters from a to z, digits and _ only."""

    code = "badUsernameCharacter"


class BadDiscriminator(InvalidUsername):
    """The number at the end of the username is not one."""

    code = "badDiscriminator"
    hint = "after the dot come two digits, or more without zeros first; not 00"


class UsernameTaken(UserError):
    """Somebody else has this username."""

    code = "usernameTaken"
    hint = "take another number after the dot, or name the nickname alone and get a number that is free"


class InvalidUsernameLink(UserError):
    """This is not a username link."""

    code = "invalidUsernameLink"
    hint = "a username link looks like https://signal.me/#eu/… and is copied whole"


class UsageError(UserError):
    """The command line is not complete or not understood."""

    code = "usage"
    hint = "sigcli --help lists the commands, sigcli COMMAND --help what one takes"


class NoLocalAccount(UserError):
    """There is no account in the data directory."""

    code = "noLocalAccount"
    hint = "link this computer to a phone (sigcli link) or register a number (sigcli register)"


class SeveralLocalAccounts(UserError):
    """There is more than one account in the data directory."""

    code = "severalLocalAccounts"
    hint = "name one with -a NUMBER; sigcli listAccounts shows them"


class UnknownLocalAccount(UserError):
    """The account named is not in the data directory."""

    code = "unknownLocalAccount"
    hint = "sigcli listAccounts shows the accounts that are; link or register adds one"


class AccountExists(UserError):
    """The account is in the data directory already."""

    code = "accountExists"
    hint = "sigcli deleteLocalAccountData removes what is stored here of an account"


class NoSuchFile(UserError):
    """There is no such file in the account's folder."""

    code = "noSuchFile"


class ValueTooLong(UserError):
    """A value is longer than its field allows."""

    code = "valueTooLong"


class InvalidAccountEntropyPool(UserError):
    """This is not an account entropy pool (recovery key)."""

    code = "invalidAccountEntropyPool"
    hint = "a recovery key has 64 letters and digits"


# --- bytes from a peer or the server ------------------------------------------------------------------------------


class ProtocolError(SigcliError):
    """The bytes of a peer or the server break a rule of the protocol."""

    code = "protocolError"


class InvalidServiceId(ProtocolError):
    """This is not a service id."""

    code = "invalidServiceId"


class MalformedMessage(ProtocolError):
    """The bytes do not parse as the message they should be."""

    code = "malformedMessage"


class InvalidKey(ProtocolError):
    """The bytes are not a valid public or private key."""

    code = "invalidKey"


class InvalidSignature(ProtocolError):
    """A signature does not verify."""

    code = "invalidSignature"


class InvalidMessage(ProtocolError):
    """The message fails its authentication or cannot be decrypted."""

    code = "invalidMessage"


class LegacyMessage(ProtocolError):
    """The message has a version that is no longer accepted."""

    code = "legacyMessage"


class UnrecognisedMessageVersion(ProtocolError):
    """The message has a version that this program does not know."""

    code = "unrecognisedMessageVersion"


class DuplicateMessage(ProtocolError):
    """The message was decrypted before."""

    code = "duplicateMessage"


class NoSession(ProtocolError):
    """There is no session that could decrypt or encrypt this message."""

    code = "noSession"


class InvalidPrekeyId(ProtocolError):
    """The message names a prekey that this device does not hold."""

    code = "invalidPrekeyId"


class InvalidSession(ProtocolError):
    """A stored session record is damaged."""

    code = "invalidSession"


class UntrustedIdentity(ProtocolError):
    """The identity key of a peer is not trusted."""

    code = "untrustedIdentity"
    exit_code = 4

    def __init__(
        self,
        message: str | None = None,
        *,
        identity_key: bytes | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.identity_key = identity_key
        """The key that was refused, 33 bytes."""


class InvalidCertificate(ProtocolError):
    """A sender certificate is not valid: wrong signer, expired, or malformed."""

    code = "invalidCertificate"


class SelfSend(ProtocolError):
    """A sealed message that this very device sent came back."""

    code = "selfSend"


class LimitExceeded(ProtocolError):
    """A message jumps further ahead than the protocol allows."""

    code = "limitExceeded"


class ZkProofFailed(ProtocolError):
    """A zero-knowledge proof or an encrypted group attribute does not verify."""

    code = "zkProofFailed"


class InvalidCredential(ProtocolError):
    """A credential or endorsement is for a time that is not acceptable."""

    code = "invalidCredential"
    hint = "check the clock of this computer"


# --- the service and the way to it ----------------------------------------------------------------


class ServiceError(SigcliError):
    """The service, or the way to it, failed."""

    code = "serviceError"
    exit_code = 3


class InvalidEnvironment(UserError):
    """The environment file is not valid."""

    code = "invalidEnvironment"
    hint = "compare it with an environment file written by `sigcli sandbox run`"


class UnknownEnvironment(UserError):
    """There is no such service environment."""

    code = "unknownEnvironment"
    hint = "name live, staging, sandbox (while `sigcli sandbox run` serves) or the path of a file"


class NotOffered(UserError):
    """The service environment does not offer this."""

    code = "notOffered"


class UnsupportedProxy(UserError):
    """The proxy has a kind that is not supported."""

    code = "unsupportedProxy"
    hint = "set HTTPS_PROXY or ALL_PROXY to http://HOST:PORT, or name the host in NO_PROXY"


class Unreachable(ServiceError):
    """The service cannot be reached."""

    code = "unreachable"
    hint = "check the network connection and the proxy settings (HTTPS_PROXY, ALL_PROXY)"


class TimedOut(ServiceError):
    """The service did not answer in time."""

    code = "timedOut"
    hint = "try again later"


class TlsRejected(ServiceError):
    """The TLS certificate of the service is not the expected one."""

    code = "tlsRejected"
    hint = "something on the way may intercept connections, or the clock of this machine is wrong"


class ProxyRefused(ServiceError):
    """The proxy refused to connect to the service."""

    code = "proxyRefused"
    hint = "check HTTPS_PROXY and ALL_PROXY"


class NotTheService(ServiceError):
    """The answer came from something on the way, not from the service."""

    code = "notTheService"
    hint = "sign in to the network (captive portal) or mend the proxy, then try again"


class MalformedAnswer(ServiceError):
    """The service sent an answer of an unexpected form."""

    code = "malformedAnswer"


class ConnectionLost(ServiceError):
    """The connection to the service was lost."""

    code = "connectionLost"
    hint = "try again"
    reconnectable = True

    def __init__(
        self, message: str | None = None, *, close_code: int | None = None, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.close_code = close_code
        self.reason = reason


class ConnectedElsewhere(ConnectionLost):
    """The same device receives in another process or on another machine."""

    code = "connectedElsewhere"
    hint = "stop the other one; each device needs a link of its own"
    reconnectable = False


class ReauthenticationRequired(ConnectionLost):
    """The service ended the login: the device was removed or the account registered anew."""

    code = "reauthenticationRequired"
    hint = "link or register this device again if it is gone from the account's list of devices"
    reconnectable = False


class LoginRefused(ConnectionLost):
    """The service refused the login of this device."""

    code = "loginRefused"
    hint = "if the device was removed or the account registered elsewhere, link or register again"
    reconnectable = False


class AttestationFailed(ServiceError):
    """The enclave does not prove that it is the expected one; nothing was told to it.

    ``check`` names the check that failed.
    """

    code = "attestationFailed"
    hint = "check the clock of this computer and install the newest version of sigcli"

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(f"the attestation of the enclave fails its check of the {check}: {detail}")
        self.check = check


class PinBackupRefused(ServiceError):
    """The enclave does not keep what it was given behind the PIN."""

    code = "pinBackupRefused"
    hint = (
        "it was lost, or somebody tries to guess the PIN: run setPin again, best with a longer one;"
        " until that succeeds, count on no PIN"
    )


class DirectoryTokenRefused(ServiceError):
    """Contact discovery does not know the token of the last lookup."""

    code = "directoryTokenRefused"
    hint = "try again"


class UnexpectedStatus(ServiceError):
    """The service answered with an unexpected status."""

    code = "unexpectedStatus"

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

    code = "badRequest"


class Unauthorized(UnexpectedStatus):
    """The service did not accept the login or the access key."""

    code = "unauthorized"


class Forbidden(UnexpectedStatus):
    """The service does not permit this."""

    code = "forbidden"


class NotFound(UnexpectedStatus):
    """The service does not know what was asked for."""

    code = "notFound"


class Conflict(UnexpectedStatus):
    """The request does not fit the present state at the service."""

    code = "conflict"


class MismatchedDevices(Conflict):
    """A message was not addressed to exactly the devices of an account."""

    code = "mismatchedDevices"

    def __init__(self, missing: tuple[int, ...] = (), extra: tuple[int, ...] = ()) -> None:
        super().__init__(status=409)
        self.missing = missing
        self.extra = extra


class Gone(UnexpectedStatus):
    """What was asked for is no longer there."""

    code = "gone"


class StaleDevices(Gone):
    """Sessions with some devices are older than those devices."""

    code = "staleDevices"

    def __init__(self, stale: tuple[int, ...] = ()) -> None:
        super().__init__(status=410)
        self.stale = stale


class RecipientMismatch(UnexpectedStatus):
    """A message to several accounts was not addressed to exactly their devices.

    ``accounts`` maps a service id's text to a MismatchedDevices or a StaleDevices.
    """

    code = "recipientMismatch"

    def __init__(self, status: int, accounts: dict[str, MismatchedDevices | StaleDevices]) -> None:
        super().__init__(status=status)
        self.accounts = accounts


class DeviceLimitExceeded(UnexpectedStatus):
    """The account has as many devices as the service permits."""

    code = "deviceLimitExceeded"
    hint = "remove a device that is no longer used"

    def __init__(self, current: int | None = None, maximum: int | None = None) -> None:
        super().__init__(status=411)
        self.current = current
        self.maximum = maximum


class PreconditionFailed(UnexpectedStatus):
    """The service no longer takes this from the account's kind of device."""

    code = "preconditionFailed"


class PayloadTooLarge(UnexpectedStatus):
    """What was sent is larger than the service accepts."""

    code = "payloadTooLarge"


class CodeTransportImpossible(UnexpectedStatus):
    """The verification code cannot be sent in this way."""

    code = "codeTransportImpossible"
    hint = "try the other way: a text message, or a call with --voice"


class InvalidRequest(UnexpectedStatus):
    """The service refused a value in the request."""

    code = "invalidRequest"


class RegistrationLocked(UnexpectedStatus):
    """The account is protected by a registration lock PIN."""

    code = "registrationLocked"
    exit_code = 1
    hint = "hand in its PIN with --pin; without it the lock ends when the account was not used for seven days"

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
    """The service wants proof that a person sends this."""

    code = "challengeRequired"
    exit_code = 5
    hint = "solve the captcha and hand it in with submitRateLimitChallenge, or wait"

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

    code = "captchaRejected"
    exit_code = 6
    hint = "solve a new captcha from the same network and use its link at once"


class RateLimited(UnexpectedStatus):
    """The service limits the rate of such requests."""

    code = "rateLimited"
    exit_code = 5
    hint = "wait before trying again"


class CodeProviderRefused(UnexpectedStatus):
    """The provider that sends verification codes refused."""

    code = "codeProviderRefused"

    def __init__(self, reason: str = "", *, permanent: bool = False) -> None:
        super().__init__(status=440)
        self.reason = reason
        self.permanent = permanent


class TotpRequired(UnexpectedStatus):
    """The account is protected by a one-time password, which is missing or wrong."""

    code = "totpRequired"
    hint = "such an account cannot be registered here yet: use the official app, and link this machine to it"


class UseWebsocket(UnexpectedStatus):
    """The service no longer takes this request outside the websocket."""

    code = "useWebsocket"


class ClientRefused(UnexpectedStatus):
    """The service no longer accepts this version of the client."""

    code = "clientRefused"
    hint = "install the newest version of sigcli"


class ServerRejected(UnexpectedStatus):
    """The service rejects such requests at present."""

    code = "serverRejected"
    hint = "wait a longer while before trying again"


class ServerUnavailable(UnexpectedStatus):
    """The service has trouble of its own."""

    code = "serverUnavailable"
    hint = "try again later"


# --- the account on disk --------------------------------------------------------------------------


class StoreError(SigcliError):
    """The account on disk cannot be used."""

    code = "storeError"


class DatabaseTooNew(StoreError):
    """The account was last used by a newer version of sigcli; it was left as it is."""

    code = "databaseTooNew"
    exit_code = 1
    hint = "install the newest version of sigcli"


class DatabaseDamaged(StoreError):
    """The database of the account is damaged."""

    code = "databaseDamaged"
    hint = "restore the account's folder from a backup, or link again"


class AccountIncomplete(StoreError):
    """The account lacks something that every account has."""

    code = "accountIncomplete"
    exit_code = 1
    hint = "finish the registration (sigcli verify), or link again"


class DatabaseMissing(StoreError):
    """The folder of the account holds no database."""

    code = "databaseMissing"
    exit_code = 1
    hint = "restore the account's folder, or remove the account (sigcli deleteLocalAccountData)"


class DiskFull(StoreError):
    """There is no space left on the disk; nothing of this step was kept."""

    code = "diskFull"
    exit_code = 1
    hint = "free some space and run the command again"


class StorageUnwritable(StoreError):
    """The data directory cannot be read or written."""

    code = "storageUnwritable"
    exit_code = 1
    hint = "check owner, permissions and mount options of the data directory"


class AccountsFileDamaged(StoreError):
    """accounts.toml is damaged."""

    code = "accountsFileDamaged"
    exit_code = 1
    hint = "mend it with an editor or restore it from a backup; the accounts' folders are untouched"


class ConfigFileInvalid(StoreError):
    """config.toml is not valid."""

    code = "configFileInvalid"
    exit_code = 1


class LockTimeout(StoreError):
    """Another process held the account for too long.

    ``pid`` names it, where the system tells.
    """

    code = "lockTimeout"
    exit_code = 3
    hint = "try again, wait longer with --lock-timeout SECONDS, or look at what that process does"

    def __init__(self, message: str | None = None, *, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class ReceiverBusy(StoreError):
    """Another process receives for this account."""

    code = "receiverBusy"
    exit_code = 3
    hint = "stop it, or let it receive: one receiver at a time"

    def __init__(self, pid: int) -> None:
        super().__init__(f"process {pid} already receives for this account")
        self.pid = pid


class LeaseLost(StoreError):
    """Another process has taken over receiving for this account."""

    code = "leaseLost"
    exit_code = 3


class TransactionMisuse(StoreError):
    """A bug in sigcli: the database was written outside a transaction, or one began inside another."""

    code = "transactionMisuse"
    hint = "run the command again with -v and report what it prints"


# --- sending ----------------------------------------------------------------------------------


class SendFailed(UserError):
    """The message reached nobody."""

    code = "sendFailed"
    hint = "the results name the reason for each recipient (-o json shows them)"


class SendUntrusted(SigcliError):
    """The identity key of every recipient has changed or is not trusted; nothing was sent."""

    code = "untrustedIdentity"
    exit_code = 4
    hint = (
        "compare safety numbers (sigcli listIdentities -n RECIPIENT), then sigcli trust RECIPIENT"
    )


class SendRateLimited(SigcliError):
    """The service accepts no more messages for now."""

    code = "rateLimited"
    exit_code = 5
    hint = "wait as long as the result says, or answer its challenge with sigcli submitRateLimitChallenge"


class SendNetworkFailed(SigcliError):
    """The service could not be reached; nothing was sent."""

    code = "networkFailure"
    exit_code = 3
    hint = "check the network and run the same command again"


class SendUnregistered(UserError):
    """Nobody among the recipients is registered with the service."""

    code = "unregistered"
    hint = "check the number or service id"


class NoRecipients(UserError):
    """No recipients given."""

    code = "noRecipients"
    hint = "name a recipient (+number, ACI, PNI:…) or use --note-to-self"


class OutputUnwritable(UserError):
    """Standard output cannot be written."""

    code = "outputUnwritable"
    hint = "see where the output goes: it may be closed, or on a full disk"


class NothingToSend(UserError):
    """There is no message to send."""

    code = "nothingToSend"
    hint = "give a text with -m or --message-from-stdin, or an attachment with -a"


class NothingToReport(UserError):
    """No message of this person is remembered."""

    code = "nothingToReport"
    hint = "messages are remembered for 30 days; --server-guid names one by envelope.serverGuid of receive --json"


class UnknownRecipient(UserError):
    """Nobody is known by this name."""

    code = "unknownRecipient"
    hint = "name a number (+15550100), an ACI, PNI:…, an alias of config.toml or the exact name of a contact"


class AmbiguousRecipient(UserError):
    """Several contacts have this name."""

    code = "ambiguousRecipient"
    hint = "name one of them by number or ACI; sigcli listContacts shows both"


class PersonNotRegistered(UserError):
    """Nobody with the service is called so.

    ``number`` or ``username`` is what was looked up, as far as it is known.
    """

    code = "unregistered"

    def __init__(
        self,
        message: str | None = None,
        *,
        number: str | None = None,
        username: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.number = number
        self.username = username


class NumberNotRegistered(PersonNotRegistered):
    """This number is not registered with the service."""

    hint = "check the number"


class UsernameNotRegistered(PersonNotRegistered):
    """Nobody has this username."""

    hint = "check the username: people change theirs; a new username link leads to the new one"


class DiscoveryUnavailable(UserError):
    """The number is not known here, and contact discovery is not available."""

    code = "discoveryUnavailable"
    hint = "use the person's ACI; a contact sync or a message from that number makes it known"


class AttachmentUnreadable(UserError):
    """An attachment cannot be read."""

    code = "attachmentUnreadable"
    hint = "check the name of the file, and who may read it"


class AttachmentRefused(UserError):
    """A file of the data directory is not sent to anybody."""

    code = "attachmentRefused"
    hint = "it holds keys and messages of the account: copy the file elsewhere if you mean it"


class AttachmentTooLarge(UserError):
    """The attachment is larger than the service takes."""

    code = "attachmentTooLarge"


class StillRegistered(UserError):
    """The service still knows this device; its data was not deleted."""

    code = "stillRegistered"
    hint = "remove the device on the phone first, or delete with --ignore-registered"


class UnknownIdentity(UserError):
    """No identity key of this person is known yet."""

    code = "unknownIdentity"
    hint = "a key becomes known with the first message from or to somebody; sigcli listIdentities shows all"


class SafetyNumberMismatch(UserError):
    """The safety number is another one: nothing was trusted."""

    code = "safetyNumberMismatch"
    hint = (
        "compare all digits again with the person; a difference can mean that somebody listens in"
    )


class InvalidNumber(UserError):
    """This is not a phone number in its international form."""

    code = "invalidNumber"
    hint = "name it with -a: a plus, the country code, the number without its leading zero"


class NumberRequired(UserError):
    """This account has no phone number."""

    code = "numberRequired"
    hint = "use an account that has one; people find this one by its username (sigcli updateAccount -u)"


class SameNumber(UserError):
    """The account has this number already."""

    code = "sameNumber"
    hint = "name the new number"


class AlreadyRegistered(UserError):
    """The number is registered here, and the service takes its login."""

    code = "alreadyRegistered"
    hint = "there is nothing to do; --reregister registers it anew all the same"


class CaptchaRequired(UserError):
    """The service wants a captcha before it sends a code."""

    code = "captchaRequired"
    hint = "solve one and hand in its link with --captcha"


class WrongVerificationCode(UserError):
    """The verification code is wrong."""

    code = "wrongVerificationCode"
    hint = "look again and repeat sigcli verify; sigcli register has another code sent"


class NothingToVerify(UserError):
    """No verification of this number is under way."""

    code = "nothingToVerify"
    hint = "have a code sent first: sigcli -a NUMBER register"


class WrongPin(UserError):
    """The PIN is wrong.

    ``tries_left``: how many are left before what is kept behind the PIN is destroyed.
    """

    code = "wrongPin"
    hint = "run the command again with the right PIN; when no try is left, the data behind it are destroyed"

    def __init__(self, tries_left: int) -> None:
        tries = "1 try is" if tries_left == 1 else f"{tries_left} tries are"
        super().__init__(f"the PIN is wrong: {tries} left")
        self.tries_left = tries_left


class PinDataMissing(UserError):
    """Nothing is kept behind a PIN for this account: there never was, or the last try was used up."""

    code = "pinDataMissing"
    hint = "set a PIN with sigcli setPin once the account is registered"


class WeakPin(UserError):
    """A PIN has at least four characters, and its digits are neither all the same nor a row."""

    code = "weakPin"
    hint = "choose another one; letters are allowed"


class InvalidLinkUri(UserError):
    """This is not the link URI of a device."""

    code = "invalidLinkUri"
    hint = "the new device shows it, as a code or as text: sgnl://linkdevice?uuid=…&pub_key=…"


class NoDeviceWaiting(UserError):
    """No device waits to be linked by this URI."""

    code = "noDeviceWaiting"
    hint = "a link URI is good for 90 seconds and for one use: let the new device show a fresh one"


class DeviceNotLinked(UserError):
    """The new device has not finished linking."""

    code = "deviceNotLinked"
    hint = "look at what it says; sigcli listDevices shows whether it is linked after all"


class LinkTimedOut(UserError):
    """No phone has accepted the link code in time."""

    code = "linkTimedOut"
    hint = "run link again and scan the code under Settings, Linked devices"


class IncompleteProvisioning(ServiceError):
    """The phone did not send what a linked device needs."""

    code = "incompleteProvisioning"
    hint = "bring the app on the phone up to date and run link again"


class PrimaryOnly(UserError):
    """Only the account's primary device can change this."""

    code = "primaryOnly"
    hint = "change it in the app on the phone"


class LinkedDeviceOnly(UserError):
    """Only a linked device can ask the primary device; this is the primary one."""

    code = "linkedDeviceOnly"


class NoSuchDevice(UserError):
    """The account has no device with this number."""

    code = "noSuchDevice"
    hint = "sigcli listDevices shows them"


class PrimaryNotRemovable(UserError):
    """The primary device cannot be removed from its account."""

    code = "primaryNotRemovable"
    hint = "sigcli unregister stops receiving on it, sigcli unregister --delete-account ends the account"


class DeviceNameTooLong(UserError):
    """The device's name is too long."""

    code = "deviceNameTooLong"
    hint = "choose a name of at most 50 letters"


class NoProfileName(UserError):
    """The profile has no name yet."""

    code = "noProfileName"
    hint = "give one with --given-name"


class FileUnreadable(UserError):
    """A file cannot be read."""

    code = "fileUnreadable"
    hint = "check the path and its rights"


# --- stickers -------------------------------------------------------------------------------------------------------


class InvalidStickerPackLink(UserError):
    """This is no link to a sticker pack."""

    code = "invalidStickerPackLink"
    hint = "a link looks like https://signal.art/addstickers/#pack_id=...&pack_key=..."


class UnknownStickerPack(UserError):
    """No such sticker pack is known here."""

    code = "unknownStickerPack"
    hint = "sigcli listStickerPacks shows those that are; sigcli addStickerPack --uri LINK adds one"


class NoSuchSticker(UserError):
    """The sticker pack has no such sticker."""

    code = "noSuchSticker"
    hint = "sigcli --json listStickerPacks shows the numbers of a pack's stickers"


class StickerPackUnavailable(UserError):
    """The service does not have this sticker pack, or the key does not open it."""

    code = "stickerPackUnavailable"
    hint = "check the link: it may be cut short, or the pack may have been removed"


class InvalidStickerPack(UserError):
    """The folder or archive holds no sticker pack that could be uploaded."""

    code = "invalidStickerPack"
    hint = (
        "it needs a manifest.json with title, author and stickers; see STICKER PACKS in sigcli(1)"
    )


# --- stories --------------------------------------------------------------------------------------------------------


class NoStoryViewers(UserError):
    """Nobody would see the story."""

    code = "noStoryViewers"
    hint = "it goes to the people whom this account talks to; write to somebody first, or name a group with -g"


class UnsuitableStory(UserError):
    """A story is a picture or a video."""

    code = "unsuitableStory"
    hint = "send other files with sigcli send -a FILE"


# --- groups ---------------------------------------------------------------------------------------------------------


class InvalidGroupId(UserError):
    """A group id is base64 of 32 bytes."""

    code = "invalidGroupId"
    hint = "sigcli listGroups shows the ids"


class UnknownGroup(UserError):
    """No such group is known here."""

    code = "unknownGroup"
    hint = "sigcli listGroups shows the groups; one becomes known by a message, or by joinGroup"


class NotAGroupMember(UserError):
    """The account is not a member of the group."""

    code = "notAGroupMember"


class GroupChangeRefused(UserError):
    """The group does not allow this account to change that."""

    code = "groupChangeRefused"
    hint = "ask an administrator of the group"


class GroupSendRefused(UserError):
    """Only administrators may send to this group."""

    code = "groupSendRefused"


class LastAdministrator(UserError):
    """The account is the only administrator of the group."""

    code = "lastAdministrator"
    hint = "name somebody to take over with --admin"


class InvalidGroupLink(UserError):
    """This is no link to a group."""

    code = "invalidGroupLink"
    hint = "a link looks like https://signal.group/#..."


class GroupLinkInactive(UserError):
    """The group cannot be joined with this link."""

    code = "groupLinkInactive"
    hint = "ask a member for the present link"


class InvalidGroupChange(ProtocolError):
    """A group or a change of it does not hold together."""

    code = "invalidGroupChange"


class GroupConflict(ServiceError):
    """Others changed the group again and again meanwhile."""

    code = "groupConflict"
    hint = "try again"


class StorageConflict(ServiceError):
    """Other devices wrote to the storage service again and again meanwhile."""

    code = "storageConflict"
    hint = "sigcli receive tries again"


class StorageInconsistent(ServiceError):
    """What would be written to the storage service does not fit together: nothing is written."""

    code = "storageInconsistent"
    hint = "please report this; the account's contacts and groups are unharmed"


class GroupCredentialUnavailable(ServiceError):
    """The service gives no credential for the own profile, which membership in groups needs."""

    code = "groupCredentialUnavailable"
    hint = "give the profile a name with sigcli updateProfile, then try again"


# --- the sandbox ----------------------------------------------------------------------------------------------------


class SandboxFailed(UserError):
    """The sandbox does not start."""

    code = "sandboxFailed"


class SandboxNotRunning(UserError):
    """No sandbox is running for this environment file."""

    code = "sandboxNotRunning"
    hint = "start one with `sigcli sandbox run`"


class DemoFailed(SigcliError):
    """The demo has not come to its good end."""

    code = "demoFailed"
    hint = "what went wrong stands above; report it if this machine is not the reason"


class SandboxRefused(UserError):
    """The sandbox does not do that."""

    code = "sandboxRefused"


# --- the machine --------------------------------------------------------------------------------------------------


class MissingPrimitive(SigcliError):
    """The installed cryptography libraries lack a primitive that the Signal Protocol needs."""

    code = "missingPrimitive"
    exit_code = 1
    hint = "install the wheels of cryptography (48 or newer) and PyNaCl (1.6 or newer) from PyPI"
