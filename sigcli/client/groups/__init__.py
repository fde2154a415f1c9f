"""Groups: fetched and changed at the service, kept in the store, written to with sender keys."""
