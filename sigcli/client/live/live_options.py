"""What an account that is kept open leaves out, or does besides."""

from __future__ import annotations

from sigcli.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """As the options of ``receive`` of the same names."""

    ignore_attachments: bool = False
    ignore_stories: bool = False
    ignore_avatars: bool = False
    ignore_stickers: bool = False
    send_read_receipts: bool = False
