"""Errors about options, accounts, numbers, devices and PINs that the user can fix."""

from __future__ import annotations

from sigcli.errors.base import UserError


class UsageError(UserError):
    """The command line is incomplete or not understood."""

    code = "usage"
    hint = "sigcli --help lists the commands, sigcli COMMAND --help shows what a command takes"


class NoLocalAccount(UserError):
    """There is no account in the data directory."""

    hint = "link this computer to a phone (sigcli link) or register a number (sigcli register)"


class OnlySignalCliAccounts(NoLocalAccount):
    """The data directory is signal-cli's, and its accounts have not been imported."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} is a data directory of signal-cli, whose accounts have not been imported",
            hint=f"stop signal-cli, then: sigcli --data-dir '{path}' import signal-cli --source '{path}'",
        )
        self.path = path


class SeveralLocalAccounts(UserError):
    """There is more than one account in the data directory."""

    hint = "name one with -a NUMBER; sigcli listAccounts shows them"


class UnknownLocalAccount(UserError):
    """The named account is not in the data directory."""

    hint = "sigcli listAccounts shows the accounts in this data directory; sigcli link or sigcli register adds one"


class AccountExists(UserError):
    """The account is already in the data directory."""

    hint = "sigcli deleteLocalAccountData removes what is stored here for an account"


class NoSuchFile(UserError):
    """There is no such file in the account's folder."""


class ValueTooLong(UserError):
    """A value is longer than its field allows."""


class InvalidAccountEntropyPool(UserError):
    """This is not an account entropy pool (recovery key)."""

    hint = "a recovery key has 64 letters and digits"


class AccountClosed(UserError):
    """The account was closed."""

    hint = "open it again with sigcli.open_account"


class StillRegistered(UserError):
    """The service still knows this device; its data was not deleted."""

    hint = "remove the device on the phone first, or delete with --ignore-registered"


class InvalidNumber(UserError):
    """This is not a phone number in its international form."""

    hint = "write it as a plus, the country code and the number without its leading zero"


class NumberRequired(UserError):
    """This account has no phone number."""

    hint = "use an account that has one; people find this one by its username (sigcli updateAccount -u)"


class SameNumber(UserError):
    """The account has this number already."""

    hint = "name the new number"


class AlreadyRegistered(UserError):
    """The number is registered here, and the service accepts its login."""

    hint = "there is nothing to do; --reregister registers it again anyway"


class CaptchaRequired(UserError):
    """Captcha required for verification: the service wants one before it sends a code."""

    hint = "solve one and pass its link with --captcha"


class WrongVerificationCode(UserError):
    """The verification code is wrong."""

    hint = "check it and run sigcli verify again; sigcli register requests another code"


class AlreadyVerified(UserError):
    """The number is registered here and no verification is under way."""

    exit_code = 3  # as signal-cli's
    hint = "there is nothing to do; sigcli register --reregister requests another code"


class NothingToVerify(UserError):
    """No verification of this number is under way."""

    hint = "request a code first: sigcli -a NUMBER register"


class WrongPin(UserError):
    """The PIN is wrong.

    ``tries_left``: how many remain before the data that the PIN protects is destroyed.
    """

    hint = "run the command again with the right PIN; when no tries are left, the data that it protects is destroyed"

    def __init__(self, tries_left: int) -> None:
        tries = "1 try is" if tries_left == 1 else f"{tries_left} tries are"
        super().__init__(f"the PIN is wrong: {tries} left")
        self.tries_left = tries_left


class PinDataMissing(UserError):
    """There is no data protected by a PIN for this account: there never was any, or the last try was used up."""

    hint = "set a PIN with sigcli setPin once the account is registered"


class WeakPin(UserError):
    """A PIN has at least four characters, and its digits are neither all the same nor in sequence."""

    hint = "choose another one; letters are allowed too"


class InvalidLinkUri(UserError):
    """This is not the link URI of a device."""

    hint = "the new device shows it, as a code or as text: sgnl://linkdevice?uuid=…&pub_key=…"


class NoDeviceWaiting(UserError):
    """No device is waiting to be linked with this URI."""

    hint = "a link URI is valid for 90 seconds and for one use: let the new device show a fresh one"


class DeviceNotLinked(UserError):
    """The new device has not finished linking."""

    hint = "check what it says; sigcli listDevices shows whether it is linked after all"


class LinkTimedOut(UserError):
    """No phone has accepted the link code in time."""

    hint = "run link again and scan the code under Settings, Linked devices"


class PrimaryOnly(UserError):
    """Only the account's primary device can change this."""

    hint = "change it in the app on the phone"


class LinkedDeviceOnly(UserError):
    """Only a linked device can ask the primary device; this is the primary one."""


class NoSuchDevice(UserError):
    """The account has no device with this number."""

    hint = "sigcli listDevices shows them"


class PrimaryNotRemovable(UserError):
    """The primary device cannot be removed from its account."""

    hint = "sigcli unregister stops receiving on it, sigcli unregister --delete-account ends the account"


class DeviceNameTooLong(UserError):
    """The device's name is too long."""

    hint = "choose a name of at most 50 characters"


class NoProfileName(UserError):
    """The profile has no name yet."""

    hint = "give one with --given-name"


class FileUnwritable(UserError):
    """A file cannot be written."""

    hint = "check the path, its permissions and the space on the disk"


class FileUnreadable(UserError):
    """A file cannot be read."""

    hint = "check the path and its permissions"
