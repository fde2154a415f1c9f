"""signald's socket protocol for the programs that were written for it: v1 and v0 requests, answers, events."""
