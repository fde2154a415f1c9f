"""Who calls, and what they may: tokens, callers, and what is looked at before a request over TCP is heard."""
