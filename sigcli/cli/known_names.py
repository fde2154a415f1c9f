"""Words after ``-a FILE`` that may be people: whether a person has such a name, and what to say if nobody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import AttachmentUnreadable, NoRecipients, SigcliError

if TYPE_CHECKING:
    from sigcli.cli.arguments import Arranged
    from sigcli.cli.options import GlobalOptions


def is_person(word: str, options: GlobalOptions) -> bool:
    """Whether a word is an alias or the name of a contact."""
    from sigcli.cli.opening import opened
    from sigcli.store.recipients import given_names

    if word in (options.get("aliases") or {}):
        return True
    try:
        with opened(options) as account:
            names = given_names(account.database)
    except SigcliError:
        return False  # errors are reported when the command opens the account
    folded = word.casefold()
    return any(name.casefold() == folded for _, name, _ in names)


def explain(error: SigcliError, arranged: Arranged) -> None:
    """Add to an error's hint that words after an option were taken for files, if that may be the cause."""
    from sigcli.client.base.user_files import shown

    words = [shown(word) for word in arranged.taken_for_files]
    if isinstance(error, AttachmentUnreadable) and (arranged.may_be_people or len(words) > 1):
        words = [word for word in words if error.message.startswith(f"{word} ")]
    elif not isinstance(error, NoRecipients):
        return
    if words:
        error.hint = (
            f"{', '.join(map(repr, words))} came after -a and was taken for a file; put an alias or contact name"
            " before -a, after a file that exists, or after --"
        )
