"""Accounts that are moved: taken over from signal-cli, backed up, restored."""

from __future__ import annotations

from sigcli.errors.base import UserError


class NoSignalCliData(UserError):
    """There is no signal-cli account in this folder."""

    hint = "give the folder with data/accounts.json as --source; signal-cli's default is ~/.local/share/signal-cli"


class SignalCliInUse(UserError):
    """signal-cli is using this account; nothing was changed."""

    hint = (
        "stop signal-cli and disable its service: two programs on the same sessions lose messages"
    )


class SignalCliTooOld(UserError):
    """The account was last used by a version of signal-cli that is too old; nothing was changed."""

    hint = "run any command of a current signal-cli on it once, such as listGroups: that brings the data up to date"


class SignalCliTooNew(UserError):
    """The account was last used by a version of signal-cli newer than this sigcli knows; nothing was changed."""

    hint = "install the newest version of sigcli"


class SignalCliDataDamaged(UserError):
    """What signal-cli stored for the account cannot be read; nothing was changed."""

    hint = "check whether signal-cli itself can still open the account; if it can, report this"


class BackupFileInvalid(UserError):
    """This is not a backup made by sigcli, or it is damaged."""

    hint = "use another copy of the file; nothing from this one was used"


class BackupNotOpened(UserError):
    """The backup cannot be opened with this passphrase or key."""

    hint = "check the passphrase or key file; nothing was changed"


class BackupTooNew(UserError):
    """The backup was made by a newer version of sigcli."""

    hint = "install the newest version of sigcli"


class OtherMayRun(UserError):
    """From here it cannot be told whether sigcli has stopped on the machine that was backed up."""

    hint = (
        "stop sigcli there for good, then add --yes-the-other-is-stopped: two machines with one device's keys lose"
        " messages"
    )
