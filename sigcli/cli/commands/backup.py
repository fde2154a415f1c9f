"""``sigcli backup`` and ``sigcli restore``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.errors import UsageError
from sigcli.operations.declaring import FILES, argument, operation, option

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions
    from sigcli.protocol.age_file import Opener

_LARGEST_SECRET = 64 * 1024
_RESTORE_WARNING = "an account may be used in one place only: make sure that sigcli has stopped for good on the other"


@operation
class _OnAgeFile(Command):
    """A command on an age file, which a passphrase or a key opens."""

    passphrase_file: str | None = option(
        "--passphrase-file",
        default=None,
        metavar="FILE",
        completes=FILES,
        help="the passphrase is the first line of this file",
    )
    key_file: str | None = option(
        "--key-file",
        default=None,
        metavar="FILE",
        completes=FILES,
        help="use the age identity in this file (age-keygen makes one)",
    )

    def check(self) -> None:
        if self.passphrase_file is not None and self.key_file is not None:
            raise UsageError("--passphrase-file and --key-file cannot be used together")

    def opener(self, *, asks_twice: bool) -> Opener:
        """What opens the file; asks for the passphrase if neither option is given. Raises UsageError."""
        from sigcli.protocol.age_file import Passphrase, read_identity

        if self.key_file is not None:
            return read_identity(_text_of(self.key_file))
        if self.passphrase_file is not None:
            text = _text_of(self.passphrase_file).partition("\n")[0].rstrip("\r")
        elif sys.stdin.isatty():
            text = _asked(asks_twice)
        else:
            raise UsageError(
                "which passphrase?", hint="name a file with --passphrase-file or --key-file"
            )
        if not text.strip():
            raise UsageError("the passphrase is empty")
        return Passphrase(text)


@operation
class Backup(_OnAgeFile):
    """Write an encrypted copy of an account to a file, while other commands run.

    Keys, sessions, messages that are kept, contacts, groups, attachments, pictures, stickers. The
    file has the age format (age -d opens it). Without an option the passphrase is asked for.
    """

    file: str = argument(
        metavar="FILE", completes=FILES, help="the file to write; an existing one is replaced"
    )

    def run(self, options: GlobalOptions) -> int:
        from sigcli.cli.opening import settings
        from sigcli.cli.stopping import end_like_interrupted
        from sigcli.client.moving.backup import write_backup

        end_like_interrupted()
        chosen = settings(options)
        chosen.data_directory.choose(chosen.account, chosen.stored_environment)
        opener = self.opener(asks_twice=True)
        length = write_backup(chosen, self.file, opener)
        if options.json:
            terminal.print_json({"file": self.file, "size": length})
        terminal.tell(
            f"written: {length} bytes; sigcli restore makes it an account again, once sigcli has stopped here"
        )
        return 0


@operation
class Restore(_OnAgeFile):
    """Make an account from its backup, to continue here instead of on the machine of the backup.

    Refused if the account is already here. Messages that came since the backup was made are requested again, as far as
    their senders still have them.
    """

    file: str = argument(metavar="FILE", completes=FILES, help="the file that sigcli backup wrote")
    yes_the_other_is_stopped: bool = option(
        "--yes-the-other-is-stopped",
        default=False,
        help="confirm that sigcli no longer runs with this account on the other machine",
    )
    offline: bool = option(
        "--offline",
        default=False,
        help="do not contact the service; the next receive does so",
    )

    def run(self, options: GlobalOptions) -> int:
        from sigcli.cli.opening import settings
        from sigcli.cli.stopping import end_like_interrupted
        from sigcli.client.moving.backup import restore_backup
        from sigcli.errors import OtherMayRun

        end_like_interrupted()
        terminal.tell(_RESTORE_WARNING)
        if not self.yes_the_other_is_stopped:
            raise OtherMayRun
        restored = restore_backup(
            settings(options),
            self.file,
            self.opener(asks_twice=False),
            other_is_stopped=True,
            offline=self.offline,
        )
        account = restored.account
        if options.json:
            shape = {"number": account.number, "uuid": str(account.aci), "madeMs": restored.made_ms}
            terminal.print_json(shape)
        else:
            terminal.print_line(f"Restored: {account.label}")
        return 0


def _asked(asks_twice: bool) -> str:
    from getpass import getpass

    text = getpass("Passphrase: ")
    if asks_twice and getpass("Repeat it: ") != text:
        raise UsageError(
            "the two passphrases differ", hint="nothing was written: run the command again"
        )
    return text


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(_LARGEST_SECRET)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text") from error
