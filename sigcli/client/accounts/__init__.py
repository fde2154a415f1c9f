"""An account's life: registered, kept up, changed, ended."""
