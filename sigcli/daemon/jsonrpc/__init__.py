"""JSON-RPC 2.0 as signal-cli has it: from lines or bodies to answers. No channel is known here."""
