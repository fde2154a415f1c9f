"""Errors about people that the user can fix: how they are named, their usernames, their identity keys."""

from __future__ import annotations

from sigcli.errors.base import SigcliError, UserError


class UnknownRecipient(UserError):
    """Nobody is known by this name."""

    hint = "name a number (+15550100), an ACI, PNI:…, an alias from config.toml or the exact name of a contact"


class AmbiguousRecipient(UserError):
    """Several contacts have this name."""

    hint = "name one of them by number or ACI; sigcli listContacts shows both"


class PersonNotRegistered(UserError):
    """Nobody on the service has this number or username.

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

    code = "unregistered"
    hint = "check the number"


class UsernameNotRegistered(PersonNotRegistered):
    """Nobody has this username."""

    code = "unregistered"
    hint = "check the username: people change theirs; a new username link leads to the new one"


class DiscoveryUnavailable(UserError):
    """The number is not known here, and contact discovery is not available.

    ``number`` is the one that was looked up.
    """

    hint = "use the person's ACI; a contact sync or a message from that number makes it known"

    def __init__(
        self, message: str | None = None, *, number: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.number = number


# --- usernames ---


class InvalidUsername(UserError):
    """This is not a username."""

    hint = "a username looks like name.42: letters, digits and _, then a dot and two or more digits"


class UsernameTooShort(InvalidUsername):
    """The nickname of the username is too short."""

    hint = "a nickname has 3 to 32 letters, digits or _"


class UsernameTooLong(InvalidUsername):
    """The nickname of the username is too long."""

    hint = "a nickname has 3 to 32 letters, digits or _"


class UsernameStartsWithDigit(InvalidUsername):
    """A username does not start with a digit."""

    hint = "start with a letter or _"


class BadUsernameCharacter(InvalidUsername):
    """A nickname may contain only the letters a to z, digits and _."""


class BadDiscriminator(InvalidUsername):
    """The username does not end in a valid number."""

    hint = "after the dot come two or more digits; three or more may not start with 0, and 00 is not allowed"


class UsernameTaken(UserError):
    """Someone else has this username."""

    hint = "choose another number after the dot, or give the nickname alone to get a free number"


class InvalidUsernameLink(UserError):
    """This is not a username link."""

    hint = "a username link looks like https://signal.me/#eu/…; copy the whole of it"


# --- identity keys and addresses ---


class UnknownIdentity(UserError):
    """No identity key for this person is known yet."""

    hint = "a key becomes known with the first message from or to a person; sigcli listIdentities shows all"


class SafetyNumberMismatch(UserError):
    """The safety number does not match: nothing was trusted."""

    hint = "compare all digits again with the person; a difference can mean that someone is listening in"


class AddressMoved(SigcliError):
    """A number or username now seems to belong to a different account than before."""

    exit_code = 4
    hint = (
        "ask the person, then run sigcli trust RECIPIENT -a, or -v with the safety number of the right account"
        " (sigcli listIdentities -n RECIPIENT shows both); the former account can be named by its ACI"
    )

    def __init__(
        self, message: str | None = None, *, number: str | None = None, username: str | None = None
    ) -> None:
        super().__init__(message)
        self.number = number
        self.username = username
