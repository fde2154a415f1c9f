"""Accounts that are moved: taken over from signal-cli, backed up, restored."""

from __future__ import annotations

from sigcli.errors.base import UserError


class NoSignalCliData(UserError):
    """There is no account of signal-cli in this folder."""

    hint = "name the folder with data/accounts.json by --source; signal-cli has it in ~/.local/share/signal-cli"


class SignalCliInUse(UserError):
    """signal-cli is using this account; nothing was changed."""

    hint = (
        "stop signal-cli and disable its service: two programs on the same sessions lose messages"
    )


class SignalCliTooOld(UserError):
    """The account was last used by a signal-cli that is too old; nothing was changed."""

    hint = "run a command of a current signal-cli with it once, such as listGroups: that brings the data up to date"


class SignalCliTooNew(UserError):
    """The account was last used by a signal-cli that is newer than this sigcli knows; nothing was changed."""

    hint = "install the newest version of sigcli"


class SignalCliDataDamaged(UserError):
    """What signal-cli has stored of the account cannot be read; nothing was changed."""

    hint = "see whether signal-cli itself still opens the account; if it does, report this"


class BackupFileInvalid(UserError):
    """This is no backup of sigcli, or it is damaged."""

    hint = "take another copy of the file; nothing of this one was used"


class BackupNotOpened(UserError):
    """The backup cannot be opened with this passphrase or key."""

    hint = "check passphrase or key file; nothing was changed"


class BackupTooNew(UserError):
    """The backup was made by a newer version of sigcli."""

    hint = "install the newest version of sigcli"


class OtherMayRun(UserError):
    """Whether the machine that the backup is of has stopped cannot be seen from here."""

    hint = (
        "stop sigcli there for good, then add --yes-the-other-is-stopped: two machines with one device's keys lose"
        " messages"
    )
