"""The devices of the account: linked, listed, renamed, removed."""
