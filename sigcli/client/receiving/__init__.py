"""The receive loop: the lease, printing what arrived, follow-up jobs."""
