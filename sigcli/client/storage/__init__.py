"""The account's records in the storage service, and the database: read, merged field by field, written back."""
