"""The steps from an empty database to today's: ``NNNN_subject.sql``, one for each schema version."""
