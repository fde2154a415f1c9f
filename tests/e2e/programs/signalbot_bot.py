"""A bot as its users write it: ``python -m tests.e2e.programs.signalbot_bot SERVICE NUMBER TOKEN FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from signalbot import (
    BearerAuthConfig,
    Config,
    CreatePoll,
    DataMessageContext,
    DataMessageHandler,
    ReceiptType,
    SendMessage,
    SignalBot,
    SQLiteConfig,
)


class Answer(DataMessageHandler):
    """Does what the text of a message says."""

    async def handle_data_message(self, context: DataMessageContext) -> None:
        text = context.message.text
        if text == "ping":
            await context.start_typing()
            await context.send_receipt(ReceiptType.READ)
            await context.react("👍")
            sent = await context.reply(SendMessage(text="pong"))
            await context.edit(SendMessage(text="pong, edited"), sent)
            await context.stop_typing()
        elif text == "picture":
            count = len(context.message.attachments or [])
            await context.send(SendMessage(text=f"got {count}", base64_attachments=[DOT]))
        elif text == "poll":
            await context.create_poll(CreatePoll(question="Tea?", answers=["yes", "no"]))
        elif text:
            await context.send(SendMessage(text=f"heard {text}"))


DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def main(service: str, number: str, token: str, folder: str) -> None:
    options: dict[str, Any] = {
        "phone_number": number,
        "signal_service": service,
        "auth": BearerAuthConfig(token=token),
        "storage": SQLiteConfig(db=str(Path(folder) / "bot.db")),
        "logging_level": 10,
    }
    bot = SignalBot(Config(**options))
    bot.register(Answer())
    bot.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
