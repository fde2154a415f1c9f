"""JSON-RPC 2.0 in signal-cli's form: from lines or bodies to answers. Independent of the channel."""
