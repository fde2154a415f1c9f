"""sigcli for asyncio: ``open_account`` and ``Account`` whose calls are awaited, over the same objects.

async with sigcli.aio.open_account("+15550100") as me:
    async for message in me.messages():
        await me.reply(message, "got it")
"""

from __future__ import annotations

from sigcli.library.aio import Account, Stream, open_account

__all__ = ["Account", "Stream", "open_account"]
