"""``doctor``: looks at everything that a working account needs, and says what to do. It mends nothing by itself."""
