"""An account's life: registered, linked, kept up, changed, ended."""
