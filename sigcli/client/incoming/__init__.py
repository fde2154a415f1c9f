"""Messages on their way in: received, decrypted, applied, stored, printed, followed up."""
