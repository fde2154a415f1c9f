"""Results and received events as JSON: signal-cli's names, types and rules for null and omission, and more fields.

One module a family, imported only when something of it is there. What signal-cli's objects lack is added under names
of its own; secrets (profile keys, master keys, attachment keys) are in none.
"""
