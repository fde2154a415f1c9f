"""Raise an alert; say who takes it when somebody answers "ack": ``python ack_bot.py +15550101 "disk full"``."""

import sys

import sigcli


def raise_alert(me: sigcli.Account, to: str, text: str, timeout_s: float = 3600) -> bool:
    sent = me.send(to, text)
    for message in me.messages(timeout_s):
        if message.text == "ack":
            message.react("👍")
            sent.edit(f"{text}, taken by {message.sender.name}")
            return True
    return False


if __name__ == "__main__":
    with sigcli.open_account() as account:
        sys.exit(0 if raise_alert(account, sys.argv[1], sys.argv[2]) else 1)
