"""Errors about messages that the user can fix: whether they got through, and what they hold."""

from __future__ import annotations

from sigcli.errors.base import SigcliError, UserError


class SendFailed(UserError):
    """The message reached nobody."""

    hint = "the results name the reason for each recipient (-o json shows them)"


class SendUntrusted(SigcliError):
    """The identity key of every recipient has changed or is not trusted; nothing was sent."""

    code = "untrustedIdentity"
    exit_code = 4
    hint = (
        "compare safety numbers (sigcli listIdentities -n RECIPIENT), then"
        " sigcli trust RECIPIENT -v 'SAFETY NUMBER' (or -a, without comparing)"
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

    hint = "name a recipient (+number, ACI, PNI:…) or use --note-to-self"


class OutputUnwritable(UserError):
    """Standard output cannot be written."""

    hint = "check where the output goes: it may be closed, or its disk may be full"


class NothingCame(UserError):
    """Nothing that was waited for has arrived."""

    hint = "other messages that arrived are printed by the next sigcli receive; -t SECONDS waits longer"

    def __init__(self, timeout_s: float | None) -> None:
        within = "before the queue was empty" if timeout_s is None else f"within {timeout_s:g} s"
        super().__init__(f"nothing that was waited for arrived {within}")


class NothingToSend(UserError):
    """There is no message to send."""

    hint = "give a text with -m or --message-from-stdin, or an attachment with -a"


class NothingToReport(UserError):
    """No message from this person is remembered."""

    hint = "messages are remembered for 30 days; --server-guid names one by envelope.serverGuid of receive --json"


class AttachmentUnreadable(UserError):
    """An attachment cannot be read."""

    hint = "check the file's name and permissions"


class AttachmentRefused(UserError):
    """This file holds secrets of the data directory and is never sent."""

    hint = "it holds keys and messages of the account: copy it elsewhere first if you really want to send it"


class AttachmentTooLarge(UserError):
    """The attachment is larger than the service accepts."""


class AppLimitExceeded(UserError):
    """This is more than other people's apps accept."""

    hint = "shorten it, or send it in parts"


class NotOneEmoji(UserError):
    """This is not exactly one emoji."""

    hint = "give a single emoji, with its skin tone if it has one"


class UnsuitableViewOnce(UserError):
    """A view-once message holds exactly one picture or video, and nothing else."""

    hint = "send the text and other files as separate messages"


class PictureTooLarge(UserError):
    """The picture is larger than the service accepts."""

    hint = "make it smaller first; a picture of 1000 by 1000 pixels is enough"


class NobodyInGroup(UserError):
    """There is nobody else in the group: the message reached nobody."""

    hint = "sigcli listGroups -d shows its people; those who are invited get messages once they have accepted"
